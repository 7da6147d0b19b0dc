/** What others have written is text on every page, and its characters that nobody sees are written out. */
import { afterAll, beforeAll, expect } from 'vitest';
import { PAGES } from '../../src/console/pages.ts';
import { startReceiver } from '../support/receiver.ts';
import { createTenant } from '../support/tenant.ts';
import { browserTest, setGround, type Ground } from './ground.ts';

const NAME = '<img src=x onerror="window.hacked = 1">\u202Egro\u2066\u200B';

const CREATE_KEY = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret userErrors { message } } }`;

let ground: Ground;
let scene: Awaited<ReturnType<typeof setHostileScene>>;

beforeAll(async () => {
  ground = await setGround();
  scene = await setHostileScene(ground);
});

afterAll(async () => {
  await scene?.[Symbol.asyncDispose]();
  await ground?.[Symbol.asyncDispose]();
});

/** An organization in which every text that somebody can write is hostile. */
async function setHostileScene({ product: { platform, url } }: Ground) {
  await using stack = new AsyncDisposableStack();
  const { organization } = await platform.run(
    'mutation ($name: String!) { createOrganization(input: { name: $name }) { organization { id } userErrors { message } } }',
    { name: NAME },
  );
  await platform.run(
    `mutation ($name: String!) {
      createEventType(input: { name: "hostile.named", category: $name, displayName: $name, description: $name }) {
        eventType { name } userErrors { message }
      }
    }`,
    { name: NAME },
  );
  const scopes = ['TARGETS_WRITE', 'EVENTS_READ', 'EVENTS_PUBLISH', 'DELIVERIES_WRITE', 'API_KEYS_MANAGE'];
  const { secret } = await platform.run(CREATE_KEY, { input: { name: NAME, scopes, organizationId: organization.id } });
  const tenant = await createTenant(url, secret);
  stack.defer(() => tenant.stop());
  const receiver = stack.use(await startReceiver({ status: 500, body: NAME }));
  const target = await tenant.createTarget({ url: receiver.url, name: NAME, description: NAME, customerIds: [NAME] });
  const event = await tenant.publish('hostile.named', { [NAME]: NAME }, { customerId: NAME, tags: [NAME] });
  const [delivery] = event.deliveries;
  await tenant.reached(delivery.id, 'RETRYING');
  const begin =
    'mutation ($input: CreateReplayInput!) { createReplay(input: $input) { replay { id } userErrors { message } } }';
  const createdAt = { gte: new Date(Date.parse(event.createdAt) - 3_600_000), lt: event.createdAt };
  const scope = { mode: 'ALL', targetId: target.id, customerId: NAME, createdAt };
  const { replay } = await tenant.run(begin, { input: { scope } });
  const ids: Readonly<Record<string, string>> = {
    '/deliveries': delivery.id,
    '/events': event.id,
    '/targets': target.id,
    '/event-types': 'hostile.named',
    '/replays': replay.id,
  };
  const hostile = encodeURIComponent(NAME);
  const searches: Readonly<Record<string, string>> = {
    '/events/publish': `?type=${hostile}`,
    '/replays/new': `?targetId=${hostile}`,
  };
  const owned = stack.move();
  return {
    organizationId: organization.id as string,
    addressOf: (path: string): string =>
      path.replace(/^(\/\w[\w-]*)\/:\w+/, (_, page: string) => `${page}/${ids[page]}`) + (searches[path] ?? ''),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

for (const { path } of PAGES) {
  browserTest(`${path} shows what others have written as text that hides nothing`, async () => {
    const { apiKey } = ground.product.platform;
    const { organizationId, addressOf } = scene;
    await using visit = await ground.visit(addressOf(path), { apiKey, organizationId });
    await visit.page.getByRole('heading', { level: 1 }).waitFor();
    await expect.poll(() => visit.page.getByLabel('Loading').count()).toBe(0);
    const texts = await visit.page.evaluate(shownTexts);
    expect(texts.join('\n')).toContain('⟨U+202E⟩gro⟨U+2066⟩⟨U+200B⟩'); // The banner at least.
    expect(texts.filter((text) => /[\u202E\u2066\u200B]/.test(text))).toEqual([]);
    expect(await visit.page.locator('img').count()).toBe(0);
    expect(visit.problems).toEqual([]);
  });
}

/** In the page: all that is drawn or read out, but the content of fields, which is there to be changed. */
function shownTexts(): string[] {
  const texts: string[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement?.tagName === 'TEXTAREA') continue;
    if (node instanceof Element) {
      for (const name of ['title', 'aria-label', 'label', 'placeholder', 'alt'])
        texts.push(node.getAttribute(name) ?? '');
    } else texts.push(node.nodeValue ?? '');
  }
  return texts.filter((text) => text !== '');
}

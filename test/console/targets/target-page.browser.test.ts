/** Targets in a real browser: created, edited, tried, held back and deleted, before a real receiver. */
import { afterAll, beforeAll, expect } from 'vitest';
import type { Page } from 'playwright-core';
import { verifyWebhook } from '../../../src/verify/index.ts';
import { startReceiver } from '../../support/receiver.ts';
import { browserTest, setGround, type Ground } from '../ground.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await setGround({ EVENT_CATALOGS: 'dakota' });
});

afterAll(() => ground?.[Symbol.asyncDispose]());

async function setup(path = '/targets') {
  await using stack = new AsyncDisposableStack();
  const receiver = stack.use(await startReceiver());
  const tenant = await ground.product.tenant();
  const visit = stack.use(await ground.visit(path, { apiKey: tenant.apiKey }));
  const owned = stack.move();
  return { receiver, tenant, visit, page: visit.page, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true });
const openMore = (page: Page) => page.getByText('More: customers').click();
const link = (page: Page, name: string | RegExp) => page.getByRole('link', { name, exact: true });

browserTest(
  'a target is created with chosen types and a filter, and its secret is shown once and verifies',
  async () => {
    await using scene = await setup('/targets/new');
    const { page, tenant, receiver } = scene;
    await tenant.publish('user.created', { country: 'CH' });
    await tenant.publish('user.created', { country: 'DE' });

    await page.getByLabel('URL').fill(receiver.url);
    await page.getByLabel('Name', { exact: true }).fill('Ledger');
    await page.getByLabel('Chosen event types').check();
    await page.getByLabel('Find event types').fill('user.created');
    await page.getByLabel(/^user\.created/).check();
    await openMore(page);
    await button(page, 'Add a condition').click();
    await page.getByLabel('Field').fill('data.country');
    await page.getByLabel('Value').fill('CH');
    const trial = page.getByLabel('The filter, tried on recent events');
    await expect
      .poll(() => trial.getByRole('listitem').allTextContents())
      .toEqual([expect.stringContaining('Not sent'), expect.stringMatching(/^✓ Sent/)]);
    await button(page, 'Create the target').click();

    const secret = await page.getByLabel('The signing secret').locator('code').first().innerText();
    expect(secret).toMatch(/^whsec_/);
    await button(page, 'Python').click();
    expect(await page.getByLabel('Python code that verifies a request').innerText()).toContain('def is_genuine');
    await link(page, 'I have stored it: go to the target').click();
    await page.getByRole('heading', { level: 1, name: 'Ledger' }).waitFor();
    expect(await page.content()).not.toContain(secret);

    await tenant.publish('user.created', { country: 'DE' });
    await tenant.publish('user.created', { country: 'CH' });
    const { headers, body } = await receiver.next();
    expect(String(body)).toContain('"CH"');
    const now = new Date(1_000 * Number(headers['webhook-timestamp']));
    expect(await verifyWebhook({ headers, body, secrets: [secret], now })).toMatchObject({ ok: true });
    expect(receiver.requests).toHaveLength(1);
    expect(scene.visit.problems).toEqual([]);
  },
);

browserTest('what the service refuses stands beside its field, and nothing is created', async () => {
  await using scene = await setup('/targets/new');
  const { page, tenant } = scene;
  await page.getByLabel('URL').fill('ftp://example.com/');
  await openMore(page);
  await page.getByLabel('Requests in a second').fill('20000');
  await openMore(page); // Again: it is closed. What is wrong in it opens it.
  await button(page, 'Create the target').click();
  const url = page.getByLabel('URL');
  await expect.poll(() => url.getAttribute('aria-invalid')).toBe('true');
  const described = (await url.getAttribute('aria-describedby'))!.split(' ').at(-1)!;
  expect(await page.locator(`[id="${described}"]`).innerText()).toMatch(/https/);
  expect(await page.getByLabel('Requests in a second').getAttribute('aria-invalid')).toBe('true');
  expect(await page.getByLabel('Requests in a second').isVisible()).toBe(true);
  expect((await tenant.run('{ webhookTargets { nodes { id } } }')).nodes).toEqual([]);
});

browserTest('the list shows a target that fails, since when and how often, as it happens', async () => {
  await using scene = await setup();
  const { page, tenant, receiver } = scene;
  await page.getByText('There are no targets yet').waitFor();
  const target = await tenant.createTarget({ url: receiver.url, name: 'Search', eventTypes: ['user.created'] });
  const row = page.getByRole('row', { name: /Search/ });
  await row.waitFor();
  const first = await tenant.publish('user.created');
  await tenant.reached(first.deliveries[0].id, 'DELIVERED');
  await expect.poll(() => row.innerText()).toContain('Healthy');
  await ground.product.advance(1_000); // An attempt is newer than what the row shows if it ends later.
  receiver.respondWith(500);
  const second = await tenant.publish('user.created');
  await tenant.reached(second.deliveries[0].id, 'RETRYING');
  await expect.poll(() => row.innerText()).toMatch(/Failing since.*once/s);
  await tenant.updateTarget({ id: target.id, status: 'PAUSED' });
  await expect.poll(() => row.innerText()).toContain('Paused');
  expect(scene.visit.problems).toEqual([]);
});

browserTest('names with markup and with text that runs backwards are shown as text', async () => {
  await using scene = await setup();
  const { page, tenant, receiver } = scene;
  const name = '<img src=x onerror=alert(1)>\u202eevil';
  await tenant.createTarget({ url: receiver.url, name });
  await expect
    .poll(() => page.locator('main bdi').first().textContent())
    .toBe('<img src=x onerror=alert(1)>⟨U+202E⟩evil');
  expect(await page.locator('main img').count()).toBe(0);
  expect(scene.visit.problems).toEqual([]);
});

browserTest('a test event is sent, and the page shows how it arrives', async () => {
  await using scene = await setup();
  const { page, tenant, receiver } = scene;
  const target = await tenant.createTarget({ url: receiver.url, name: 'Ledger' });
  receiver.respondWith({ status: 503, body: 'later' });
  await page.goto(`${ground.origin}/targets/${target.id}`);
  await button(page, 'Send a test event').click();
  await page.getByLabel('Event type').selectOption('user.created');
  await button(page, 'Send').click();
  const arrival = page.getByLabel('The test event');
  await expect.poll(() => arrival.innerText()).toMatch(/Retrying.*user\.created.*Answered 503/s);
  receiver.respondWith(204);
  await button(page, 'Send another').click();
  await expect.poll(() => arrival.innerText()).toMatch(/Delivered.*Answered 204/s);
  expect(scene.visit.problems).toEqual([]);
});

browserTest('a target is paused, resumed, disabled and enabled again', async () => {
  await using scene = await setup();
  const { page, tenant, receiver } = scene;
  const target = await tenant.createTarget({ url: receiver.url, name: 'Ledger' });
  await page.goto(`${ground.origin}/targets/${target.id}`);
  const status = async () => (await tenant.target(target.id)).status;
  const actions = page.getByRole('group', { name: 'Actions' });
  const primary = () => actions.locator('button.primary').allInnerTexts();
  await button(page, 'Pause').waitFor();
  expect(await primary()).toEqual(['Send a test event']);
  await button(page, 'Pause').click();
  await button(page, 'Resume').waitFor();
  expect(await status()).toBe('PAUSED');
  expect(await primary()).toEqual(['Resume']);
  await button(page, 'Resume').click();
  await button(page, 'Disable').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
  await button(page, 'Enable').waitFor();
  expect(await status()).toBe('DISABLED');
  expect(await primary()).toEqual(['Enable']);
  expect(await button(page, 'Send a test event').count()).toBe(0); // It would be refused.
  await button(page, 'Enable').click();
  await button(page, 'Pause').waitFor();
  expect(await status()).toBe('ACTIVE');
  expect(scene.visit.problems).toEqual([]);
});

browserTest('a rotated secret is shown once, and counts down until the old one stops', async () => {
  await using scene = await setup();
  const { page, tenant, receiver } = scene;
  const target = await tenant.createTarget({ url: receiver.url, name: 'Ledger', eventTypes: ['user.created'] });
  await page.goto(`${ground.origin}/targets/${target.id}`);
  await button(page, 'Rotate the secret').click();
  await page.getByLabel('The old secret goes on signing for').selectOption('3600');
  await button(page, 'Make a new secret').click();
  const dialog = page.getByRole('dialog', { name: 'The new secret' });
  await expect.poll(() => dialog.innerText()).toMatch(/stops signing in \d+ min \d\d s|stops signing in 1 h/);
  const secret = await dialog.locator('code').first().innerText();
  await tenant.publish('user.created');
  const { headers, body } = await receiver.next();
  const now = new Date(1_000 * Number(headers['webhook-timestamp']));
  for (const one of [secret, target.secret]) {
    expect(await verifyWebhook({ headers, body, secrets: [one], now })).toMatchObject({ ok: true });
  }
  await button(page, 'I have stored it').click();
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
  expect(scene.visit.problems).toEqual([]);
});

browserTest('a target is made to get its events in order, and its page says what that means', async () => {
  await using scene = await setup('/targets/new');
  const { page, tenant, receiver } = scene;
  const orderOf = (id: string) =>
    tenant.run('query ($id: ID!) { webhookTarget(id: $id) { ordering afterFailure } }', { id });
  const afterFailure = page.getByRole('group', { name: 'When every attempt of an event has failed' });
  await page.getByLabel('URL').fill(receiver.url);
  await page.getByLabel('Name', { exact: true }).fill('Ledger');
  expect(await afterFailure.count()).toBe(0);
  await page.getByLabel('In order for each ordering key').check();
  await afterFailure.getByLabel('Wait for a person').check();
  await button(page, 'Create the target').click();
  await link(page, 'I have stored it: go to the target').click();
  await page.getByRole('heading', { level: 1, name: 'Ledger' }).waitFor();
  const configuration = page.getByRole('region', { name: 'Configuration' });
  await configuration.getByText('In order for each ordering key').waitFor();
  await configuration.getByText('Wait for a person').waitFor();
  const id = new URL(page.url()).pathname.split('/')[2]!;
  expect(await orderOf(id)).toEqual({ ordering: 'KEY', afterFailure: 'HOLD' });

  await page.goto(`${ground.origin}/targets/${id}/edit`);
  await page.getByLabel('In no order').check();
  await page.getByText('What is open keeps its place.').waitFor();
  await afterFailure.getByLabel('Go on with the next one').check();
  expect(await scene.visit.findings()).toEqual([]);
  await button(page, 'Save').click();
  await configuration.getByText('In no order').waitFor();
  expect(await orderOf(id)).toEqual({ ordering: 'NONE', afterFailure: 'SKIP' });
  expect(scene.visit.problems).toEqual([]);
});

browserTest('only what was edited is sent, and a target is deleted after its host was typed', async () => {
  await using scene = await setup();
  const { page, tenant, receiver } = scene;
  const target = await tenant.createTarget({ url: receiver.url, name: 'Ledger', description: 'old' });
  await page.goto(`${ground.origin}/targets/${target.id}/edit`);
  await page.getByLabel('Name', { exact: true }).fill('Main ledger');
  await tenant.updateTarget({ id: target.id, description: 'changed meanwhile' });
  await button(page, 'Save').click();
  await page.getByRole('heading', { level: 1, name: 'Main ledger' }).waitFor();
  expect(await tenant.target(target.id)).toMatchObject({ name: 'Main ledger', description: 'changed meanwhile' });

  await button(page, 'Delete').click();
  const remove = button(page, 'Delete for good');
  expect(await remove.isDisabled()).toBe(true);
  await page.getByLabel(/^Type /).fill(new URL(receiver.url).host);
  await remove.click();
  await page.getByText('There are no targets yet').waitFor();
  expect(await tenant.target(target.id)).toBeNull();
  expect(scene.visit.problems).toEqual([]);
});

browserTest(
  'the newest deliveries to a target stand on its page, as they happen, and the failed ones apart',
  async () => {
    await using scene = await setup();
    const { page, tenant, receiver } = scene;
    const target = await tenant.createTarget({ url: receiver.url, name: 'Ledger', eventTypes: ['user.created'] });
    await tenant.createTarget({ url: receiver.url, name: 'Search', eventTypes: ['user.deleted'] });
    for (let nth = 0; nth < 11; nth++) await tenant.publish('user.created', { nth });
    await page.goto(`${ground.origin}/targets/${target.id}`);
    const recent = page.getByRole('region', { name: 'Recent deliveries' });
    const rows = recent.locator('.rows [role=row]');
    await expect.poll(() => rows.count()).toBe(10);
    receiver.respondWith(503);
    const failing = await tenant.publish('user.created');
    await tenant.publish('user.deleted');
    const first = recent.locator(`.rows [role=row]:has(a[href="/deliveries/${failing.deliveries[0].id}"])`);
    await expect.poll(() => first.innerText()).toMatch(/Retrying\s+in \d+ min.*user\.created.*503.*1 of 10/s);
    await expect.poll(() => rows.count()).toBe(10);
    expect(await recent.getByText('user.deleted').count()).toBe(0);
    await recent.getByRole('button', { name: 'Retrying' }).click();
    await expect.poll(() => rows.count()).toBe(1);
    expect(await recent.getByRole('link', { name: 'All deliveries' }).getAttribute('href')).toBe(
      `/deliveries?targetId=${target.id}&status=RETRYING`,
    );
    const configuration = page.getByRole('region', { name: 'Configuration' });
    for (const [width, isBeside] of [
      [1_280, true],
      [800, false],
      [360, false],
    ] as const) {
      await page.setViewportSize({ width, height: 800 });
      const [one, other] = [(await recent.boundingBox())!, (await configuration.boundingBox())!];
      expect(isBeside ? one.x + one.width <= other.x && one.y === other.y : one.y + one.height <= other.y).toBe(true);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    }
    await first.getByRole('link').first().click();
    await page.waitForURL(`**/deliveries/${failing.deliveries[0].id}`);
    expect(scene.visit.problems).toEqual([]);
  },
);

browserTest('how requests are verified stands on the page of a target, and its secret does not', async () => {
  await using scene = await setup();
  const { page, tenant, receiver } = scene;
  const target = await tenant.createTarget({ url: receiver.url, name: 'Ledger' });
  await page.goto(`${ground.origin}/targets/${target.id}`);
  const configuration = page.getByRole('region', { name: 'Configuration' });
  await configuration.getByText('It was shown once, when it was made.').waitFor();
  await configuration.locator('summary').focus();
  await page.keyboard.press('Enter');
  await configuration.getByRole('button', { name: 'Go', exact: true }).click();
  await configuration.getByLabel('Go code that verifies a request').waitFor();
  expect(await page.content()).not.toContain(target.secret);
  expect(await scene.visit.findings()).toEqual([]);
  await page.setViewportSize({ width: 360, height: 800 });
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
  expect(scene.visit.problems).toEqual([]);
});

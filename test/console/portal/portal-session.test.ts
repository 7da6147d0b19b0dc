/** How the portal renews its session in the middle of work: by its timer, with a site that answers late or wrongly. */
import { afterAll, beforeAll, expect } from 'vitest';
import { browserTest } from '../ground.ts';
import { setEmbedded, type Embedded } from './embedded.ts';

/** Of a session, as the portal's documentation has it: an hour, and a new token a minute before its end. */
const [HOUR_MS, MINUTE_MS] = [3_600_000, 60_000];
/** The service ends a stream up to 5 s after its session. */
const LONG = { timeout: 180_000 };
/** Longer than the portal waits for the site. */
const PATIENCE_MS = 16_000;

let embedded: Embedded;
let site: Embedded['site'];
let ground: Embedded['ground'];

beforeAll(async () => {
  embedded = await setEmbedded();
  ({ site, ground } = embedded);
});

afterAll(() => embedded?.[Symbol.asyncDispose]());

/**
 * A customer before the list of deliveries in the portal.
 * `pass` moves the time of the service, which stands still, and of the page.
 */
async function setup() {
  const tenant = await ground.product.tenant();
  await tenant.createTarget({ url: 'http://127.0.0.1:65000/', status: 'PAUSED', eventTypes: ['user.created'] });
  const visit = await embedded.visitSite({
    tenant,
    prepare: (page) => page.clock.install({ time: ground.product.clock.now() }),
  });
  const { frame } = visit;
  await frame.getByRole('heading', { level: 1, name: 'Deliveries' }).waitFor();
  await frame.locator('.connection[data-state="live"]').waitFor();
  await frame.evaluate(() => void (document.body.dataset['mark'] = 'the same page'));
  const refusals: string[] = [];
  visit.page.on('response', (response) => {
    if (response.status() === 401) refusals.push(response.url());
  });
  return {
    ...visit,
    refusals,
    token: () => frame.evaluate(() => sessionStorage.getItem('hookcast.portal')),
    async pass(ms: number): Promise<void> {
      await ground.product.advance(ms);
      await visit.page.clock.fastForward(ms);
    },
    [Symbol.asyncDispose]: () => visit[Symbol.asyncDispose](),
  };
}

/** The page is the one that was there before, and it goes on live. */
async function expectGoingOn({ frame, tenant }: Pick<Awaited<ReturnType<typeof setup>>, 'frame' | 'tenant'>) {
  const event = await tenant.publish('user.created');
  await frame.locator(`a[href$="${event.deliveries[0].id}"]`).waitFor();
  expect(await frame.getByText('Your access has ended').count()).toBe(0);
  expect(await frame.evaluate(() => document.body.dataset['mark'])).toBe('the same page');
}

browserTest(
  'a minute before its end the portal asks the site for the next session, again and again',
  LONG,
  async () => {
    await using t = await setup();
    const [before, first] = [site.sessions(), await t.token()];
    await t.pass(HOUR_MS - 10 * MINUTE_MS);
    await expectGoingOn(t);
    expect(site.sessions()).toBe(before);
    await t.pass(9 * MINUTE_MS);
    await expect.poll(t.token).not.toBe(first);
    expect(site.sessions()).toBe(before + 1);
    await t.pass(2 * MINUTE_MS); // The first session has ended.
    await expectGoingOn(t);
    const second = await t.token();
    await t.pass(HOUR_MS - 3 * MINUTE_MS); // A minute before the end of the second.
    await expect.poll(t.token).not.toBe(second);
    expect(site.sessions()).toBe(before + 2);
    await expectGoingOn(t);
    expect(t.refusals).toEqual([]);
    expect(t.problems).toEqual([]);
  },
);

browserTest(
  'a site that answers late is waited for: before the end nothing is said, after it the page goes on',
  LONG,
  async () => {
    await using t = await setup();
    const [before, first] = [site.sessions(), await t.token()];
    const held = site.hold();
    await t.pass(HOUR_MS - MINUTE_MS);
    await expect.poll(() => site.sessions()).toBe(before + 1);
    await t.pass(PATIENCE_MS);
    await expectGoingOn(t);
    expect(await t.token()).toBe(first);

    await t.pass(MINUTE_MS);
    await expect.poll(() => site.sessions()).toBe(before + 2);
    await t.pass(PATIENCE_MS);
    await t.frame.getByRole('alert').getByText('Your access has ended').waitFor();
    held.release();
    await expect.poll(() => t.frame.getByText('Your access has ended').count()).toBe(0);
    expect(await t.token()).not.toBe(first);
    await expectGoingOn(t);
  },
);

browserTest('a session of another organization renews nothing, and its own goes on', LONG, async () => {
  await using t = await setup();
  const other = await ground.product.tenant();
  await other.createTarget({ url: 'http://127.0.0.1:65000/', status: 'PAUSED', name: 'Not theirs' });
  await other.publish('user.created');
  const [before, first] = [site.sessions(), await t.token()];
  site.signIn({ ...t.customer, apiKey: other.apiKey }); // Somebody else has signed in, in another tab.
  await t.pass(HOUR_MS - MINUTE_MS);
  await expect.poll(() => site.sessions()).toBe(before + 1);
  await t.pass(PATIENCE_MS);
  await expectGoingOn(t);
  expect(await t.token()).toBe(first);

  await t.pass(MINUTE_MS); // Its own has ended, and the site still knows the other one only.
  await expect.poll(() => site.sessions()).toBeGreaterThan(before + 1);
  await t.pass(PATIENCE_MS);
  await t.frame.getByRole('alert').getByText('Your access has ended').waitFor();
  expect(await t.token()).toBe(first);
  expect(await t.frame.getByText('Not theirs').count()).toBe(0);

  site.signIn(t.customer);
  await t.frame.getByRole('button', { name: 'Ask for access again' }).click();
  await expect.poll(t.token).not.toBe(first);
  await expectGoingOn(t);
  expect(await t.frame.getByText('Not theirs').count()).toBe(0);
});

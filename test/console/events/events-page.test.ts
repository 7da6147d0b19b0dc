import { afterAll, beforeAll, expect } from 'vitest';
import { browserTest, setGround, type Ground } from '../ground.ts';
import { startReceiver } from '../../support/receiver.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await setGround({ EVENT_CATALOGS: 'dakota' });
});

afterAll(() => ground?.[Symbol.asyncDispose]());

browserTest('an event comes by itself, and is filtered by customer, type and tag', async () => {
  const tenant = await ground.product.tenant();
  await using visit = await ground.visit('/events', { apiKey: tenant.apiKey });
  const { page } = visit;
  // The making of its API key is an event of the organization too.
  await page.getByRole('row').filter({ hasText: 'api_key.created' }).waitFor();
  const one = await tenant.publish('user.created', {}, { customerId: 'cus_1', tags: ['order:7'] });
  const other = await tenant.publish('user.deleted', {}, { customerId: 'cus_2' });
  const rows = page.locator('.rows [role=row]');
  await expect.poll(() => rows.count()).toBe(3);
  for (const [field, text] of [
    ['Customer', 'cus_1'],
    ['Event type', 'user.created'],
    ['Tag', 'order:7'],
  ] as const) {
    await page.getByLabel(field, { exact: true }).fill(text);
    await page.keyboard.press('Enter');
    await expect.poll(() => rows.count()).toBe(1);
    await rows.filter({ hasText: one.id }).waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await rows.filter({ hasText: other.id }).waitFor();
  }
  expect(visit.problems).toEqual([]);
});

browserTest('an event shows its deliveries to all targets as they happen, and why others got none', async () => {
  await using receiver = await startReceiver(500);
  const tenant = await ground.product.tenant();
  const url = (path: string): string => new URL(path, receiver.url).href;
  await tenant.createTarget({ url: url('/a'), name: 'Ledger', eventTypes: ['user.created'] });
  await tenant.createTarget({ url: url('/b'), name: 'Search', eventTypes: ['user.*'] });
  await tenant.createTarget({ url: url('/c'), name: 'Billing', eventTypes: ['wallet.created'] });
  await tenant.createTarget({ url: url('/d'), name: 'Of others', customerIds: ['cus_9'] });
  const event = await tenant.publish('user.created', { id: 'u' }, { customerId: 'cus_1' });
  await using visit = await ground.visit(`/events/${event.id}`, { apiKey: tenant.apiKey });
  const { page } = visit;
  const row = (name: string) => page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
  await row('Ledger').getByText('Retrying').waitFor();
  receiver.respondWith(200);
  await ground.product.advance(3_600_000);
  await row('Ledger').getByText('Delivered').waitFor();
  await row('Search').getByText('Delivered').waitFor();
  const others = page.getByRole('region', { name: 'Targets that did not get it' });
  const billing = others.getByRole('listitem').filter({ hasText: 'Billing' });
  expect(await billing.innerText()).toContain('It is not subscribed to this event type.');
  const ofOthers = others.getByRole('listitem').filter({ hasText: 'Of others' });
  expect(await ofOthers.innerText()).toContain('It receives events of other customers only.');
  expect(await others.getByRole('listitem').count()).toBe(2);
  await billing.getByRole('button', { name: 'Send it there' }).click();
  await page.waitForURL('**/deliveries/*');
  await page.getByRole('log').getByText('Attempt 1: delivered (200)').waitFor();
  expect(visit.problems).toEqual([]);
});

browserTest(
  'what became of an event stands before its body, counted, however many targets did not get it',
  async () => {
    await using receiver = await startReceiver(({ url }) => (url === '/broken' ? 500 : 200));
    const tenant = await ground.product.tenant();
    const url = (path: string): string => new URL(path, receiver.url).href;
    await tenant.createTarget({ url: url('/a'), name: 'Ledger', eventTypes: ['user.created'] });
    await tenant.createTarget({ url: url('/b'), name: 'Search', eventTypes: ['user.created'] });
    await tenant.createTarget({ url: url('/broken'), name: 'Billing', eventTypes: ['user.created'] });
    for (let nth = 1; nth <= 7; nth++) {
      await tenant.createTarget({ url: url(`/other/${nth}`), name: `Other ${nth}`, eventTypes: ['wallet.created'] });
    }
    const event = await tenant.publish('user.created', { id: 'u' });
    for (const width of [1_280, 360]) {
      await using visit = await ground.visit(`/events/${event.id}`, { apiKey: tenant.apiKey, width });
      const { page } = visit;
      const deliveries = page.getByRole('region', { name: /^Deliveries/ });
      await deliveries.getByText('2 delivered, 1 retrying', { exact: true }).waitFor();
      const others = page.getByRole('region', { name: 'Targets that did not get it' });
      await expect.poll(() => others.getByRole('listitem').count()).toBe(5);
      const topOf = async (part: typeof others): Promise<number> => (await part.boundingBox())!.y;
      const body = page.getByLabel('Body that targets receive', { exact: true });
      const tops = [await topOf(deliveries), await topOf(others), await topOf(body)];
      expect(tops.toSorted((one, other) => one - other)).toEqual(tops);
      await others.getByRole('button', { name: '2 more' }).click();
      await expect.poll(() => others.getByRole('listitem').count()).toBe(7);
      expect(await visit.findings()).toEqual([]);
      expect(visit.problems).toEqual([]);
    }
  },
);

const REPLAY = `mutation ($input: CreateReplayInput!) { createReplay(input: $input) { replay { id } userErrors { message } } }`;

browserTest('of two deliveries to the same target, that of a replay says so and leads to it', async () => {
  await using receiver = await startReceiver();
  const tenant = await ground.product.tenant();
  const target = await tenant.createTarget({ url: receiver.url, name: 'Ledger', eventTypes: ['user.created'] });
  const event = await tenant.publish('user.created', { id: 'u' });
  await tenant.reached(event.deliveries[0].id, 'DELIVERED');
  const hour = 3_600_000;
  const [gte, lt] = [-hour, hour].map((ms) => new Date(Date.parse(event.createdAt) + ms).toISOString());
  // Events of the last 20 seconds wait until all that were published with them are committed.
  await ground.product.advance(25_000);
  const scope = { mode: 'ALL', targetId: target.id, createdAt: { gte, lt } };
  const { replay } = await tenant.run(REPLAY, { input: { scope } });
  await using visit = await ground.visit(`/events/${event.id}`, { apiKey: tenant.apiKey });
  const { page } = visit;
  const rows = page.locator('.rows [role=row]');
  await expect.poll(() => rows.count()).toBe(2);
  const marks = page.getByRole('link', { name: 'By a replay' });
  expect(await marks.count()).toBe(1);
  expect(await rows.filter({ has: marks }).innerHTML()).not.toContain(event.deliveries[0].id);
  expect(await marks.getAttribute('href')).toBe(`/replays/${replay.id}`);
  expect(visit.problems).toEqual([]);
});

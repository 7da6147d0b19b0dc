/** The overview of organization webhooks: lists, delivery events, retries. */
import { afterAll, expect, test } from 'vitest';
import { startProduct } from '../support/product.ts';
import { startReceiver } from '../support/receiver.ts';
import { DELIVERY, RETRY, TARGET } from '../support/tenant.ts';

const t = await startProduct();
afterAll(() => t.stop());

const URL = 'https://example.com/webhooks';
const PAGE = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';
const LIST = `query ($first: Int, $after: String, $last: Int, $before: String) {
  webhookTargets(first: $first, after: $after, last: $last, before: $before) { nodes { ${TARGET} } ${PAGE} }
}`;
const DELIVERIES = `query ($first: Int, $after: String, $last: Int, $before: String, $filter: DeliveryFilter) {
  deliveries(first: $first, after: $after, last: $last, before: $before, filter: $filter) { nodes { ${DELIVERY} } ${PAGE} }
}`;

const ids = ({ nodes }: any): string[] => nodes.map(({ id }: any) => id);

/** Makes several, a second apart, and returns their ids, newest first. */
async function inTurn(count: number, make: () => Promise<string>): Promise<string[]> {
  const made: string[] = [];
  for (; made.length < count; await t.advance(1_000)) made.unshift(await make());
  return made;
}

type Lists = { readonly tenant: Awaited<ReturnType<typeof t.tenant>>; readonly query: string; readonly all: string[] };

const LISTS: [string, () => Promise<Lists>][] = [
  [
    'webhooks',
    async () => {
      const tenant = await t.tenant();
      const all = await inTurn(5, async () => (await tenant.createTarget({ url: URL })).id);
      return { tenant, query: LIST, all };
    },
  ],
  [
    'delivery events',
    async () => {
      const tenant = await t.tenant();
      for (const url of [`${URL}/1`, `${URL}/2`])
        await tenant.createTarget({ url, status: 'PAUSED', customerIds: [url] });
      let turn = 0;
      const publish = () => tenant.publish('user.created', {}, { customerId: `${URL}/${1 + (turn++ % 2)}` });
      return { tenant, query: DELIVERIES, all: await inTurn(5, async () => (await publish()).deliveries[0].id) };
    },
  ],
];

// ------------------------------------------------------------------ list webhooks, list delivery events

test.each(LISTS)('overview: listing %s is paginated: each page gives the cursor of the next', async (_, setup) => {
  const { tenant, query, all } = await setup();
  const seen: string[] = [];
  let after: string | null = null;
  for (let hasNextPage = true; hasNextPage;) {
    const page: any = await tenant.run(query, { first: 2, after });
    seen.push(...ids(page));
    ({ hasNextPage, endCursor: after } = page.pageInfo);
  }
  expect(seen).toEqual(all);
});

test.each(LISTS)('overview: listing %s is paginated in reverse by a cursor too', async (_, setup) => {
  const { tenant, query, all } = await setup();
  const end = await tenant.run(query, { last: 2 });
  expect(ids(end)).toEqual(all.slice(-2));
  const before = await tenant.run(query, { last: 2, before: end.pageInfo.startCursor });
  expect(ids(before)).toEqual(all.slice(1, 3));
});

test.each(LISTS)('overview: listing %s: the page size is bounded by a maximum of 100', async (_, setup) => {
  const { tenant, query, all } = await setup();
  expect(ids(await tenant.run(query, { first: 100 }))).toEqual(all);
  const { errors } = (await tenant.ask(query, { first: 101 })).body;
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' }, message: expect.stringContaining('100') }]);
});

test.each(LISTS)('overview: listing %s shows those of the organization only, newest first', async (_, setup) => {
  const { tenant, query, all } = await setup();
  expect(ids(await tenant.run(query))).toEqual(all);
  expect(ids(await (await t.tenant()).run(query))).toEqual([]);
});

// ------------------------------------------------------------------ delivery events

/** One delivery of each status the document names, to two endpoints. */
async function setupDeliveries() {
  const receiver = await startReceiver(({ url }) => (url === '/hook/good' ? 200 : 422));
  const tenant = await t.tenant();
  const good = await tenant.createTarget({ url: `${receiver.url}/good`, eventTypes: ['user.created'] });
  const held = await tenant.createTarget({
    url: `${receiver.url}/held`,
    eventTypes: ['user.updated'],
    status: 'PAUSED',
  });
  const bad = await tenant.createTarget({ url: `${receiver.url}/bad`, eventTypes: ['user.deleted'] });
  const publish = async (type: string) => (await tenant.publish(type)).deliveries[0].id as string;
  const delivered = await publish('user.created');
  await tenant.reached(delivered, 'DELIVERED');
  const failed = await publish('user.deleted');
  for (let number = 1; number < 10; number++) {
    await tenant.reached(failed, 'RETRYING', number);
    await t.advance(Date.parse((await tenant.delivery(failed)).nextAttemptAt) - t.clock.now().getTime());
  }
  await tenant.reached(failed, 'FAILED', 10);
  const pending = await publish('user.updated');
  return { tenant, receiver, good, held, bad, delivered, failed, pending, [Symbol.asyncDispose]: receiver.close };
}

test('overview: delivery events: the list spans all endpoints, newest first', async () => {
  await using d = await setupDeliveries();
  expect(ids(await d.tenant.run(DELIVERIES))).toEqual([d.pending, d.failed, d.delivered]);
});

test.each([
  ['pending', 'PENDING'],
  ['delivered', 'DELIVERED'],
  ['failed', 'FAILED'],
] as const)('overview: delivery events: the filter by status %s', async (name, status) => {
  await using d = await setupDeliveries();
  expect(ids(await d.tenant.run(DELIVERIES, { filter: { status: [status] } }))).toEqual([d[name]]);
});

test('overview: delivery events: webhook_id narrows the list to one endpoint', async () => {
  await using d = await setupDeliveries();
  expect(ids(await d.tenant.run(DELIVERIES, { filter: { targetId: d.bad.id } }))).toEqual([d.failed]);
});

test('overview: a delivery event by id is the object of the list, and of no other organization', async () => {
  await using d = await setupDeliveries();
  const { nodes } = await d.tenant.run(DELIVERIES, { filter: { targetId: d.bad.id } });
  expect(await d.tenant.delivery(d.failed)).toEqual(nodes[0]);
  expect(await (await t.tenant()).delivery(d.failed)).toBeNull();
});

test('overview: retry queues a failed delivery for another attempt, and says so', async () => {
  await using d = await setupDeliveries();
  const now = t.clock.now().toISOString();
  const answer = Promise.withResolvers<number>();
  d.receiver.respondWith(() => answer.promise);
  const { __typename, delivery } = await d.tenant.retry(d.failed);
  expect(__typename).toBe('RetryDeliveryPayload');
  expect(delivery).toMatchObject({ __typename: 'Delivery', id: d.failed, status: 'RETRYING', nextAttemptAt: now });
  answer.resolve(200);
  await d.tenant.reached(d.failed, 'DELIVERED', 11);
  expect(await d.tenant.delivery(d.failed)).toMatchObject({ attemptCount: 11, deliveredAt: now });
});

test('overview: retry: the organization must own the webhook of the delivery', async () => {
  await using d = await setupDeliveries();
  expect(await (await t.tenant()).refused(RETRY, { id: d.failed })).toMatchObject([{ code: 'NOT_FOUND' }]);
  expect(await d.tenant.delivery(d.failed)).toMatchObject({ status: 'FAILED', attemptCount: 10 });
});

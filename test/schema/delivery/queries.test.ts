import { expect, test } from 'vitest';
import { setup } from '../setup.ts';

type Nodes = { readonly nodes: readonly { readonly id: string }[] };
const idsOf = ({ nodes }: Nodes): string[] => nodes.map(({ id }) => id);

async function setupDeliveries() {
  const t = await setup();
  const deliveries = async (filter: object | null): Promise<string[]> => {
    const query = 'query ($filter: DeliveryFilter) { deliveries(filter: $filter) { nodes { id } totalCount } }';
    const { deliveries: list } = await t.query(query, { filter });
    expect(list.totalCount).toBe(list.nodes.length);
    return idsOf(list);
  };
  return Object.assign(t, { filtered: deliveries });
}

test('deliveries are filtered by status, in one order whatever the number of states', async () => {
  await using t = await setupDeliveries();
  const statuses = ['PENDING', 'FAILED', 'DELIVERED', 'RETRYING', 'FAILED', 'CANCELLED', 'DELIVERED'] as const;
  const all: { id: string; status: string }[] = [];
  for (const status of statuses) all.unshift({ id: (await t.deliveries(1, { status }))[0]!, status });
  const of = (...wanted: string[]) => all.filter(({ status }) => wanted.includes(status)).map(({ id }) => id);

  expect(await t.filtered({ status: ['FAILED'] })).toEqual(of('FAILED'));
  expect(await t.filtered({ status: ['DELIVERED', 'FAILED', 'DELIVERED'] })).toEqual(of('DELIVERED', 'FAILED'));
  expect(await t.filtered({ status: [...statuses] })).toEqual(of(...statuses));
  expect(await t.filtered({ status: [] })).toEqual([]);
  expect(await t.filtered({ status: null })).toEqual(of(...statuses));
  expect(await t.filtered(null)).toEqual(of(...statuses));
});

test('a filter by several states pages through both of their rows', async () => {
  await using t = await setup();
  const mixed: string[] = [];
  for (const status of ['FAILED', 'PENDING', 'FAILED', 'DELIVERED', 'PENDING'] as const) {
    const [id] = await t.deliveries(1, { status });
    if (status !== 'DELIVERED') mixed.unshift(id!);
  }
  const PAGE = `query ($after: String) { deliveries(first: 3, after: $after, filter: { status: [FAILED, PENDING] }) {
    nodes { id } pageInfo { hasNextPage hasPreviousPage endCursor } } }`;
  const one = (await t.query(PAGE)).deliveries;
  const two = (await t.query(PAGE, { after: one.pageInfo.endCursor })).deliveries;
  expect([...idsOf(one), ...idsOf(two)]).toEqual(mixed);
  expect([one.pageInfo.hasNextPage, two.pageInfo.hasNextPage]).toEqual([true, false]);
  expect([one.pageInfo.hasPreviousPage, two.pageInfo.hasPreviousPage]).toEqual([false, true]);
});

test('deliveries are filtered by target, event, type and time, and all of them together', async () => {
  await using t = await setupDeliveries();
  const start = t.clock.now();
  const first = await t.delivery({ eventType: 'customer.created' });
  await t.clock.advance(60_000);
  const middle = t.clock.now();
  const second = await t.delivery({ targetId: first.targetId });
  await t.clock.advance(60_000);
  const third = await t.delivery();

  expect(await t.filtered({ targetId: first.targetId })).toEqual([second.id, first.id]);
  expect(await t.filtered({ eventId: third.eventId })).toEqual([third.id]);
  expect(await t.filtered({ eventType: ['customer.created', 'nothing.like.it'] })).toEqual([first.id]);
  expect(await t.filtered({ eventType: [] })).toEqual([]);
  expect(await t.filtered({ eventType: ['customer.*'] })).toEqual([first.id]);
  expect(await t.filtered({ eventType: ['customer.*', 'transaction.auto.*'] })).toEqual([
    third.id,
    second.id,
    first.id,
  ]);
  expect(await t.filtered({ eventType: ['custom.*', '*'] })).toEqual([]);
  expect(await t.filtered({ createdAt: { gte: middle.toISOString() } })).toEqual([third.id, second.id]);
  expect(await t.filtered({ createdAt: { lt: middle.toISOString() } })).toEqual([first.id]);
  expect(await t.filtered({ createdAt: { gte: start.toISOString(), lt: middle.toISOString() } })).toEqual([first.id]);
  expect(await t.filtered({ createdAt: { gte: middle.toISOString(), lt: start.toISOString() } })).toEqual([]);
  expect(await t.filtered({ createdAt: { gte: '0001-01-01T00:00:00Z', lt: '9999-12-31T23:59:59Z' } })).toHaveLength(3);
  const together = {
    targetId: first.targetId,
    eventId: second.eventId,
    status: ['PENDING'],
    eventType: ['transaction.auto.updated'],
  };
  expect(await t.filtered(together)).toEqual([second.id]);
  expect(await t.filtered({ ...together, eventId: third.eventId })).toEqual([]);
});

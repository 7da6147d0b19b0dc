import { expect, test } from 'vitest';
import { setup } from '../setup.ts';

const NUL = 'a\0b';
const HALF = '\ud800';

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

test('a range of time goes by created_at, even where ids were made a little later', async () => {
  await using t = await setupDeliveries();
  const target = await t.fixtures.target({ organizationId: t.own });
  const createdAt = t.clock.now();
  await t.clock.advance(5_000);
  const { id } = await t.fixtures.delivery({ organizationId: t.own, targetId: target.id, createdAt });
  const at = (ms: number) => new Date(createdAt.getTime() + ms).toISOString();
  expect(await t.filtered({ createdAt: { gte: at(0), lt: at(1) } })).toEqual([id]);
  expect(await t.filtered({ createdAt: { gte: at(1) } })).toEqual([]);
  expect(await t.filtered({ createdAt: { lt: at(0) } })).toEqual([]);
});

test('an unknown, malformed or unstorable value in a filter matches nothing', async () => {
  await using t = await setupDeliveries();
  await t.delivery();
  for (const text of [t.fixtures.ids.next(), 'nonsense', '', NUL, HALF, '%']) {
    expect([text, await t.filtered({ targetId: text })]).toEqual([text, []]);
    expect([text, await t.filtered({ eventId: text })]).toEqual([text, []]);
    expect([text, await t.filtered({ eventType: [text] })]).toEqual([text, []]);
    const rest = `query ($text: String!) {
      eventType(name: $text) { name }
      byCategory: eventTypes(filter: { category: $text }) { name }
      events(filter: { eventType: [$text] }) { nodes { id } }
      ofCustomer: events(filter: { customerId: $text }) { nodes { id } }
      webhookTargets(filter: { eventType: $text }) { nodes { id } } }`;
    expect(await t.query(rest, { text })).toEqual({
      eventType: null,
      byCategory: [],
      events: { nodes: [] },
      ofCustomer: { nodes: [] },
      webhookTargets: { nodes: [] },
    });
  }
});

test('events are filtered by type, customer and time', async () => {
  await using t = await setup();
  const { fixtures, own: organizationId } = t;
  const first = await fixtures.event({ organizationId, customerId: 'c_1' });
  await t.clock.advance(1_000);
  const second = await fixtures.event({ organizationId, customerId: 'c_2', eventType: 'customer.created' });
  const events = async (filter: object) =>
    idsOf((await t.query('query ($f: EventFilter) { events(filter: $f) { nodes { id } } }', { f: filter })).events);
  expect(await events({})).toEqual([second.id, first.id]);
  expect(await events({ eventType: ['customer.created'] })).toEqual([second.id]);
  expect(await events({ eventType: [] })).toEqual([]);
  expect(await events({ customerId: 'c_1' })).toEqual([first.id]);
  expect(await events({ customerId: 'C_1' })).toEqual([]);
  expect(await events({ createdAt: { gte: t.clock.now().toISOString() } })).toEqual([second.id]);
});

async function setupTargets() {
  const t = await setup();
  const { fixtures, own: organizationId } = t;
  return Object.assign(t, {
    target: async (options: Partial<Parameters<typeof fixtures.target>[0]> = {}) =>
      (await fixtures.target({ organizationId, ...options })).id,
    filtered: async (filter: object): Promise<string[]> => {
      const query = 'query ($f: WebhookTargetFilter) { webhookTargets(filter: $f) { nodes { id } totalCount } }';
      const { webhookTargets } = await t.query(query, { f: filter });
      expect(webhookTargets.totalCount).toBe(webhookTargets.nodes.length);
      return idsOf(webhookTargets);
    },
  });
}

test('targets are filtered by status, and deleted ones are never listed', async () => {
  await using t = await setupTargets();
  const active = await t.target();
  const paused = await t.target({ status: 'PAUSED' });
  await t.target({ deletedAt: t.clock.now() });
  expect(await t.filtered({})).toEqual([paused, active]);
  expect(await t.filtered({ status: ['PAUSED', 'DISABLED'] })).toEqual([paused]);
  expect(await t.filtered({ status: [] })).toEqual([]);
});

test('eventType finds the targets that would receive it', async () => {
  await using t = await setupTargets();
  const everything = await t.target();
  const subscribed = await t.target({ eventTypes: ['user.created', 'customer.created'], status: 'PAUSED' });
  const global = await t.target({ global: true, eventTypes: ['transaction.auto.updated'] });
  const ofCustomer = await t.target({ customerIds: ['c_1'] });
  await t.target({ eventTypes: ['transaction.auto.updated'] });
  await t.target({ status: 'DISABLED' });
  expect(await t.filtered({ eventType: 'customer.created' })).toEqual([ofCustomer, global, subscribed, everything]);
  expect(await t.filtered({ eventType: 'customer.create' })).toEqual([]);
});

test('search finds a part of name, description or url, in any case, every character as itself', async () => {
  await using t = await setupTargets();
  const named = await t.target({ name: 'Ünal 100% Pay_ments\\', url: 'https://a.example/' });
  const described = await t.target({ description: 'for PAYROLL', url: 'https://b.example/' });
  const plain = await t.target({ url: 'https://hooks.example/Pay?x=1' });
  expect(await t.filtered({ search: 'pay' })).toEqual([plain, described, named]);
  expect(await t.filtered({ search: 'ÜNAL' })).toEqual([named]);
  expect(await t.filtered({ search: 'ünal' })).toEqual([named]);
  expect(await t.filtered({ search: '100%' })).toEqual([named]);
  expect(await t.filtered({ search: '%' })).toEqual([named]);
  expect(await t.filtered({ search: '_' })).toEqual([named]);
  expect(await t.filtered({ search: '\\' })).toEqual([named]);
  expect(await t.filtered({ search: '?x=' })).toEqual([plain]);
  expect(await t.filtered({ search: '' })).toEqual([plain, described, named]);
  // Not across two fields.
  expect(await t.filtered({ search: '\\\nhttps' })).toEqual([]);
  for (const text of [NUL, HALF]) expect(await t.filtered({ search: text })).toEqual([]);
});

test('event types are listed by name, and filtered by category, search and archiving', async () => {
  await using t = await setup();
  await t.fixtures.eventType({
    name: 'wallet.created',
    category: 'wallet',
    displayName: 'Größe 50%',
    description: 'New wallet',
  });
  await t.fixtures.eventType({ name: 'old.type', archivedAt: t.clock.now() });
  const names = async (filter: object | null): Promise<string[]> => {
    const { eventTypes } = await t.query('query ($f: EventTypeFilter) { eventTypes(filter: $f) { name } }', {
      f: filter,
    });
    return eventTypes.map(({ name }: { name: string }) => name);
  };
  const current = ['customer.created', 'transaction.auto.updated', 'wallet.created'];
  expect(await names(null)).toEqual(current);
  expect(await names({ includeArchived: false })).toEqual(current);
  expect(await names({ includeArchived: true })).toEqual(['customer.created', 'old.type', ...current.slice(1)]);
  expect(await names({ category: 'wallet' })).toEqual(['wallet.created']);
  expect(await names({ search: 'CREATED' })).toEqual(['customer.created', 'wallet.created']);
  expect(await names({ search: 'größe' })).toEqual(['wallet.created']);
  expect(await names({ search: 'new WALLET' })).toEqual(['wallet.created']);
  expect(await names({ search: '%' })).toEqual(['wallet.created']);
  expect(await names({ search: NUL })).toEqual([]);
  expect((await t.query('{ eventType(name: "old.type") { archivedAt } }')).eventType.archivedAt).not.toBeNull();
});

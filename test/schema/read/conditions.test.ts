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

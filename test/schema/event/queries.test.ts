import { expect, test } from 'vitest';
import { setup } from '../setup.ts';

type Nodes = { readonly nodes: readonly { readonly id: string }[] };
const idsOf = ({ nodes }: Nodes): string[] => nodes.map(({ id }) => id);

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

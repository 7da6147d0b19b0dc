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

test('a pattern lists the events of every type below its prefix', async () => {
  await using t = await setup();
  const { fixtures, own: organizationId } = t;
  const idOf = async (eventType: string) => {
    await fixtures.eventType({ name: eventType });
    return (await fixtures.event({ organizationId, eventType })).id;
  };
  const [wallet, created, policy] = [
    await idOf('wallet'),
    await idOf('wallet.created'),
    await idOf('wallet.policy.updated'),
  ];
  await idOf('wallets.created');
  await idOf('wallet_x.created');
  const events = async (...eventType: string[]) =>
    idsOf(
      (await t.query('query ($f: EventFilter) { events(filter: $f) { nodes { id } } }', { f: { eventType } })).events,
    );
  expect(await events('wallet.*')).toEqual([policy, created]);
  expect(await events('wallet', 'wallet.policy.*')).toEqual([policy, wallet]);
  expect(await events('no.such.*')).toEqual([]);
  expect(await events('*')).toEqual([]);
  expect(await events('.*')).toEqual([]);
  expect(await events('%.*', 'wallet_.*')).toEqual([]);
});

import { expect, test } from 'vitest';
import { setup } from '../setup.ts';

test('an event shows its data as parsed, and its body byte for byte', async () => {
  await using t = await setup();
  const body = '{"id":"x","event":"customer.created","data":{"n":12345678901234567890,"a":1.0},"created_at":"now"}';
  const { id } = await t.fixtures.event({
    organizationId: t.own,
    eventType: 'customer.created',
    customerId: 'c_1',
    body,
  });
  const fields =
    'id customerId data body createdAt eventType { name category displayName description schema example createdAt }';
  expect((await t.query(`{ event(id: "${id}") { ${fields} } }`)).event).toMatchObject({
    id,
    customerId: 'c_1',
    body,
    createdAt: t.clock.now().toISOString(),
    data: { n: 12345678901234567890, a: 1 },
    eventType: { name: 'customer.created', category: 'transaction', schema: null, example: null },
  });
});

test('an event shows its tags; one without tags has none', async () => {
  await using t = await setup();
  const tagged = await t.fixtures.event({ organizationId: t.own, tags: ['tx-2', 'tx-1'] });
  const plain = await t.fixtures.event({ organizationId: t.own });
  const { one, none, events } = await t.query(`{
    one: event(id: "${tagged.id}") { tags } none: event(id: "${plain.id}") { tags } events { nodes { tags } } }`);
  expect([one, none]).toEqual([{ tags: ['tx-2', 'tx-1'] }, { tags: [] }]);
  expect(events.nodes).toEqual([{ tags: [] }, { tags: ['tx-2', 'tx-1'] }]);
});

test('a list by tag shows the same events as the list of all', async () => {
  await using t = await setup();
  const { fixtures, own: organizationId } = t;
  await fixtures.event({ organizationId, tags: ['a', 'b'], customerId: 'c_1', eventType: 'customer.created' });
  await fixtures.event({ organizationId, tags: ['b'] });
  const fields = 'nodes { id tags customerId createdAt body eventType { name } deliveries { totalCount } }';
  const { all, tagged } = await t.query(
    `{ all: events { ${fields} } tagged: events(filter: { tags: ["a", "b"] }) { ${fields} } }`,
  );
  expect(tagged).toEqual(all);
});

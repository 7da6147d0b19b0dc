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

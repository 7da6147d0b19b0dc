import { expect, test } from 'vitest';
import { setup } from '../setup.ts';

test('a delivery shows every column it has', async () => {
  await using t = await setup();
  const { fixtures, own: organizationId } = t;
  const target = await fixtures.target({ organizationId });
  const event = await fixtures.event({ organizationId });
  const at = (ms: number) => new Date(t.clock.now().getTime() + ms);
  const { id } = await fixtures.delivery({
    organizationId,
    targetId: target.id,
    eventId: event.id,
    status: 'RETRYING',
    attemptCount: 4,
    maxAttempts: 7,
    nextAttemptAt: at(1),
    lastAttemptAt: at(2),
    deliveredAt: at(3),
    createdAt: at(4),
  });
  const fields = `id status event { id } target { id } attemptCount maxAttempts nextAttemptAt lastAttemptAt deliveredAt
    createdAt updatedAt`;
  const delivery = {
    id,
    status: 'RETRYING',
    event: { id: event.id },
    target: { id: target.id },
    attemptCount: 4,
    maxAttempts: 7,
    nextAttemptAt: at(1).toISOString(),
    lastAttemptAt: at(2).toISOString(),
    deliveredAt: at(3).toISOString(),
    createdAt: at(4).toISOString(),
    updatedAt: at(4).toISOString(),
  };
  const inline = `... on Delivery { ${fields} }`;
  const data = await t.query(
    `{ delivery(id: "${id}") { ${fields} } node(id: "${id}") { ${inline} } deliveries { nodes { ${fields} } } }`,
  );
  expect(data).toEqual({ delivery, node: delivery, deliveries: { nodes: [delivery] } });
});

test('waitingFor of what a publish has just made is QUEUE, of a claimed one null, of an ended one null', async () => {
  await using t = await setup();
  await t.fixtures.target({ organizationId: t.own });
  const publish = `mutation { publishEvent(input: { eventType: "customer.created", data: {} }) {
    event { deliveries { nodes { id waitingFor } } } } }`;
  const [{ id, waitingFor }] = (await t.query(publish)).publishEvent.event.deliveries.nodes;
  expect(waitingFor).toBe('QUEUE');
  const waits = async () => (await t.query(`{ delivery(id: "${id}") { waitingFor } }`)).delivery.waitingFor;
  await t.database.pool.query("update pgboss.job set state = 'active'");
  expect(await waits()).toBeNull();
  await t.query(`mutation { cancelDelivery(input: { id: "${id}" }) { userErrors { code } } }`);
  expect(await waits()).toBeNull();
});

test('a delivery that waits for others of its chain is waitingFor ORDER, and blockedBy the first of them', async () => {
  await using t = await setup();
  const create = `mutation { createWebhookTarget(input: { url: "https://example.com/", ordering: KEY, afterFailure: HOLD }) {
    target { ordering afterFailure } } }`;
  const order = { ordering: 'KEY', afterFailure: 'HOLD' };
  expect((await t.query(create)).createWebhookTarget.target).toEqual(order);
  const publish = async (key: string) => {
    const input = `{ eventType: "customer.created", data: {}, orderingKey: "${key}" }`;
    const { publishEvent } = await t.query(`mutation { publishEvent(input: ${input}) {
      event { orderingKey deliveries { nodes { id status nextAttemptAt waitingFor blockedBy { id } } } } } }`);
    expect(publishEvent.event.orderingKey).toBe(key);
    return publishEvent.event.deliveries.nodes[0];
  };
  const head = await publish('a');
  expect(head).toMatchObject({ status: 'PENDING', waitingFor: 'QUEUE', blockedBy: null });
  const blocked = { status: 'PENDING', nextAttemptAt: null, waitingFor: 'ORDER', blockedBy: { id: head.id } };
  expect(await publish('a')).toMatchObject(blocked);
  expect(await publish('a')).toMatchObject(blocked);
  expect(await publish('b')).toMatchObject({ waitingFor: 'QUEUE', blockedBy: null });
});

test('for a day after an upgrade from a release that knows no order, no target may ask for it', async () => {
  await using t = await setup();
  await t.database.pool.query(`insert into settings values ('ordering_from', (now() + interval '1 hour')::text)`);
  const create = (more: string) =>
    t.query(`mutation { createWebhookTarget(input: { url: "https://example.com/", ${more} }) {
      target { id } userErrors { code field } } }`);
  const refused = { target: null, userErrors: [{ code: 'INVALID_STATE', field: ['input', 'ordering'] }] };
  expect((await create('ordering: TARGET')).createWebhookTarget).toEqual(refused);
  expect((await create('ordering: NONE')).createWebhookTarget.userErrors).toEqual([]);
  await t.database.pool.query(`update settings set value = now()::text where name = 'ordering_from'`);
  expect((await create('ordering: TARGET')).createWebhookTarget.userErrors).toEqual([]);
});

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

/** Deliveries that may not be sent now: their target is paused, disabled or deleted, or has its share. */
import { expect, test } from 'vitest';
import { SCHEDULE_MS } from '../../support/pipeline.ts';
import { startReceiver } from '../../support/receiver.ts';
import { setup } from '../control-setup.ts';

test('deliveries of a paused target are held and go out when it is active again', async () => {
  await using t = await setup();
  const { id } = await t.target(t.receiver.url, { status: 'PAUSED' });
  const { deliveryIds } = await t.publish();
  await t.runDue();
  await t.worker.sweeper.run();
  expect(t.receiver.requests).toEqual([]);
  expect(await t.delivery(deliveryIds[0]!)).toMatchObject({ status: 'PENDING', held: true, job_id: null });

  await t.setStatus(id, 'ACTIVE');
  await t.worker.sweeper.run();
  await t.worker.dispatcher.idle();
  expect(await t.delivery(deliveryIds[0]!)).toMatchObject({ status: 'DELIVERED', held: false, attempt_count: 1 });
});

test.each(['PAUSED', 'DISABLED'])('a delivery that comes due while its target is %s is held', async (status) => {
  await using t = await setup({}, 500);
  const { id } = await t.target(t.receiver.url);
  const { deliveryIds } = await t.publish();
  await t.runDue();
  await t.setStatus(id, status);
  await t.clock.advance(SCHEDULE_MS[0]!);
  await t.runDue();
  expect(t.receiver.requests).toHaveLength(1);
  expect(await t.delivery(deliveryIds[0]!)).toMatchObject({ status: 'RETRYING', held: true, attempt_count: 1 });

  t.receiver.respondWith(200);
  await t.setStatus(id, 'ACTIVE');
  await t.worker.sweeper.run();
  await t.worker.dispatcher.idle();
  expect(await t.delivery(deliveryIds[0]!)).toMatchObject({ status: 'DELIVERED', attempt_count: 2 });
});

test('deliveries of a deleted target are cancelled when they come due, and when they are held', async () => {
  await using t = await setup();
  const due = await t.target(t.receiver.url);
  const held = await t.target(t.receiver.url, { status: 'PAUSED' });
  const { deliveryIds } = await t.publish();
  await t.rows('update webhook_targets set deleted_at = now() where id = any($1)', [[due.id, held.id]]);
  await t.runDue();
  await t.worker.sweeper.run();
  expect(t.receiver.requests).toEqual([]);
  for (const id of deliveryIds) {
    expect(await t.delivery(id)).toMatchObject({
      status: 'CANCELLED',
      held: false,
      job_id: null,
      next_attempt_at: null,
    });
    expect(await t.history(id)).toEqual(['>PENDING', 'PENDING>CANCELLED']);
  }
  expect(await t.rows('select from pgboss.job')).toEqual([]);
});

test('one target has at most its share of open requests; the rest of its backlog waits in the database', async () => {
  await using t = await setup({ targetConcurrency: 2 });
  await using other = await startReceiver();
  const requests = t.holdRequests();
  const slow = await t.target(t.receiver.url);
  const published = [];
  for (let count = 0; count < 10; count++) published.push(await t.publish());
  t.worker.dispatcher.wake();
  await t.receiver.next();
  await t.receiver.next();
  const heldCount = async () => (await t.rows('select from deliveries where held')).length;
  await expect.poll(heldCount).toBe(6); // 2 in flight, 2 wait behind them.

  await t.target(other.url);
  await t.publish();
  t.worker.dispatcher.wake();
  await other.next();
  expect(t.receiver.requests).toHaveLength(2);

  t.receiver.respondWith(200);
  requests.letGo(200);
  await t.worker.dispatcher.idle();
  await t.worker.sweeper.run();
  while ((await t.rows("select from deliveries where status <> 'DELIVERED'")).length > 0) {
    await t.worker.sweeper.run();
    await t.runDue();
  }
  expect(t.receiver.requests).toHaveLength(11);
  expect(await t.health(slow.id)).toMatchObject({ failure_count: 0 });
});

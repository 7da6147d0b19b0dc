/** At most one sendable delivery per chain; the next one is released in the transaction that ends the one before it. */
import { expect, test } from 'vitest';
import { setup } from '../../pipeline/order-setup.ts';
import { SCHEDULE_MS } from '../../support/pipeline.ts';

test('one delivery of a target is sendable, the oldest; the others are PENDING without a job', async () => {
  await using t = await setup();
  const ids = await t.publishInTurn(['a', 'b', 'c']);
  expect(await t.states(ids)).toEqual(['PENDING', 'PENDING blocked', 'PENDING blocked']);
  expect(await t.rows('select from pgboss.job_common')).toHaveLength(1);
});

test('deliveries go out one after another, in the order of publishing, each after the answer to the one before', async () => {
  await using t = await setup();
  const requests = t.holdRequests();
  const ids = await t.publishInTurn(['a', 'b', 'c', 'd']);
  t.worker.dispatcher.wake();
  await t.receiver.next();
  expect(t.received()).toEqual(['a']);
  requests.letGo(200);
  await t.worker.dispatcher.idle();
  expect(t.received()).toEqual(['a', 'b', 'c', 'd']);
  expect(await t.states(ids)).toEqual(Array(4).fill('DELIVERED'));
  expect(await t.rows('select from ordered_deliveries')).toEqual([]);
});

test('a release is one change of the stream: the status as before, and no attempt', async () => {
  await using t = await setup();
  const [, second] = await t.publishInTurn(['a', 'b']);
  await t.runDue();
  expect(await t.history(second!)).toEqual(['>PENDING', 'PENDING>PENDING', 'PENDING>DELIVERED#1']);
});

test('retries of the head keep their schedule, and those that wait count neither attempts nor age', async () => {
  await using t = await setup({}, {}, 500);
  const ids = await t.publishInTurn(['a', 'b']);
  await t.runDue();
  expect(await t.states(ids)).toEqual(['RETRYING', 'PENDING blocked']);
  await t.clock.advance(SCHEDULE_MS[0]!);
  await t.runDue();
  expect(t.received()).toEqual(['a', 'a']);
  t.receiver.respondWith(200);
  await t.clock.advance(SCHEDULE_MS[1]!);
  await t.runDue();
  expect(t.received()).toEqual(['a', 'a', 'a', 'b']);
  expect(await t.delivery(ids[1]!)).toMatchObject({ status: 'DELIVERED', attempt_count: 1, schedule_step: 0 });
});

test('a late success of one that waits meanwhile releases nobody: those before it still hold up the next one', async () => {
  await using t = await setup();
  const requests = t.holdRequests();
  const [late, head, last] = (await t.publishInTurn(['a', 'b', 'c'])) as [string, string, string];
  t.worker.dispatcher.wake();
  await t.receiver.next();
  await t.takeForDead();
  // As a replay leaves them in which the late one has come behind another head.
  await t.rows('delete from pgboss.job');
  await t.rows(`update deliveries set job_id = null, status = 'RETRYING' where id = $1`, [late]);
  await t.rows('update deliveries set held = true where id = $1', [head]);
  for (const id of [late, last]) {
    await t.rows(
      `with left_place as (delete from ordered_deliveries where delivery_id = $1 returning delivery_id, target_id, chain, lock_number)
       insert into ordered_deliveries (delivery_id, target_id, chain, lock_number)
       select delivery_id || '-', target_id, chain, lock_number from left_place`,
      [id],
    );
    await t.rows(`update ordered_deliveries set delivery_id = $1 where delivery_id = $1 || '-'`, [id]);
  }
  requests.letGo(200);
  await t.worker.dispatcher.idle();
  expect(await t.states([late, head, last])).toEqual(['DELIVERED', 'PENDING held', 'PENDING blocked']);
});

test('under SKIP the next one goes out when the head has FAILED', async () => {
  await using t = await setup({ afterFailure: 'SKIP' }, { maxAttempts: 1 });
  t.receiver.respondWith(({ body }) => (String(body).includes('"a"') ? 500 : 200));
  const ids = await t.publishInTurn(['a', 'b']);
  await t.runDue();
  expect(await t.states(ids)).toEqual(['FAILED', 'DELIVERED']);
  expect(await t.rows('select from ordered_deliveries')).toEqual([]);
});

test('under HOLD a FAILED head keeps its place until a retry by hand succeeds', async () => {
  await using t = await setup({ afterFailure: 'HOLD' }, { maxAttempts: 1 }, 500);
  const ids = await t.publishInTurn(['a', 'b']);
  await t.runDue();
  expect(await t.states(ids)).toEqual(['FAILED', 'PENDING blocked']);
  await t.deliveries.retry(t.caller, { id: ids[0]! });
  await t.runDue();
  expect(await t.states(ids)).toEqual(['FAILED', 'PENDING blocked']);
  t.receiver.respondWith(200);
  await t.deliveries.retry(t.caller, { id: ids[0]! });
  await t.runDue();
  expect(await t.states(ids)).toEqual(['DELIVERED', 'DELIVERED']);
  expect(t.received()).toEqual(['a', 'a', 'a', 'b']);
});

test('under HOLD cancelDelivery takes a FAILED head, and releases the next one', async () => {
  await using t = await setup({ afterFailure: 'HOLD' }, { maxAttempts: 1 });
  t.receiver.respondWith(({ body }) => (String(body).includes('"a"') ? 500 : 200));
  const ids = await t.publishInTurn(['a', 'b', 'c']);
  await t.runDue();
  expect(await t.deliveries.cancel(t.caller, { id: ids[0]! })).toMatchObject({ ok: true });
  expect(await t.history(ids[0]!)).toEqual(['>PENDING', 'PENDING>FAILED#1', 'FAILED>CANCELLED']);
  await t.runDue();
  expect(await t.states(ids)).toEqual(['CANCELLED', 'DELIVERED', 'DELIVERED']);
});

test('a FAILED delivery that holds nobody up is not cancelled', async () => {
  await using t = await setup({ afterFailure: 'SKIP' }, { maxAttempts: 1 }, 500);
  const [id] = await t.publishInTurn(['a']);
  await t.runDue();
  const refused = { ok: false, userErrors: [{ code: 'INVALID_STATE' }] };
  expect(await t.deliveries.cancel(t.caller, { id: id! })).toMatchObject(refused);
});

test.each([
  ['the head', 0, ['CANCELLED', 'PENDING', 'PENDING blocked']],
  ['one that waits', 1, ['PENDING', 'CANCELLED', 'PENDING blocked']],
])('cancelling %s releases the next one only when the head has ended', async (_, nth, states) => {
  await using t = await setup();
  const ids = await t.publishInTurn(['a', 'b', 'c']);
  await t.deliveries.cancel(t.caller, { id: ids[nth]! });
  expect(await t.states(ids)).toEqual(states);
  await t.runDue();
  expect(t.received()).toEqual(['a', 'b', 'c'].filter((__, index) => index !== nth));
});

test('cancelling many at once releases the first one that is left', async () => {
  await using t = await setup();
  const ids = await t.publishInTurn(['a', 'b', 'c', 'd']);
  const { event_id: eventId } = await t.delivery(ids[3]!);
  await t.rows("update deliveries set created_at = created_at + interval '1 s' where event_id = $1", [eventId]);
  const before = new Date(t.clock.now().getTime() + 1_000);
  await t.deliveries.cancelMany(t.caller, { targetId: t.targetId, createdAt: { lt: before } });
  expect(await t.states(ids)).toEqual(['CANCELLED', 'CANCELLED', 'CANCELLED', 'PENDING']);
  await t.runDue();
  expect(t.received()).toEqual(['d']);
});

test('deleting a target cancels its chain whole', async () => {
  await using t = await setup();
  const ids = await t.publishInTurn(['a', 'b', 'c']);
  await t.targets.remove(t.caller, { id: t.targetId });
  expect(await t.states(ids)).toEqual(Array(3).fill('CANCELLED'));
  expect(await t.rows('select from ordered_deliveries')).toEqual([]);
  await t.runDue();
  expect(t.received()).toEqual([]);
});

test.each(['PAUSED', 'DISABLED'])('a %s target holds its chain, and coming back goes on in order', async (status) => {
  await using t = await setup();
  const ids = await t.publishInTurn(['a', 'b', 'c']);
  await t.setStatus(t.targetId, status);
  await t.deliveries.cancel(t.caller, { id: ids[0]! });
  expect(await t.states(ids)).toEqual(['CANCELLED', 'PENDING held', 'PENDING blocked']);
  await t.runDue();
  expect(t.received()).toEqual([]);
  await t.setStatus(t.targetId, 'ACTIVE');
  await t.worker.sweeper.run();
  await t.worker.dispatcher.idle();
  expect(t.received()).toEqual(['b', 'c']);
});

test('deliveries of a PAUSED target wait in order from their publish on', async () => {
  await using t = await setup();
  await t.setStatus(t.targetId, 'PAUSED');
  const ids = await t.publishInTurn(['a', 'b']);
  expect(await t.states(ids)).toEqual(['PENDING held', 'PENDING blocked']);
  await t.setStatus(t.targetId, 'ACTIVE');
  await t.worker.sweeper.run();
  await t.worker.dispatcher.idle();
  expect(t.received()).toEqual(['a', 'b']);
});

test('a late success of a head that had FAILED ends it, and releases the next one', async () => {
  await using t = await setup({ afterFailure: 'HOLD' }, { maxAttempts: 1, onSettleError: () => {} });
  const requests = t.holdRequests();
  const ids = await t.publishInTurn(['a', 'b']);
  t.worker.dispatcher.wake();
  await t.receiver.next();
  await t.takeForDead();
  t.receiver.respondWith(500);
  const other = await t.createWorker();
  other.dispatcher.wake();
  await other.dispatcher.idle();
  expect(await t.states(ids)).toEqual(['FAILED', 'PENDING blocked']);
  t.receiver.respondWith(200);
  requests.letGo(200);
  await t.worker.dispatcher.idle();
  await t.runDue();
  await other.dispatcher.idle();
  expect(await t.states(ids)).toEqual(['DELIVERED', 'DELIVERED']);
  await other.dispatcher.stop();
});

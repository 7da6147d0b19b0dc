/** What people do to deliveries while they run: retry and cancel them, and stop a worker. */
import { expect, test } from 'vitest';
import { SCHEDULE_MS } from '../../support/pipeline.ts';
import { setup, WAITING } from '../control-setup.ts';

test('a manual retry makes one attempt now, keeps counting, and leaves the schedule as it was', async () => {
  await using t = await setup({}, 500);
  await t.target(t.receiver.url);
  const { deliveryIds } = await t.publish();
  const id = deliveryIds[0]!;
  await t.runDue();
  const { next_attempt_at: scheduledAt } = await t.delivery(id);
  await t.clock.advance(60_000);

  expect(await t.deliveries.retry(t.caller, { id })).toMatchObject({ ok: true });
  await t.runDue();
  expect(await t.delivery(id)).toMatchObject({ status: 'RETRYING', attempt_count: 2, next_attempt_at: scheduledAt });
  await t.clock.advance(240_000);
  await t.runDue();
  expect(await t.attempts(id)).toMatchObject([
    { number: 1, trigger: 'SCHEDULE' },
    { number: 2, trigger: 'MANUAL' },
    { number: 3, trigger: 'SCHEDULE' },
  ]);
  const { next_attempt_at: second } = await t.delivery(id);
  expect(second.getTime() - t.clock.now().getTime()).toBe(SCHEDULE_MS[1]);
  expect(await t.history(id)).toEqual([
    '>PENDING',
    'PENDING>RETRYING#1',
    'RETRYING>RETRYING',
    'RETRYING>RETRYING#2',
    'RETRYING>RETRYING#3',
  ]);
});

test('a FAILED delivery that fails again is FAILED again, and one that succeeds is DELIVERED', async () => {
  await using t = await setup({ maxAttempts: 1 }, 500);
  await t.target(t.receiver.url);
  const { deliveryIds } = await t.publish();
  const id = deliveryIds[0]!;
  await t.runDue();
  expect(await t.delivery(id)).toMatchObject({ status: 'FAILED' });
  await t.deliveries.retry(t.caller, { id });
  await t.runDue();
  expect(await t.delivery(id)).toMatchObject({ status: 'FAILED', attempt_count: 2, job_id: null });
  t.receiver.respondWith(200);
  await t.deliveries.retry(t.caller, { id });
  await t.runDue();
  expect(await t.delivery(id)).toMatchObject({ status: 'DELIVERED', attempt_count: 3 });
  expect(await t.history(id)).toEqual([
    '>PENDING',
    'PENDING>FAILED#1',
    'FAILED>RETRYING',
    'RETRYING>FAILED#2',
    'FAILED>RETRYING',
    'RETRYING>DELIVERED#3',
  ]);
  expect(t.receiver.requests.map(({ headers }) => headers['x-dakota-delivery-attempt'])).toEqual(['1', '2', '3']);
});

test('a cancelled delivery is not sent any more', async () => {
  await using t = await setup({}, 500);
  await t.target(t.receiver.url);
  const { deliveryIds } = await t.publish();
  await t.runDue();
  expect(await t.deliveries.cancel(t.caller, { id: deliveryIds[0]! })).toMatchObject({ ok: true });
  await t.clock.advance(SCHEDULE_MS[0]!);
  await t.runDue();
  expect(t.receiver.requests).toHaveLength(1);
  expect(await t.delivery(deliveryIds[0]!)).toMatchObject({ status: 'CANCELLED', attempt_count: 1 });
});

test.each([200, 500])(
  'an attempt in flight during a cancel is recorded (%i), and the delivery stays CANCELLED',
  async (status) => {
    await using t = await setup();
    const requests = t.holdRequests();
    const { id: targetId } = await t.target(t.receiver.url);
    const { deliveryIds } = await t.publish();
    const id = deliveryIds[0]!;
    t.worker.dispatcher.wake();
    await t.receiver.next();
    await t.deliveries.cancel(t.caller, { id });
    requests.letGo(status);
    await t.worker.dispatcher.idle();
    expect(await t.delivery(id)).toMatchObject({
      status: 'CANCELLED',
      attempt_count: 1,
      job_id: null,
      next_attempt_at: null,
    });
    expect(await t.attempts(id)).toMatchObject([{ number: 1, response_status: status }]);
    expect(await t.history(id)).toEqual(['>PENDING', 'PENDING>CANCELLED']);
    expect(await t.health(targetId)).toMatchObject({ failure_count: status === 200 ? 0 : 1 });
  },
);

test.each([200, 500])(
  'a manual retry is refused while a scheduled attempt is under way (%i), so no two requests have one number',
  async (status) => {
    await using t = await setup({}, 500);
    const { id, requests } = await t.startSecondAttempt();
    const before = await t.delivery(id);
    const refused = await t.deliveries.retry(t.caller, { id });
    expect(refused).toMatchObject({ ok: false, userErrors: [{ code: 'INVALID_STATE', field: ['input', 'id'] }] });
    expect(await t.delivery(id)).toEqual(before);
    requests.letGo(status);
    await t.worker.dispatcher.idle();
    expect(await t.attempts(id)).toMatchObject([{ response_status: 500 }, { response_status: status }]);
    expect(t.receiver.requests).toHaveLength(2);
    expect(await t.deliveries.retry(t.caller, { id })).toMatchObject({ ok: status === 500 });
  },
);

test('a manual retry while the manual attempt before it is under way changes nothing', async () => {
  await using t = await setup({}, 500);
  await t.target(t.receiver.url);
  const { deliveryIds } = await t.publish();
  const id = deliveryIds[0]!;
  await t.runDue();
  const requests = t.holdRequests();
  await t.deliveries.retry(t.caller, { id });
  t.worker.dispatcher.wake();
  await t.receiver.next(({ headers }) => headers['x-dakota-delivery-attempt'] === '2');
  expect(await t.deliveries.retry(t.caller, { id })).toMatchObject({ ok: true });
  requests.letGo(500);
  await t.runDue();
  expect(t.receiver.requests).toHaveLength(2);
  expect(await t.attempts(id)).toHaveLength(2);
});

test('a manual retry waits for a claim that is being made, and a claim passes over what is being retried', async () => {
  await using t = await setup({}, 500);
  await t.target(t.receiver.url);
  const { deliveryIds } = await t.publish();
  const id = deliveryIds[0]!;
  await t.runDue();
  await t.clock.advance(SCHEDULE_MS[0]!);
  const { job_id: jobId } = await t.delivery(id);
  await t.database.transaction(async (tx) => {
    expect(await t.queue.isClaimed(tx, jobId)).toBe(false);
    expect(await t.queue.fetch(10)).toEqual([]);
  });

  const claiming = await t.database.pool.connect();
  await claiming.query('begin');
  await claiming.query("update pgboss.job set state = 'active' where id = $1", [jobId]);
  const retried = t.deliveries.retry(t.caller, { id });
  await expect.poll(async () => (await t.rows(WAITING)).length).toBe(1);
  await claiming.query('commit');
  claiming.release();
  expect(await retried).toMatchObject({ ok: false, userErrors: [{ code: 'INVALID_STATE' }] });
});

test('a stopping worker settles what is in flight and gives the rest back at once', async () => {
  await using t = await setup({ targetConcurrency: 1 });
  const requests = t.holdRequests();
  await t.target(t.receiver.url);
  await t.publish();
  await t.publish();
  t.worker.dispatcher.wake();
  await t.receiver.next();
  const stopped = t.worker.dispatcher.stop();
  const stateOf = async () => (await t.rows('select state from pgboss.job order by state')).map(({ state }) => state);
  await expect.poll(stateOf).toEqual(['created', 'active']);
  requests.letGo(200);
  await stopped;
  expect(await stateOf()).toEqual(['created']);
  expect(t.receiver.requests).toHaveLength(1);

  t.receiver.respondWith(200);
  const other = await t.createWorker();
  other.dispatcher.wake();
  await other.dispatcher.idle();
  expect(await t.rows("select from deliveries where status = 'DELIVERED'")).toHaveLength(2);
  await other.dispatcher.stop();
});

/** What people do to deliveries while they run: pause, disable, delete, retry and cancel. */
import { expect, test } from 'vitest';
import { createPipeline, SCHEDULE_MS } from '../../support/pipeline.ts';
import { startReceiver, type ReceiverAnswer } from '../../support/receiver.ts';

async function setup(options: Parameters<typeof createPipeline>[0] = {}, answer: ReceiverAnswer = 200) {
  const pipeline = await createPipeline(options);
  const receiver = await startReceiver(() => answer);

  /** Requests wait, unanswered, until they are let go; later ones are answered alike. */
  function holdRequests() {
    const gate = Promise.withResolvers<ReceiverAnswer>();
    receiver.respondWith(() => gate.promise);
    return { letGo: gate.resolve };
  }

  return {
    ...pipeline,
    receiver,
    holdRequests,
    /** A delivery whose first attempt has been made, and whose second one is under way. */
    async startSecondAttempt() {
      const { id: targetId } = await pipeline.target(receiver.url);
      const { deliveryIds } = await pipeline.publish();
      await pipeline.runDue();
      const requests = holdRequests();
      await pipeline.clock.advance(SCHEDULE_MS[0]!);
      pipeline.worker.dispatcher.wake();
      await receiver.next(({ headers }) => headers['x-dakota-delivery-attempt'] === '2');
      return { targetId, id: deliveryIds[0]!, requests };
    },
    setStatus: (id: string, status: string) =>
      pipeline.rows('update webhook_targets set status = $1::webhook_target_status where id = $2', [status, id]),
    /** As if the heartbeats of all claims had stopped: their workers are killed, stopped or cut off. */
    takeForDead: () => pipeline.rows("update pgboss.job set state = 'retry' where state = 'active'"),
    async [Symbol.asyncDispose]() {
      await receiver[Symbol.asyncDispose]();
      await pipeline[Symbol.asyncDispose]();
    },
  };
}

/** Who waits for a lock. */
const WAITING = "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";

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
    ...['>PENDING', 'PENDING>RETRYING#1', 'RETRYING>RETRYING', 'RETRYING>RETRYING#2', 'RETRYING>RETRYING#3'],
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
    ...[
      '>PENDING',
      'PENDING>FAILED#1',
      'FAILED>RETRYING',
      'RETRYING>FAILED#2',
      'FAILED>RETRYING',
      'RETRYING>DELIVERED#3',
    ],
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

test('a success of a worker taken for dead beats a manual retry: the manual attempt finds nothing to do', async () => {
  await using t = await setup({}, 500);
  const { id, requests } = await t.startSecondAttempt();
  await t.takeForDead();
  await t.deliveries.retry(t.caller, { id });

  const claiming = await t.database.pool.connect(); // Nobody claims what is locked.
  await claiming.query('begin');
  await claiming.query('select from pgboss.job for update');
  requests.letGo(200);
  await expect.poll(async () => (await t.rows(WAITING)).length).toBe(1);
  await claiming.query('rollback');
  claiming.release();
  await t.worker.dispatcher.idle();
  expect(t.receiver.requests).toHaveLength(2);
  expect(await t.delivery(id)).toMatchObject({ status: 'DELIVERED', attempt_count: 2, job_id: null });
  expect(await t.rows('select from pgboss.job')).toEqual([]);
});

test('a failure of a worker taken for dead during a manual retry counts on the schedule, and the manual attempt follows', async () => {
  await using t = await setup({}, 500);
  const { targetId, id, requests } = await t.startSecondAttempt();
  const failedAt = t.clock.now().getTime();
  await t.takeForDead();
  await t.deliveries.retry(t.caller, { id });
  t.receiver.respondWith(500);
  requests.letGo(500);
  await t.runDue();
  expect(await t.attempts(id)).toMatchObject([
    { number: 1, trigger: 'SCHEDULE' },
    { number: 2, trigger: 'SCHEDULE' },
    { number: 3, trigger: 'MANUAL' },
  ]);
  const delivery = await t.delivery(id);
  expect(delivery).toMatchObject({ status: 'RETRYING', attempt_count: 3, schedule_step: 2 });
  expect(delivery.next_attempt_at.getTime() - failedAt).toBe(SCHEDULE_MS[1]);
  expect(await t.health(targetId)).toMatchObject({ failure_count: 3 });
});

test('a manual attempt beside the one of a worker taken for dead is recorded under the next number', async () => {
  await using t = await setup({}, 500);
  const { id, requests } = await t.startSecondAttempt();
  await t.takeForDead();
  await t.deliveries.retry(t.caller, { id });
  const other = await t.createWorker();
  other.dispatcher.wake();
  await t.receiver.next(({ headers }) => headers['x-dakota-delivery-attempt'] === '2'); // Claimed before 2 was recorded.
  requests.letGo(500);
  await Promise.all([t.worker.dispatcher.idle(), other.dispatcher.idle()]);
  expect(await t.attempts(id)).toMatchObject([{ number: 1 }, { number: 2 }, { number: 3 }]);
  const delivery = await t.delivery(id);
  expect(delivery).toMatchObject({ status: 'RETRYING', attempt_count: 3 });
  expect(await t.rows('select id from pgboss.job')).toContainEqual({ id: delivery.job_id });
  await other.dispatcher.stop();
});

test('a worker that was taken for dead settles nothing twice', async () => {
  await using t = await setup({}, 500);
  const { id: targetId } = await t.target(t.receiver.url);
  const { deliveryIds } = await t.publish();
  const id = deliveryIds[0]!;
  const requests = t.holdRequests();
  t.worker.dispatcher.wake();
  await t.receiver.next();
  await t.takeForDead();
  const other = await t.createWorker();
  other.dispatcher.wake();
  await t.receiver.next();
  requests.letGo(500);
  await Promise.all([t.worker.dispatcher.idle(), other.dispatcher.idle()]);
  expect(t.receiver.requests.map(({ headers }) => headers['x-dakota-delivery-attempt'])).toEqual(['1', '1']);
  expect(await t.attempts(id)).toHaveLength(1);
  expect(await t.delivery(id)).toMatchObject({ attempt_count: 1, schedule_step: 1 });
  expect(await t.history(id)).toEqual(['>PENDING', 'PENDING>RETRYING#1']);
  expect(await t.health(targetId)).toMatchObject({ failure_count: 1 });
  const jobs = await t.rows('select id from pgboss.job');
  expect(jobs).toContainEqual({ id: (await t.delivery(id)).job_id });
  await other.dispatcher.stop();
});

test.each([
  ['success', 500, 200],
  ['failure', 200, 500],
])(
  'of two requests under one number, of which the late one is a %s, the success is recorded, in one row',
  async (_, first, late) => {
    await using t = await setup();
    await t.target(t.receiver.url);
    const { deliveryIds } = await t.publish();
    const id = deliveryIds[0]!;
    const lateRequest = t.holdRequests();
    t.worker.dispatcher.wake();
    await t.receiver.next();
    await t.takeForDead();
    t.receiver.respondWith(first);
    const other = await t.createWorker();
    other.dispatcher.wake();
    await other.dispatcher.idle();
    expect(await t.attempts(id)).toMatchObject([{ number: 1, response_status: first }]);
    lateRequest.letGo(late);
    await t.worker.dispatcher.idle();
    expect(await t.attempts(id)).toMatchObject([
      { number: 1, outcome: 'DELIVERED', response_status: 200, error: null },
    ]);
    expect(await t.delivery(id)).toMatchObject({ status: 'DELIVERED', attempt_count: 1, job_id: null });
    await t.clock.advance(SCHEDULE_MS[0]!); // What the failure had scheduled is nobody's job.
    await t.runDue();
    expect(t.receiver.requests).toHaveLength(2);
    expect(await t.rows('select from pgboss.job')).toEqual([]);
    expect((await t.history(id)).at(-1)).toMatch(/>DELIVERED#1$/);
    await other.dispatcher.stop();
  },
);

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

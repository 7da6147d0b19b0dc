/** Outcomes of one attempt that two workers made, because one of them was taken for dead. */
import { expect, test } from 'vitest';
import { SCHEDULE_MS } from '../../../support/pipeline.ts';
import { setup, WAITING } from '../../control-setup.ts';

const PATIENCE = { timeout: 20_000 };

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
  const manual = t.holdRequests();
  const other = await t.createWorker();
  other.dispatcher.wake();
  await t.receiver.next(({ headers }) => headers['x-dakota-delivery-attempt'] === '2'); // Claimed before 2 was recorded.
  requests.letGo(500);
  await expect.poll(async () => (await t.attempts(id)).length).toBe(2);
  manual.letGo(500);
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
    const recorded = () => t.attempts(id);
    await expect.poll(recorded, PATIENCE).toMatchObject([{ number: 1, response_status: first }]);
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

/** Deferral: what a target that asks for time by Retry-After gets, and when. */
import { expect, test } from 'vitest';
import { createPipeline, SCHEDULE_MS } from '../../../support/pipeline.ts';
import { startReceiver, type ReceiverAnswer } from '../../../support/receiver.ts';

const MINUTE = 60_000;
/** As wide as a lane begins: so many requests are open before the first answer comes. */
const FIRST_WIDTH = 4;
const asks = (seconds: number | string, status = 503): ReceiverAnswer => ({
  status,
  headers: { 'retry-after': String(seconds) },
});

async function setup(answer: ReceiverAnswer) {
  const pipeline = await createPipeline();
  const receiver = await startReceiver(answer);
  const target = await pipeline.target(receiver.url);
  return {
    ...pipeline,
    receiver,
    targetId: target.id,
    async publishAll(count: number) {
      const events = await Promise.all(Array.from({ length: count }, () => pipeline.publish()));
      return events.map(({ deliveryIds }) => deliveryIds[0]!);
    },
    /** Everything that is due now, and what the caretakers find in their next rounds. */
    async settleDown(worker = pipeline.worker) {
      await worker.sweeper.run();
      worker.dispatcher.heedDeferrals();
      worker.dispatcher.wake();
      await worker.dispatcher.idle();
    },
    /** Until the target is deferred; null: it is not. */
    async deferredUntil(): Promise<Date | null> {
      const [row] = await pipeline.rows('select deferred_until from webhook_targets where id = $1', [target.id]);
      return row.deferred_until;
    },
    after: (ms: number) => new Date(pipeline.clock.now().getTime() + ms),
    async statuses() {
      const rows = await pipeline.rows('select status, count(*)::int as count from deliveries group by 1 order by 1');
      return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
    },
    async [Symbol.asyncDispose]() {
      await receiver[Symbol.asyncDispose]();
      await pipeline[Symbol.asyncDispose]();
    },
  };
}

test.each([429, 503])('%i with Retry-After holds the whole target back, not only the one delivery', async (status) => {
  await using t = await setup(asks(60, status));
  await t.publishAll(20);
  await t.runDue();
  expect(t.receiver.requests.length).toBeLessThanOrEqual(FIRST_WIDTH);
  expect(await t.deferredUntil()).toEqual(t.after(MINUTE));

  const before = t.receiver.requests.length;
  await t.publishAll(5);
  await t.clock.advance(59_000);
  await t.settleDown();
  expect(t.receiver.requests).toHaveLength(before);
  expect(await t.statuses()).toEqual({ PENDING: 25 - before, RETRYING: before });
});

test('then one probe goes through, and when it succeeds the rest follows', async () => {
  await using t = await setup(asks(60));
  await t.publishAll(20);
  await t.runDue();
  const before = t.receiver.requests.length;

  let answerProbe = (_: number) => {};
  t.receiver.respondWith(() => new Promise<number>((resolve) => (answerProbe = resolve)));
  await t.clock.advance(MINUTE);
  await t.worker.sweeper.run();
  for (let count = 0; count < before; count++) await t.receiver.next();
  await t.receiver.next();
  await t.worker.sweeper.run();
  expect(t.receiver.requests).toHaveLength(before + 1);
  t.receiver.respondWith(200);
  answerProbe(200);
  await t.runDue();
  expect(await t.deferredUntil()).toBeNull();
  expect(t.receiver.requests).toHaveLength(20);
  expect(await t.statuses()).toEqual({ DELIVERED: 20 - before, RETRYING: before });
});

test('a probe that is asked for time again defers the target anew', async () => {
  await using t = await setup(asks(60));
  await t.publishAll(10);
  await t.runDue();
  const before = t.receiver.requests.length;
  t.receiver.respondWith(asks(5));
  await t.clock.advance(MINUTE);
  await t.settleDown();
  expect(t.receiver.requests).toHaveLength(before + 1);
  expect(await t.deferredUntil()).toEqual(t.after(5_000));
});

test('a probe that fails in another way ends the deferral: the lane is narrow, as after any failure', async () => {
  await using t = await setup(asks(60));
  await t.publishAll(10);
  await t.runDue();
  t.receiver.respondWith(500);
  await t.clock.advance(MINUTE);
  await t.settleDown();
  expect(await t.deferredUntil()).toBeNull();
  expect(t.receiver.requests).toHaveLength(10);
});

test('a probe whose worker died is followed by another one, later than it can take', async () => {
  await using t = await setup(asks(60));
  await t.publishAll(10);
  await t.runDue();
  await t.clock.advance(MINUTE);
  const dead = await t.createWorker();
  const { jobs, probes } = await dead.holder.take([{ targetId: t.targetId, room: 16 }]);
  expect([jobs.length, probes.size]).toEqual([1, 1]);
  expect((await t.worker.holder.take([{ targetId: t.targetId, room: 16 }])).jobs).toEqual([]);
  await t.clock.advance(10_000);
  expect((await t.worker.holder.take([{ targetId: t.targetId, room: 16 }])).probes.size).toBe(1);
});

test('it holds over all processes', async () => {
  await using t = await setup(asks(60));
  const other = await t.createWorker();
  await t.publishAll(20);
  await t.runDue();
  const before = t.receiver.requests.length;
  await t.publishAll(5);
  await t.settleDown(other);
  expect(t.receiver.requests).toHaveLength(before);

  await t.clock.advance(MINUTE);
  await Promise.all([t.settleDown(), t.settleDown(other)]);
  expect(t.receiver.requests).toHaveLength(before + 1);
});

test('what waits in the memory of another process is held when it hears of the deferral', async () => {
  await using t = await setup(200);
  const other = await t.createWorker();
  const answers: ((status: number) => void)[] = [];
  t.receiver.respondWith(() => new Promise<number>((resolve) => answers.push(resolve)));
  await t.publishAll(8);
  other.dispatcher.wake();
  for (let count = 0; count < FIRST_WIDTH; count++) await t.receiver.next();
  await t.rows('update webhook_targets set deferred_until = $1', [t.after(MINUTE)]);
  other.dispatcher.heedDeferrals();
  // Before anything is answered: the end of an attempt would start the next one.
  await expect
    .poll(async () => (await t.rows('select from deliveries where held')).length, { timeout: 20_000 })
    .toBe(4);
  answers.forEach((answer) => answer(200));
  await other.dispatcher.idle();
  expect(t.receiver.requests).toHaveLength(FIRST_WIDTH);
  await other.dispatcher.stop();
});

test('at most twice the first delay of the schedule, while the delivery itself waits twice its own', async () => {
  await using t = await setup(asks(7 * 24 * 3_600));
  const [id] = await t.publishAll(1);
  await t.rows('update deliveries set schedule_step = 4, attempt_count = 4');
  await t.runDue();
  expect(await t.deferredUntil()).toEqual(t.after(2 * SCHEDULE_MS[0]!));
  expect(await t.delivery(id!)).toMatchObject({ next_attempt_at: t.after(2 * SCHEDULE_MS[4]!) });
});

test('manual retries pass, and end the deferral when they succeed', async () => {
  await using t = await setup(asks(60));
  const ids = await t.publishAll(10);
  await t.runDue();
  const before = t.receiver.requests.length;
  const retried = (await t.rows(`select id from deliveries where status = 'RETRYING' limit 1`))[0].id as string;
  await t.deliveries.retry(t.caller, { id: retried });
  await t.settleDown();
  expect(t.receiver.requests).toHaveLength(before + 1);
  expect(await t.deferredUntil()).toEqual(t.after(MINUTE));

  t.receiver.respondWith(200);
  await t.deliveries.retry(t.caller, { id: retried });
  await t.settleDown();
  expect(await t.deferredUntil()).toBeNull();
  expect(await t.statuses()).toEqual({ DELIVERED: ids.length - before + 1, RETRYING: before - 1 });
});

test('another URL, or activating it, ends the deferral of a target', async () => {
  await using t = await setup(asks(60));
  await t.publishAll(1);
  await t.runDue();
  await t.targets.update(t.caller, { id: t.targetId, name: 'the same receiver' });
  expect(await t.deferredUntil()).not.toBeNull();
  await t.targets.update(t.caller, { id: t.targetId, url: `${t.receiver.url}/new` });
  expect(await t.deferredUntil()).toBeNull();
});

test('an event that is published after the deferral, with nothing held, is the probe', async () => {
  await using t = await setup(asks(60));
  await t.publishAll(1);
  await t.runDue();
  await t.clock.advance(MINUTE);
  t.receiver.respondWith(200);
  await t.publishAll(3);
  await t.runDue();
  expect(await t.statuses()).toEqual({ DELIVERED: 3, RETRYING: 1 });
  expect(await t.deferredUntil()).toBeNull();
});

test('other targets go on', async () => {
  await using t = await setup(asks(60));
  await using healthy = await startReceiver(200);
  await t.target(healthy.url);
  await t.publishAll(10);
  await t.runDue();
  expect(healthy.requests).toHaveLength(10);
});

test.each([
  ['429 without Retry-After', 429],
  ['a date in the past', asks('Sun, 06 Nov 1994 08:49:37 GMT')],
  ['0 seconds', asks(0)],
  ['Retry-After on 500', asks(60, 500)],
])('%s defers nothing: it is one failure', async (_, answer) => {
  await using t = await setup(answer);
  await t.publishAll(8);
  await t.runDue();
  expect(t.receiver.requests).toHaveLength(8);
  expect(await t.deferredUntil()).toBeNull();
});

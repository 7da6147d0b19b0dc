/** The clock of Postgres is set on or back by an hour, and all processes follow it. */
import { expect, test } from 'vitest';
import { createQueue } from '../../../src/database/queue.ts';
import { createPipeline, SCHEDULE_MS } from '../../support/pipeline.ts';
import { startReceiver } from '../../support/receiver.ts';

const HOUR_MS = 3_600_000;

async function setup(options: Parameters<typeof createPipeline>[0] = {}) {
  const pipeline = await createPipeline(options);
  const receiver = await startReceiver();
  return {
    ...pipeline,
    receiver,
    statuses: async () =>
      (await pipeline.rows('select status from deliveries order by id')).map(({ status }) => status),
    async [Symbol.asyncDispose]() {
      await receiver[Symbol.asyncDispose]();
      await pipeline[Symbol.asyncDispose]();
    },
  };
}

test.each([
  ['on', HOUR_MS],
  ['back', -HOUR_MS],
])(
  'what is published before and after the clock is set %s by an hour goes out at once, in this order',
  async (_, ms) => {
    await using t = await setup();
    await t.target(t.receiver.url);
    const before = await t.publish();
    await t.clock.set(ms);
    const after = await t.publish();
    expect(after.eventId > before.eventId).toBe(true);
    await t.runDue();
    expect(await t.statuses()).toEqual(['DELIVERED', 'DELIVERED']);
  },
);

test.each([
  ['on', HOUR_MS],
  ['back', -HOUR_MS],
])('what was held when the clock was set %s by an hour goes out as soon as its target takes it', async (_, ms) => {
  await using t = await setup();
  const { id } = await t.target(t.receiver.url, { status: 'PAUSED' });
  await t.publish();
  await t.clock.set(ms);
  await t.rows("update webhook_targets set status = 'ACTIVE' where id = $1", [id]);
  await t.worker.sweeper.run();
  await t.worker.dispatcher.idle();
  expect(await t.statuses()).toEqual(['DELIVERED']);
});

test.each([
  ['on', HOUR_MS],
  ['back', -HOUR_MS],
])('a manual retry goes out at once although the clock is set %s by an hour', async (_, ms) => {
  await using t = await setup();
  t.receiver.respondWith(500);
  await t.target(t.receiver.url);
  const { deliveryIds } = await t.publish();
  await t.runDue();
  t.receiver.respondWith(200);
  expect(await t.deliveries.retry(t.caller, { id: deliveryIds[0]! })).toMatchObject({ ok: true });
  await t.clock.set(ms);
  await t.runDue();
  expect(await t.statuses()).toEqual(['DELIVERED']);
});

test('a retry keeps its date: not before it, by whatever the clock says, and then at once', async () => {
  await using t = await setup();
  t.receiver.respondWith(500);
  await t.target(t.receiver.url);
  const { deliveryIds } = await t.publish();
  await t.runDue();
  const { next_attempt_at: dueAt } = await t.delivery(deliveryIds[0]!);
  t.receiver.respondWith(200);

  await t.clock.set(-HOUR_MS);
  await t.clock.advance(SCHEDULE_MS[0]!);
  await t.runDue();
  expect(t.receiver.requests).toHaveLength(1);
  await t.clock.set(dueAt.getTime() - t.clock.now().getTime() - 1);
  await t.runDue();
  expect(t.receiver.requests).toHaveLength(1);
  await t.clock.set(HOUR_MS);
  await t.runDue();
  expect(t.receiver.requests).toHaveLength(2);
  expect(await t.statuses()).toEqual(['DELIVERED']);
});

test('the claims of a worker that was killed before the clock was set back an hour come free within seconds', async () => {
  await using t = await setup();
  await t.target(t.receiver.url);
  await t.publish();
  expect(await t.queue.fetch(10)).toHaveLength(1);
  const supervise = async () => {
    const queue = createQueue({
      database: t.database,
      supervise: true,
      attemptTimeoutMs: 5_000,
      clock: t.clock.boss,
      onError: (error) => expect.unreachable(String(error)),
    });
    await queue.start();
    return queue;
  };
  const first = await supervise();
  await t.clock.boss.tick(5_000); // The monitor looks, and notes when.
  await first.stop();
  await t.clock.set(-HOUR_MS);
  const second = await supervise();
  for (let seconds = 0; seconds < 20; seconds += 5) await t.clock.boss.tick(5_000);
  await expect.poll(async () => (await t.rows('select state from pgboss.job'))[0].state).toBe('retry');
  await second.stop();
  await t.runDue();
  expect(await t.statuses()).toEqual(['DELIVERED']);
});

test('a clock set on by an hour makes claims seem lost: the attempt is repeated, and recorded once', async () => {
  await using t = await setup();
  const answer = Promise.withResolvers<number>();
  t.receiver.respondWith(() => answer.promise);
  await t.target(t.receiver.url);
  const { deliveryIds } = await t.publish();
  t.worker.dispatcher.wake();
  await t.receiver.next();
  await t.clock.set(HOUR_MS);
  await t.takeForDead();
  t.receiver.respondWith(200);
  const other = await t.createWorker();
  other.dispatcher.wake();
  await other.dispatcher.idle();
  answer.resolve(200);
  await t.worker.dispatcher.idle();
  const numbers = t.receiver.requests.map(({ headers }) => headers['x-dakota-delivery-attempt']);
  expect(numbers).toEqual(['1', '1']);
  expect(await t.attempts(deliveryIds[0]!)).toHaveLength(1);
  await other.dispatcher.stop();
});

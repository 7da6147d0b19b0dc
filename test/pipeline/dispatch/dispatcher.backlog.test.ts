/** Backlogs: in which order they are claimed, how they are held and taken, and what several workers do about them. */
import { expect, test } from 'vitest';
import { dueRange, freshPriority } from '../../../src/database/priority.ts';
import type { PublishCaller } from '../../../src/pipeline/publish/publish.ts';
import { createPipeline, SCHEDULE_MS } from '../../support/pipeline.ts';
import { startReceiver, type ReceiverAnswer, type ReceiverHandler } from '../../support/receiver.ts';

async function setup(
  options: Parameters<typeof createPipeline>[0] = {},
  answer: ReceiverAnswer | ReceiverHandler = 200,
) {
  const pipeline = await createPipeline(options);
  const receiver = await startReceiver(answer);
  const { fixtures, publisher, seal, ids, clock, rows, worker } = pipeline;
  for (const name of ['user.updated', 'user.deleted']) await fixtures.eventType({ name });
  return {
    ...pipeline,
    receiver,
    /** Another organization, with one target. */
    async organization(url: string) {
      const { id: organizationId } = await fixtures.organization();
      const id = ids.next();
      const sealed = seal.seal(Buffer.from(`whsec_${'A'.repeat(43)}=`), `target-secret:${organizationId}:${id}`);
      await fixtures.target({ organizationId, id, url, secrets: [{ sealed }] });
      return { organizationId, isPlatformAdmin: false };
    },
    async publishMany(count: number, { eventType = 'user.created', caller = pipeline.caller as PublishCaller } = {}) {
      const events = Array.from({ length: count }, (_, index) => ({ eventType, data: { index } }));
      expect(await publisher.publishMany(caller, events)).toMatchObject({ ok: true });
    },
    count: async (where: string) => (await rows(`select from deliveries where ${where}`)).length,
    jobs: async () => (await rows('select from pgboss.job')).length,
    /** Where in the order of arrival the first request for such a path came. */
    place: (path: string) => receiver.requests.findIndex(({ url }) => url.startsWith(path)),
    async drain(workers = [worker]) {
      while ((await rows("select from deliveries where status = 'PENDING'")).length > 0) {
        for (const { sweeper, dispatcher } of workers) {
          await sweeper.run();
          dispatcher.wake();
        }
        for (const { dispatcher } of workers) await dispatcher.idle();
      }
    },
    whenParked: (count: number) =>
      expect
        .poll(async () => (await rows('select from deliveries where held')).length, { timeout: 20_000 })
        .toBe(count),
    secondsLater: (seconds: number) => clock.advance(seconds * 1_000),
    async [Symbol.asyncDispose]() {
      await receiver[Symbol.asyncDispose]();
      await pipeline[Symbol.asyncDispose]();
    },
  };
}

/** Of what comes soon, unless the machine is busy. */
const PATIENCE = { timeout: 20_000 };

const hang = () => new Promise<never>(() => {});
const urlOf = ({ url }: { url: string }, path: string) => url.replace('/hook', path);

test('the single event of an organization is sent among the first, however much another one has published', async () => {
  await using t = await setup({ concurrency: 16, targetConcurrency: 16 });
  for (let index = 0; index < 20; index++) await t.target(urlOf(t.receiver, `/big/${index}`));
  await t.publishMany(150);
  const small = await t.organization(urlOf(t.receiver, '/small'));
  await t.publishMany(1, { caller: small });
  expect(await t.jobs()).toBe(3_001);
  await t.drain();
  // 100 of the big one have a turn as early, and 16 are under way.
  expect(t.place('/small')).toBeLessThan(150);
  expect(await t.count("status = 'DELIVERED'")).toBe(3_001);
});

test('the other targets of an organization are sent before most of the backlog of one', async () => {
  await using t = await setup({ concurrency: 16, targetConcurrency: 16 });
  await t.target(urlOf(t.receiver, '/busy'), { eventTypes: ['user.created'] });
  await t.target(urlOf(t.receiver, '/quiet'), { eventTypes: ['user.deleted'] });
  await t.publishMany(1_000);
  await t.publishMany(1, { eventType: 'user.deleted' });
  await t.drain();
  expect(t.place('/quiet')).toBeLessThan(400);
});

test('retries that are due do not starve behind fresh events, however many there are', async () => {
  await using t = await setup({ concurrency: 8 }, 500);
  await t.target(urlOf(t.receiver, '/retried'), { eventTypes: ['user.deleted'] });
  for (let index = 0; index < 10; index++) {
    await t.target(urlOf(t.receiver, `/fresh/${index}`), { eventTypes: ['user.created'] });
  }
  await t.publishMany(1, { eventType: 'user.deleted' });
  await t.runDue();
  t.receiver.respondWith(200);
  await t.clock.advance(SCHEDULE_MS[0]!);
  await t.publishMany(100);
  await t.drain();
  const arrived = t.receiver.requests.findIndex(({ headers }) => headers['x-dakota-delivery-attempt'] === '2');
  expect(arrived).toBeGreaterThan(0);
  expect(arrived).toBeLessThan(100);
});

test('a manual retry and a test event come before everything that was published in the last minute', async () => {
  await using t = await setup({ concurrency: 4 }, 500);
  await t.target(urlOf(t.receiver, '/retried'), { eventTypes: ['user.deleted'] });
  // A target of its own: while slots are few, a target that has not answered yet has one request open.
  const { id: targetId } = await t.target(urlOf(t.receiver, '/tested'), { eventTypes: ['user.updated'] });
  for (let index = 0; index < 10; index++) {
    await t.target(urlOf(t.receiver, `/fresh/${index}`), { eventTypes: ['user.created'] });
  }
  await t.publishMany(1, { eventType: 'user.deleted' });
  await t.runDue();
  t.receiver.respondWith(200);
  await t.publishMany(20);
  const [failed] = await t.rows("select id from deliveries where status = 'RETRYING'");
  expect(await t.deliveries.retry(t.caller, { id: failed.id })).toMatchObject({ ok: true });
  expect(await t.publisher.sendTest(t.caller, { targetId })).toMatchObject({ ok: true });
  await t.drain();
  const urls = t.receiver.requests.map(({ url }) => url).slice(1);
  // Of 202 requests. Four are open at once, and which of them arrives first is not decided by their turns.
  expect(urls.slice(0, 8)).toEqual(expect.arrayContaining(['/retried', '/tested']));
});

test('dated retries are outside of what a claim looks through', async () => {
  await using t = await setup();
  const startAfter = new Date(t.clock.now().getTime() + 3_600_000);
  const dated = Array.from({ length: 100 }, () => ({ id: t.clock.uuid(), deliveryId: t.ids.next(), startAfter }));
  await t.queue.insert(t.database.pool, dated);
  const [{ least, most }] = await t.rows('select min(priority) as least, max(priority) as most from pgboss.job');
  expect(least).toBe(most);
  expect(dueRange(t.clock.now()).min).toBeGreaterThan(most);
  expect(dueRange(startAfter).min).toBeLessThan(most);
});

test('the backlog of a target that hangs is parked once, and nothing touches it again', async () => {
  await using t = await setup({ concurrency: 80, timeoutMs: 60_000 }, hang);
  const other = await t.createWorker();
  const workers = [t.worker, other];
  const wakeAll = async () => {
    for (const { sweeper, dispatcher } of workers) {
      await sweeper.run();
      dispatcher.wake();
    }
  };
  await t.target(t.receiver.url);
  await t.publishMany(1_000);
  await wakeAll();
  await t.receiver.next();
  await expect.poll(() => t.jobs(), PATIENCE).toBeLessThanOrEqual(16);
  await t.secondsLater(1); // What waits behind the slow attempts is held too.
  await wakeAll();
  await t.whenParked(992);
  const versions = () => t.rows('select id, xmin::text as version from deliveries where held order by id');
  const before = await versions();
  for (let round = 0; round < 5; round++) {
    await t.secondsLater(1);
    await wakeAll();
  }
  expect(await versions()).toEqual(before);
  expect(t.receiver.requests).toHaveLength(8);
  expect(await t.jobs()).toBe(8);
  await t.receiver.close();
  await other.dispatcher.stop();
});

test('two workers share a backlog: each delivery is sent once, and what is held is taken to be sent', async () => {
  await using t = await setup({ targetConcurrency: 4 });
  const other = await t.createWorker();
  await t.target(t.receiver.url);
  await t.publishMany(1_000);
  await t.drain([t.worker, other]);
  expect(t.receiver.requests).toHaveLength(1_000);
  expect(await t.count("status = 'DELIVERED' and attempt_count = 1 and not held")).toBe(1_000);
  expect(await t.jobs()).toBe(0);
  await other.dispatcher.stop();
});

test('held deliveries are claimed in the transaction that gives them jobs, each by one worker, oldest first', async () => {
  await using t = await setup();
  const { id: targetId } = await t.target(t.receiver.url, { status: 'PAUSED' });
  const { id: pausedId } = await t.target(t.receiver.url, { status: 'PAUSED' });
  await t.publishMany(40);
  await t.rows("update webhook_targets set status = 'ACTIVE' where id = $1", [targetId]);
  const wanted = [
    { targetId: pausedId, room: 5 },
    { targetId, room: 17 },
  ];
  const takes = await Promise.all([t.worker.holder.take(wanted), t.worker.holder.take(wanted)]);
  expect(takes.map(({ found }) => found)).toEqual([
    [0, 17],
    [0, 17],
  ]);
  const taken = takes.flatMap(({ jobs }) => jobs.map(({ deliveryId }) => deliveryId));
  const oldest = await t.rows('select id from deliveries where target_id = $1 order by id limit 34', [targetId]);
  expect(taken.sort()).toEqual(oldest.map(({ id }) => id));
  expect(await t.rows("select from pgboss.job where state = 'active'")).toHaveLength(34);
  expect((await t.worker.holder.take(wanted)).found).toEqual([0, 6]);
});

test('a worker that stops while it takes held deliveries gives them back', async () => {
  await using t = await setup();
  const { id } = await t.target(t.receiver.url, { status: 'PAUSED' });
  await t.publishMany(10);
  await t.rows("update webhook_targets set status = 'ACTIVE' where id = $1", [id]);
  await t.worker.sweeper.run(); // It has asked for them, and is not answered yet.
  await t.worker.dispatcher.stop();
  expect(t.receiver.requests).toEqual([]);
  const other = await t.createWorker();
  await t.drain([other]);
  expect(t.receiver.requests).toHaveLength(10);
  await other.dispatcher.stop();
});

test('an organization that keeps up is not behind, however much it publishes', async () => {
  await using t = await setup();
  for (let index = 0; index < 10; index++) await t.target(urlOf(t.receiver, `/${index}`));
  await t.publishMany(100);
  await t.drain();
  await t.clock.advance(1_000);
  await t.publishMany(1); // Still in its old turn: it is looked at together with its facts.
  const [{ priority }] = await t.rows('select max(priority) as priority from pgboss.job');
  expect(freshPriority(t.clock.now()) - priority).toBeLessThanOrEqual(1);
});

/** What a process publishes it sends itself, right behind the commit, if nobody waits in the queue. */
import { expect, test, vi } from 'vitest';
import { OutcomeUnknown } from '../../../src/database/commit.ts';
import { freshPriority } from '../../../src/database/priority.ts';
import { createBodies } from '../../../src/pipeline/bodies.ts';
import type { Claim } from '../../../src/pipeline/deliver/claim.ts';
import type { OpenTo } from '../../../src/pipeline/dispatch/claim-policy.ts';
import { createHandOver } from '../../../src/pipeline/dispatch/hand-over.ts';
import type { FreshDelivery, Handing } from '../../../src/pipeline/fresh-deliveries.ts';
import { createPublisher } from '../../../src/pipeline/publish/publish.ts';
import { verifyWebhook } from '../../../src/verify/index.ts';
import { WAITING } from '../control-setup.ts';
import { createManualClock } from '../../support/clock.ts';
import { ALONE } from '../../support/fair-share.ts';
import { createPipeline } from '../../support/pipeline.ts';
import { startReceiver } from '../../support/receiver.ts';
import { KEY_HASH } from '../../support/master-key.ts';

type Options = NonNullable<Parameters<typeof createPipeline>[0]>;

async function setup(options: Options = {}) {
  const pipeline = await createPipeline({ handsOver: true, ...options });
  const receiver = await startReceiver(200);
  const fetches = vi.spyOn(pipeline.queue, 'fetch');
  const { rows, database, queue, clock, ids, worker, fixtures } = pipeline;
  await pipeline.runDue(); // The worker has seen that its queue is empty.
  fetches.mockClear();
  return {
    ...pipeline,
    receiver,
    fetches,
    /** Without waiting for anything: the worker is not told. */
    publishOnly: () => pipeline.publisher.publish(pipeline.caller, { eventType: 'user.created', data: {} }),
    jobs: () => rows('select state, priority from pgboss.job order by created_on'),
    statuses: async () => (await rows('select status from deliveries order by id')).map(({ status }) => status),
    /** Another process, which hands nothing over. */
    elsewhere: createPublisher({
      keyHash: KEY_HASH,
      database,
      queue,
      clock,
      ids,
      bodies: createBodies(),
      maxAttempts: 10,
      onCommit() {},
    }),
    /** COMMIT of a publish waits until `release`. */
    async holdCommits() {
      await rows(`create function hold_commit() returns trigger language plpgsql as
        $$ begin perform pg_advisory_xact_lock(77); return null; end $$`);
      await rows(`create constraint trigger hold_commit after insert on events deferrable initially deferred
        for each row execute function hold_commit()`);
      const client = await database.heartbeat.connect();
      await client.query('select pg_advisory_lock(77)');
      return {
        reached: () =>
          vi.waitUntil(async () => (await rows(WAITING))[0], {
            timeout: 20_000,
          }),
        async release() {
          await client.query('select pg_advisory_unlock(77)');
          client.release();
        },
      };
    },
    paused: () => fixtures.target({ organizationId: pipeline.organizationId, url: receiver.url, status: 'PAUSED' }),
    settled: () => worker.dispatcher.idle(),
    async [Symbol.asyncDispose]() {
      await receiver[Symbol.asyncDispose]();
      await pipeline[Symbol.asyncDispose]();
    },
  };
}

test('what was published is sent without asking the queue', async () => {
  await using t = await setup();
  await t.target(t.receiver.url);
  await t.publishOnly();
  await t.receiver.next();
  await t.settled();
  expect(t.fetches).not.toHaveBeenCalled();
  expect(await t.statuses()).toEqual(['DELIVERED']);
  expect(await t.jobs()).toEqual([]);
});

test('a request that is handed over has the signatures of the guide', async () => {
  await using t = await setup();
  const { secret } = await t.target(t.receiver.url);
  await t.publishOnly();
  const { headers, body } = await t.receiver.next();
  const [key] = await t.rows('select public_key from signing_keys');
  const verify = (keys: object) => verifyWebhook({ headers, body, now: t.clock.now(), ...keys });
  expect(await verify({ publicKeys: [key.public_key] })).toMatchObject({ ok: true });
  expect(await verify({ secrets: [secret] })).toMatchObject({ ok: true, schemes: ['v1'] });
});

test('no byte leaves before the commit is durable', async () => {
  await using t = await setup();
  await t.target(t.receiver.url);
  const commits = await t.holdCommits();
  const published = t.publishOnly();
  await commits.reached();
  expect(t.receiver.connectionCount).toBe(0);
  await commits.release();
  await published;
  await t.receiver.next();
  await t.settled();
  expect(t.receiver.requests).toHaveLength(1);
});

test('a publish that is rolled back sends nothing, and keeps no room', async () => {
  await using t = await setup({ targetConcurrency: 1 });
  await t.target(t.receiver.url);
  await t.rows(`alter table delivery_changes add constraint refused check (status <> 'PENDING')`);
  for (let time = 0; time < 20; time++) await expect(t.publishOnly()).rejects.toThrow('refused');
  expect(t.receiver.connectionCount).toBe(0);
  await t.rows('alter table delivery_changes drop constraint refused');
  await t.publishOnly();
  await t.receiver.next();
  await t.settled();
  expect(t.receiver.requests).toHaveLength(1);
  expect(t.fetches).not.toHaveBeenCalled();
});

test('a job that waits in the queue goes before what is handed over', async () => {
  await using t = await setup({ targetConcurrency: 1 }); // One after the other.
  await t.target(t.receiver.url);
  await t.elsewhere.publish(t.caller, { eventType: 'user.created', data: { index: 0 } });
  t.worker.dispatcher.wake();
  await t.publishOnly(); // The claim is still under way.
  await t.settled();
  expect(t.receiver.requests).toHaveLength(2);
  expect(JSON.parse(t.receiver.requests[0]!.body.toString()).data).toEqual({ index: 0 });
});

test('what the lane has no room for waits in the queue', async () => {
  const answer = Promise.withResolvers<number>();
  await using t = await setup();
  t.receiver.respondWith(() => answer.promise);
  await t.target(t.receiver.url);
  const events = Array.from({ length: 30 }, () => ({ eventType: 'user.created', data: {} }));
  await t.publisher.publishMany(t.caller, events);
  await t.receiver.next();
  const count = (state: string) => t.rows(`select from pgboss.job where state = '${state}'`);
  expect((await count('active')).length).toBe(8); // Four are open, four wait for them in memory.
  expect((await count('created')).length).toBe(22);
  answer.resolve(200);
  await t.runDue();
  while ((await t.statuses()).includes('PENDING')) {
    await t.worker.sweeper.run();
    await t.runDue();
  }
  expect(t.receiver.requests).toHaveLength(30);
});

test.each([
  ['has a limit of requests', 'max_concurrency = 5'],
  ['has a limit of requests a second', 'rate_limit_per_second = 5'],
  ['asked for time', `deferred_until = '2026-01-15T11:00:00Z'`],
])('a target that %s gets nothing past the queue', async (_, change) => {
  await using t = await setup();
  await t.target(t.receiver.url);
  await t.rows(`update webhook_targets set ${change}`);
  await t.publishOnly();
  expect((await t.jobs()).map(({ state }) => state)).toEqual(['created']);
  expect(t.receiver.connectionCount).toBe(0);
});

test('a paused target gets nothing', async () => {
  await using t = await setup();
  await t.paused();
  await t.publishOnly();
  expect(await t.jobs()).toEqual([]);
  expect(t.receiver.connectionCount).toBe(0);
});

test('a commit that took longer than a second puts its deliveries into the queue', async () => {
  await using t = await setup();
  await t.target(t.receiver.url);
  const commits = await t.holdCommits();
  const published = t.publishOnly();
  await commits.reached();
  await t.clock.advance(1_001);
  await commits.release();
  await published;
  await t.receiver.next(); // Its job was put back, and claimed.
  await t.settled();
  expect(t.fetches).toHaveBeenCalled();
  expect(await t.statuses()).toEqual(['DELIVERED']);
});

test('a commit of unknown outcome sends nothing until its end is known, and then what it wrote', async () => {
  await using t = await setup();
  await t.target(t.receiver.url);
  const ended = Promise.withResolvers<void>();
  const transact: typeof t.database.transact = async (statements, options) => {
    await t.database.transact(statements, options);
    throw new OutcomeUnknown(new Error('The connection broke'), ended.promise);
  };
  const { queue, clock, ids, worker } = t;
  const publisher = createPublisher({
    keyHash: KEY_HASH,
    database: { ...t.database, transact },
    queue,
    clock,
    ids,
    bodies: createBodies(),
    maxAttempts: 10,
    handOver: worker.dispatcher.handOver,
    onCommit() {},
  });
  await expect(publisher.publish(t.caller, { eventType: 'user.created', data: {} })).rejects.toThrow('confirmed');
  expect(t.receiver.connectionCount).toBe(0);
  ended.resolve();
  await t.receiver.next();
  await t.settled();
  expect(await t.statuses()).toEqual(['DELIVERED']);
});

test('a worker that stops puts what is committed meanwhile into the queue', async () => {
  await using t = await setup();
  await t.target(t.receiver.url);
  const commits = await t.holdCommits();
  const published = t.publishOnly();
  await commits.reached();
  await t.worker.dispatcher.stop();
  await commits.release();
  await published;
  await vi.waitUntil(async () => (await t.jobs())[0]?.state === 'created', { timeout: 20_000 });
  expect(t.receiver.connectionCount).toBe(0);
});

/** The hand-over alone: it keeps room for everything. */
function alone({ openTo = 'all', loud = [] }: { openTo?: OpenTo; loud?: readonly string[] } = {}) {
  const clock = createManualClock();
  const log: string[] = [];
  const names = (claims: readonly { readonly id: string }[]) => claims.map(({ id }) => id).join(' ');
  const handOver = createHandOver({
    clock,
    openTo: () => openTo,
    isRestrained: (organizationId) => loud.includes(organizationId),
    scheduler: { reserve: () => true, unreserve: () => {} },
    fresh: { make: ({ id }) => ({ job: { id } }) as Claim, signAhead: () => {} },
    receive: (claims) => void log.push(`sent ${names(claims.map(({ job }) => job))}`),
    giveBack: (jobs) => void log.push(`queued ${names(jobs)}`),
    onLeft: () => {},
  });
  /** `inMs`: when the turn of its job comes. */
  const takes = (handing: Handing, id: string, { organizationId = 'quiet', inMs = 0 } = {}): boolean => {
    const priority = freshPriority(new Date(clock.now().getTime() + inMs));
    return handing.take({ id, organizationId, priority } as FreshDelivery);
  };
  const begin = (id: string) => {
    const handing = handOver.begin(clock.now())!;
    expect(takes(handing, id)).toBe(true);
    return handing;
  };
  return { log, handOver, begin, takes, clock };
}

test.each([
  [true, 'sent during'],
  [false, 'queued during'],
])('what is handed over during a claim waits for its end (it took all: %s)', (hasAll, end) => {
  const { log, handOver, begin } = alone();
  const letGo = handOver.holdUp();
  begin('during').send();
  expect(log).toEqual([]);
  letGo(hasAll);
  expect(log).toEqual([end]);
});

test('a commit that comes after the end of such a claim heeds what the claim found', () => {
  const { log, handOver, begin } = alone();
  const letGo = handOver.holdUp();
  const [early, late] = [begin('early'), begin('late')];
  letGo(false);
  early.send();
  late.giveBack();
  expect(log).toEqual(['queued early', 'queued late']);
});

test('what began before a claim does not wait for it', () => {
  const { log, handOver, begin } = alone();
  const handing = begin('before');
  const letGo = handOver.holdUp();
  handing.send();
  expect(log).toEqual(['sent before']);
  letGo(false);
  expect(log).toEqual(['sent before']);
});

test('a strained process takes what a quiet organization publishes in its turn, also during a claim of the queue', () => {
  const { log, handOver, begin } = alone({ openTo: 'quiet' });
  const letGo = handOver.holdUp();
  begin('during').send();
  expect(log).toEqual(['sent during']);
  letGo(false);
  expect(log).toEqual(['sent during']);
});

test('a strained process leaves to the queue what loud organizations publish, and what is ahead of its turn', () => {
  const { log, handOver, takes, clock } = alone({ openTo: 'quiet', loud: ['loud'] });
  const handing = handOver.begin(clock.now())!;
  expect(takes(handing, 'loud', { organizationId: 'loud' })).toBe(false);
  expect(takes(handing, 'early', { inMs: 5_000 })).toBe(false);
  expect(takes(handing, 'quiet')).toBe(true);
  handing.send();
  expect(log).toEqual(['sent quiet']);
});

test('a worker that takes nothing hands nothing over', () => {
  const { handOver, clock } = alone({ openTo: 'nobody' });
  expect(handOver.begin(clock.now())).toBeUndefined();
});

test('beside a loud organization, a quiet one does not wait for a claim of the queue', async () => {
  const loud = new Set<string>();
  const fairShare = { ...ALONE, isStrained: true, isRestrained: (id: string) => loud.has(id) };
  await using t = await setup({ fairShare });
  await t.target(t.receiver.url);
  await t.publishOnly();
  await t.receiver.next();
  expect(t.fetches).not.toHaveBeenCalled();
  loud.add(t.organizationId);
  await t.publishOnly();
  expect((await t.jobs()).map(({ state }) => state)).toContain('created');
});

/** The dispatcher alone: its queue, its database and its targets are of this file, and so is time. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { PriorityRange } from '../../../src/database/priority.ts';
import type { Job } from '../../../src/database/job.ts';
import { TOUCH_INTERVAL_MS, type Queue } from '../../../src/database/queue.ts';
import type { Claim, ClaimedJobs } from '../../../src/pipeline/deliver/claim.ts';
import type { FreshClaims } from '../../../src/pipeline/deliver/fresh-claims.ts';
import { createDispatcher } from '../../../src/pipeline/dispatch/dispatcher.ts';
import type { Holder } from '../../../src/pipeline/dispatch/hold.ts';
import type { Verdict } from '../../../src/pipeline/deliver/judge.ts';
import type { LeaseRows } from '../../../src/pipeline/dispatch/lanes/lease-rows.ts';
import { createLanes } from '../../../src/pipeline/dispatch/lanes/lanes.ts';
import { createManualClock } from '../../support/clock.ts';
import { ALONE } from '../../support/fair-share.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

const NO_LIMITS = { maxConcurrency: null, rateLimitPerSecond: null };
const EMPTY: ClaimedJobs = { ready: [], waiting: [], probeable: new Map(), orphaned: [], stale: [] };

function setup({ concurrency = 16, targetConcurrency = 16 } = {}) {
  const clock = createManualClock();
  const due: Claim[] = [];
  const log = {
    claims: [] as { limit: number; range: PriorityRange }[],
    started: [] as string[],
    errors: [] as unknown[],
  };
  const held: string[] = [];
  const givenBack: string[] = [];
  const touched: string[] = [];
  const open = new Map<string, (verdict: Verdict) => void>();
  let beforeClaim = async () => {};
  let hasRetries = true;
  let holdFailures = 0;
  let settled = Promise.resolve();
  const names = (jobs: readonly Job[]) => jobs.map(({ deliveryId }) => deliveryId);

  const dispatcher = createDispatcher({
    clock,
    concurrency,
    fairShare: ALONE,
    lateDeliveries: { note() {} },
    lanes: createLanes(targetConcurrency),
    onError: (error) => void log.errors.push(error),
    leaseRows: {} as LeaseRows,
    onLeasesGivenUp() {},
    onHeldForOthers() {},
    queue: {
      giveBack: async (jobs) => void givenBack.push(...names(jobs)),
      touch: async (jobs) => void touched.push(...names(jobs)),
    } as Partial<Queue> as Queue,
    claim: {
      async claim(limit, _now, range) {
        log.claims.push({ limit, range });
        const ready = range.max !== undefined && !hasRetries ? [] : due.splice(0, limit);
        await beforeClaim();
        return { ...EMPTY, ready };
      },
      lookUp: async () => EMPTY,
      takeOver: () => EMPTY,
    },
    holder: {
      async hold(jobs) {
        if (holdFailures-- > 0) throw new Error('Postgres is away');
        held.push(...names(jobs));
      },
      take: async (wanted) => ({ jobs: [], probes: new Set(), found: wanted.map(() => 0) }),
      restrained: async () => new Map(),
    } as Partial<Holder> as Holder,
    fresh: {} as FreshClaims,
    attempt: async ({ deliveryId }, onJudged) => {
      log.started.push(deliveryId);
      const verdict = await new Promise<Verdict>((resolve) => open.set(deliveryId, resolve));
      onJudged?.(verdict);
      await settled;
      return verdict;
    },
  });
  return {
    dispatcher,
    clock,
    log,
    held,
    givenBack,
    touched,
    add(targetId: string, ...deliveryIds: string[]) {
      for (const deliveryId of deliveryIds) {
        const job = { id: deliveryId, deliveryId, retryCount: 0 };
        due.push({ job, deliveryId, targetId, organizationId: 'o', limits: NO_LIMITS, exemption: null } as Claim);
      }
    },
    delayClaims: (until: Promise<void>) => void (beforeClaim = () => until),
    haveNoRetries: () => void (hasRetries = false),
    failHolds: (count: number) => void (holdFailures = count),
    delaySettling: (until: Promise<void>) => void (settled = until),
    end(deliveryId: string) {
      const result = { kind: 'response', status: 200, durationMs: 1 };
      open.get(deliveryId)!({ outcome: 'DELIVERED', result } as Verdict);
    },
    /** Lets everything happen that needs no time. */
    settle: () => vi.advanceTimersByTimeAsync(0),
    async pass(ms: number) {
      await clock.advance(ms);
      await vi.advanceTimersByTimeAsync(ms);
    },
  };
}

/** Lets everything happen that belongs to this turn of the event loop. */
async function microtasks(): Promise<void> {
  for (let step = 0; step < 100; step++) await null;
}

/** Resolves after the immediates of this turn, which begin the next one. */
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

const range = (count: number, prefix = '') => Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);

test('claims as many jobs as there are free slots, and again when attempts end', async () => {
  const t = setup({ concurrency: 3 });
  t.add('a', ...range(3));
  t.dispatcher.wake();
  await t.settle();
  expect(t.log.claims[0]!.limit).toBe(3);
  expect(t.log.started).toEqual(['1']); // With so few slots, a new target is sent one request at first.
  t.end('1');
  await t.settle();
  t.add('a', ...range(2, 'later '));
  t.dispatcher.wake();
  await t.settle();
  expect(t.log.started).toEqual(['1', '2', '3', 'later 1']);
  t.end('2');
  await t.settle();
  expect(t.log.started).toEqual(['1', '2', '3', 'later 1', 'later 2']);
});

test('no more than 16 attempts start in one turn of the event loop, however many end in it', async () => {
  const t = setup({ concurrency: 256 });
  for (const name of range(64)) t.add(`target ${name}`, name);
  t.dispatcher.wake();
  await microtasks();
  expect(t.log.started).toHaveLength(16);
  for (const name of range(8)) t.end(name);
  await microtasks();
  expect(t.log.started).toHaveLength(16);
  await nextTurn();
  expect(t.log.started).toHaveLength(32);
  for (let turn = 0; turn < 4; turn++) await nextTurn();
  expect(t.log.started).toHaveLength(64);
});

test('what waits for a slot does not keep the jobs of others from being claimed', async () => {
  const t = setup({ concurrency: 6 });
  for (const name of range(8)) t.add(`target ${name}`, name);
  t.dispatcher.wake();
  await t.settle();
  expect(t.log.started).toEqual(['1', '2']);
  t.end('1');
  await t.settle();
  t.add('target 1', 'of a known target');
  t.dispatcher.wake();
  await t.settle();
  expect(t.log.started).toEqual(['1', '2', '3', 'of a known target']);
});

test('a request that is over has no slot while its verdict is written, and sending stops at four verdicts per slot', async () => {
  const t = setup({ concurrency: 2, targetConcurrency: 1 });
  const settled = Promise.withResolvers<void>();
  t.delaySettling(settled.promise);
  for (const name of range(20)) {
    t.add('a', name);
    t.dispatcher.wake();
    await t.settle();
    if (t.log.started.includes(name)) t.end(name);
    await t.settle();
  }
  expect(t.log.started).toEqual(range(8));
  settled.resolve();
  await t.settle();
  expect(t.log.started).toEqual(range(9));
});

test('an attempt of a second gives its slot up by itself', async () => {
  const t = setup({ concurrency: 2 });
  for (const name of range(2)) t.add(`target ${name}`, name);
  t.dispatcher.wake();
  await t.settle();
  expect(t.log.started).toEqual(['1']);
  await t.pass(999);
  expect(t.log.started).toEqual(['1']);
  await t.pass(1);
  expect(t.log.started).toEqual(['1', '2']);
});

test('while claims come back full, every fourth one is for retries, and it does not end the claiming', async () => {
  const t = setup({ concurrency: 2, targetConcurrency: 1 });
  t.add('a', ...range(30));
  t.dispatcher.wake();
  await t.settle();
  const isForRetries = t.log.claims.map(({ range: { max } }) => max !== undefined);
  expect(isForRetries.slice(0, 8)).toEqual([false, false, false, true, false, false, false, true]);
  expect(t.held).toHaveLength(28); // One in flight, one waits.
});

test('when there are no retries, none are looked for in the next quarter of a second', async () => {
  const t = setup({ concurrency: 2, targetConcurrency: 1 });
  t.haveNoRetries();
  t.add('a', ...range(40));
  t.dispatcher.wake();
  await t.settle();
  const looks = () => t.log.claims.filter(({ range: { max } }) => max !== undefined).length;
  expect(looks()).toBe(1);
  await t.pass(251);
  t.add('a', ...range(40, 'later '));
  t.dispatcher.wake();
  await t.settle();
  expect(looks()).toBe(2);
});

test('claims ahead twice as many as ended while the last claim was made, less what waits', async () => {
  const t = setup({ concurrency: 8 });
  t.add('a', ...range(5));
  t.dispatcher.wake();
  await t.settle();
  for (const name of range(3)) {
    t.end(name); // The lane of a target that answers grows.
    await t.settle();
  }
  expect(t.log.started).toEqual(range(5));
  const claim = Promise.withResolvers<void>();
  t.delayClaims(claim.promise);
  t.add('a', ...range(20, 'later '));
  t.log.claims.length = 0;
  t.dispatcher.wake();
  await t.settle();
  for (const name of ['4', '5']) t.end(name);
  await t.settle();
  expect(t.log.claims.map(({ limit }) => limit)).toEqual([6]);
  t.delayClaims(Promise.resolve());
  claim.resolve();
  await t.settle();
  expect(t.log.started).toEqual([...range(5), ...range(6, 'later ')]); // As wide as the lane is by now.
  expect(t.log.claims.slice(0, 2).map(({ limit }) => limit)).toEqual([6, 2 + 2 * 2]); // Two slots are free, and two attempts ended.
});

test('claims nothing ahead while nothing ends', async () => {
  const t = setup({ concurrency: 2 });
  for (const name of range(8)) t.add(`target ${name}`, name);
  t.dispatcher.wake();
  await t.settle();
  const before = t.log.claims.length;
  await t.pass(999);
  t.dispatcher.wake();
  await t.settle();
  expect(t.log.claims.slice(before).every(({ limit }) => limit <= 2)).toBe(true);
});

test('starts sixteen attempts in a turn of the event loop', async () => {
  const t = setup({ concurrency: 160 });
  for (const name of range(40)) t.add(`target ${name}`, name);
  const atTurns: number[] = [];
  t.dispatcher.wake();
  await Promise.resolve().then(() => {});
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    atTurns.push(t.log.started.length);
  }
  expect(atTurns).toEqual([16, 32, 40, 40, 40]);
});

test('a hold that fails is tried again', async () => {
  const t = setup({ targetConcurrency: 1 });
  t.failHolds(1);
  t.add('a', ...range(3));
  t.dispatcher.start();
  await t.settle();
  expect([t.held, t.log.errors.length]).toEqual([[], 1]);
  await t.pass(1_000);
  expect(t.held).toEqual(['3', '2']); // '2' waited behind '1', which has become slow.
  t.end('1');
  await t.dispatcher.stop();
});

test('touches what is claimed for longer, and not what has just been', async () => {
  const t = setup();
  t.add('a', 'old');
  t.dispatcher.start();
  await t.settle();
  await t.pass(TOUCH_INTERVAL_MS - 10);
  t.add('b', 'young');
  t.dispatcher.wake();
  await t.pass(10);
  expect(t.touched).toEqual(['old']);
  await t.pass(TOUCH_INTERVAL_MS);
  expect(t.touched).toEqual(['old', 'old', 'young']);
  for (const name of ['old', 'young']) t.end(name);
  await t.dispatcher.stop();
});

test('gives back at once what waits when it stops, and what it claims after that', async () => {
  const t = setup({ concurrency: 4, targetConcurrency: 1 });
  t.add('a', '1', '2');
  t.dispatcher.wake();
  await t.settle();
  const claim = Promise.withResolvers<void>();
  t.delayClaims(claim.promise);
  t.add('b', '3');
  t.dispatcher.wake();
  await t.settle();
  const stopped = t.dispatcher.stop();
  await t.settle();
  expect(t.givenBack).toEqual(['2']);
  claim.resolve();
  await t.settle();
  expect(t.givenBack).toEqual(['2', '3']);
  t.end('1');
  await stopped;
  expect(t.log.started).toEqual(['1']);
});

test('is unhealthy while verdicts wait and none has been written for five seconds, although it looks at the queue', async () => {
  const t = setup();
  const settled = Promise.withResolvers<void>();
  t.delaySettling(settled.promise);
  t.dispatcher.start();
  await t.pass(60_000);
  expect(t.dispatcher.healthy).toBe(true); // Nothing waits.
  t.add('a', '1', '2');
  t.dispatcher.wake();
  await t.settle();
  t.end('1');
  await t.pass(4_999);
  expect(t.dispatcher.healthy).toBe(true);
  await t.pass(1);
  expect(t.dispatcher.healthy).toBe(false);
  expect(t.log.claims.length).toBeGreaterThan(4);
  settled.resolve();
  await t.settle();
  expect(t.dispatcher.healthy).toBe(true);
  t.end('2');
  await t.dispatcher.stop();
});

test('a worker that is full of verdicts which are not written does not pass for one that looks at the queue', async () => {
  const t = setup({ concurrency: 1, targetConcurrency: 1 });
  const [first, all] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  t.dispatcher.start();
  t.delaySettling(all.promise);
  for (const name of range(4)) {
    t.add('a', name);
    t.dispatcher.wake();
    await t.settle();
    if (name === '4') t.delaySettling(first.promise);
    t.end(name);
    await t.settle();
  }
  const claims = t.log.claims.length;
  await t.pass(5_000);
  expect([t.dispatcher.healthy, t.log.claims.length]).toEqual([false, claims]);
  first.resolve();
  await t.settle();
  expect([t.dispatcher.healthy, t.log.claims.length > claims]).toEqual([true, true]);
  all.resolve();
  await t.dispatcher.stop();
});

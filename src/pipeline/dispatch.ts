/**
 * Dispatch: keeps every free slot busy. Claims jobs for the slots that are free, and for those that will be when the claim
 * is made; starts each as soon as its target may take it, and never waits for a batch to end.
 *
 *     queue ──claim──▶ rotation ──▶ attempt ──▶ judged: the slot is free ──▶ settled
 *                      │      ▲
 *                 hold ▼      │ take: for a lane that has room
 *                  held in the database
 *
 * Invariants:
 *   - claiming, holding and taking each run one at a time, and none of them waits for another;
 *   - every claimed job is touched until it is settled, held or removed: a job nobody touches is claimed by others;
 *   - nothing claimed is forgotten when Postgres fails: it is tried again, or runs out and is claimed anew.
 */
import type { Clock } from '../clock.ts';
import { TOUCH_INTERVAL_MS, type Job, type Queue } from '../database/queue.ts';
import type { Attempt } from './attempt.ts';
import type { Claim, Claimed, Claimer } from './claim.ts';
import { createClaimPolicy } from './claim-policy.ts';
import { createDeferralWatch, endsDeferral } from './defer.ts';
import type { Holder } from './hold.ts';
import type { Lanes } from './lanes.ts';
import type { Verdict } from './judge.ts';
import { lessonOf, type Lesson } from './lesson.ts';
import { createRotation } from './rotation.ts';
import { createRounds } from './rounds.ts';
import { createSlots, type Flight } from './slots.ts';

export type Dispatcher = {
  start(): void;
  /** There may be due jobs, or held deliveries with room in their lanes: look now. */
  wake(): void;
  /** Another process may have learned that targets take no requests for a while, or do again: look now. */
  heedDeferrals(): void;
  /** Claims nothing more, gives back what waits, and resolves when every attempt under way is settled. */
  stop(): Promise<void>;
  /** Resolves when nothing that was due is unclaimed, in flight or unsettled. For tests and the demo. */
  idle(): Promise<void>;
  /** Whether a look at the queue succeeded in the last seconds, and a verdict was committed where some wait for that. */
  readonly healthy: boolean;
};

export type DispatcherOptions = {
  readonly queue: Queue;
  readonly claim: Pick<Claimer, 'claim' | 'lookUp'>;
  readonly attempt: Attempt;
  readonly holder: Holder;
  readonly lanes: Lanes;
  /** Quick attempts under way at once; slots.ts says what comes on top. */
  readonly concurrency: number;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
};

/** Dated jobs have no doorbell: this is how late a retry can be. */
const POLL_MS = 1_000;
/** A worker that could not look at the queue, or commit a verdict, for this long is of no use now. */
const HEALTHY_MS = 5_000;
/** Claims in memory, for each slot: half a second of what fast lanes complete. */
const WAITING_PER_SLOT = 4;
/** Verdicts in memory, for each slot: while Postgres takes none, nothing more is sent. */
const UNSETTLED_PER_SLOT = 4;
/** Attempts started in one turn of the event loop: to sign a hundred takes 10 ms, and Postgres and the API would wait. */
const MOST_STARTS = 16;
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { queue, claim: claimer, attempt, holder, lanes, concurrency, clock, onError } = options;
  const slots = createSlots(concurrency);
  const rotation = createRotation(lanes, slots, WAITING_PER_SLOT * concurrency);
  const policy = createClaimPolicy({ slots, rotation, concurrency, clock });
  /** Since when. */
  const claimed = new Map<Job, number>();
  let toHold: Claim[] = [];
  /** Attempts whose request is over: they take no slot while their verdicts are written, so that these share transactions. */
  let unsettled = 0;
  const mostUnsettled = UNSETTLED_PER_SLOT * concurrency;
  /** When the last verdict was written, or the first of those that are not. */
  let settledMs = 0;
  let isStopping = false;
  let lastLookMs = clock.monotonicMs();
  let timers: NodeJS.Timeout[] = [];
  let goOn: NodeJS.Immediate | undefined;
  let alarm: { atMs: number; timer: NodeJS.Timeout } | undefined;
  let idleWaiters: (() => void)[] = [];

  const claims = createRounds({ round: claimSome, onError, onEnd: announceIdle });
  const takes = createRounds({ round: takeSome, onError, onEnd: announceIdle });
  const holds = createRounds({ round: holdSome, onError, onEnd: announceIdle });
  const onDeferred = (waiting: Claim[]) => {
    toHold.push(...waiting);
    if (waiting.length > 0) holds.ask();
  };
  const deferrals = createDeferralWatch({
    ...{ lanes, rotation, holder, clock, onDeferred, onError },
    onEnd() {
      if (lanes.hungry.size > 0) takes.ask();
      announceIdle();
    },
  });

  function wake(): void {
    if (isStopping) return;
    advance();
    claims.ask();
  }

  function poll(): void {
    wake();
    deferrals.ask();
  }

  /** Starts what may start, and sees to what this leaves. */
  function advance(): void {
    const nowMs = clock.monotonicMs();
    toHold.push(...rotation.age(nowMs));
    for (let started = 0; unsettled < mostUnsettled; started++) {
      if (started === MOST_STARTS) {
        goOn ??= setImmediate(advanceOn);
        break;
      }
      const flight = rotation.next(nowMs);
      if (!flight) break;
      void run(flight);
    }
    setAlarm(nowMs);
    if (toHold.length > 0) holds.ask();
    if (lanes.hungry.size > 0) takes.ask();
  }

  function advanceOn(): void {
    goOn = undefined;
    advance();
  }

  /** For what changes by time alone: an attempt becomes slow, a rate limit has room. */
  function setAlarm(nowMs: number): void {
    const atMs = rotation.nextChangeMs();
    if (atMs === undefined || (alarm && alarm.atMs <= atMs)) return;
    clearTimeout(alarm?.timer);
    const ring = () => {
      alarm = undefined;
      const wasFull = slots.free === 0;
      advance();
      if (wasFull && slots.free > 0) claims.ask();
    };
    alarm = { atMs, timer: setTimeout(ring, Math.max(1, Math.ceil(atMs - nowMs))).unref() };
  }

  async function claimSome(): Promise<boolean> {
    if (unsettled >= mostUnsettled) return false; // No look; see `healthy`. The next verdict that is written wakes us again.
    const limit = isStopping ? 0 : policy.nextLimit();
    if (limit === 0) {
      lastLookMs = clock.monotonicMs();
      return false; // The end of an attempt wakes us again.
    }
    const range = policy.nextRange();
    const found = await claimer.claim(limit, clock.now(), range); // What is claimed and lost here runs out, and comes back.
    lastLookMs = clock.monotonicMs();
    await receive(found, false);
    const { ready, waiting, orphaned, stale } = found;
    return policy.found(ready.length + waiting.length + orphaned.length + stale.length, limit, range);
  }

  /** Claims held deliveries for the lanes that have room. */
  async function takeSome(): Promise<boolean> {
    const refills = isStopping ? [] : rotation.takeHungry(clock.monotonicMs());
    if (refills.length === 0) return false;
    const end = (found: readonly number[]) =>
      refills.forEach((refill, index) => rotation.endRefill(refill, found[index]!, clock.monotonicMs()));
    try {
      const wanted = refills.map(({ lane, room }) => ({ targetId: lane.targetId, room }));
      const { jobs, probes, found } = await holder.take(wanted);
      const looked = await claimer.lookUp(jobs, clock.now(), probes);
      end(found);
      await receive(looked, true);
    } catch (error) {
      end(refills.map(({ room }) => room)); // They may still be held.
      throw error;
    }
    return lanes.hungry.size > 0;
  }

  async function receive(looked: Claimed, isRefill: boolean): Promise<void> {
    const { ready, waiting, probeable, orphaned, stale } = looked;
    if (isStopping) {
      return queue.giveBack([...ready.map(({ job }) => job), ...waiting, ...orphaned, ...stale], clock.now());
    }
    const nowMs = clock.monotonicMs();
    for (const claim of ready) {
      claimed.set(claim.job, nowMs);
      if (rotation.admit(claim, nowMs, isRefill) === 'hold') toHold.push(claim);
    }
    advance();
    if (waiting.length > 0) await holder.hold(waiting);
    for (const [targetId, limits] of probeable) lanes.markHeld(targetId, limits);
    if (probeable.size > 0) takes.ask();
    if (stale.length > 0) await holder.drop(stale);
    const orphans = orphaned.map(({ deliveryId }) => deliveryId);
    if (orphans.length > 0) await holder.cancel(orphans, orphaned);
  }

  async function holdSome(): Promise<boolean> {
    const holding = toHold;
    toHold = [];
    if (holding.length === 0) return false;
    try {
      await holder.hold(holding.map(({ job }) => job));
    } catch (error) {
      toHold.push(...holding); // Still claimed, and held by the next round.
      throw error;
    }
    for (const { job } of holding) claimed.delete(job);
    rotation.held(holding, clock.monotonicMs());
    if (lanes.hungry.size > 0) takes.ask();
    return toHold.length > 0;
  }

  async function run(flight: Flight): Promise<void> {
    let isOver = false;
    const end = (lesson: Lesson | undefined) => {
      isOver = true;
      const nowMs = clock.monotonicMs();
      if (unsettled++ === 0) settledMs = nowMs;
      policy.ended();
      rotation.end(flight, lesson, nowMs);
      wake();
    };
    let isDeferring = false;
    const onJudged = (verdict: Verdict) => {
      if (verdict.deferUntil) {
        isDeferring = true;
        flight.lane.deferring++;
        onDeferred(rotation.defer(flight.lane));
      }
      end(lessonOf(verdict));
    };
    try {
      const verdict = await attempt(flight.claim, onJudged);
      if (endsDeferral(verdict)) {
        rotation.resume(flight.lane, clock.monotonicMs());
        takes.ask();
      }
    } catch (error) {
      onError(error); // Its heartbeat stops now, so another claim makes the attempt again.
      if (!isOver) end(undefined);
    }
    if (isDeferring) flight.lane.deferring--;
    claimed.delete(flight.claim.job);
    settledMs = clock.monotonicMs();
    if (unsettled-- === mostUnsettled) wake();
    announceIdle();
  }

  /** A claim that ends soon needs no touch: most do. */
  function touch(): Promise<void> {
    const youngestMs = clock.monotonicMs() - TOUCH_INTERVAL_MS / 2;
    const jobs = [...claimed].filter(([, sinceMs]) => sinceMs <= youngestMs).map(([job]) => job);
    return queue.touch(jobs).catch(onError);
  }

  function isIdle(): boolean {
    return claimed.size === 0 && !claims.isRunning && !takes.isRunning && !holds.isRunning && !deferrals.isRunning;
  }

  function announceIdle(): void {
    if (!isIdle()) return;
    for (const resolve of idleWaiters) resolve();
    idleWaiters = [];
  }

  function idle(): Promise<void> {
    return isIdle() ? Promise.resolve() : new Promise((resolve) => idleWaiters.push(resolve));
  }

  return {
    get healthy() {
      const nowMs = clock.monotonicMs();
      return nowMs - lastLookMs < HEALTHY_MS && (unsettled === 0 || nowMs - settledMs < HEALTHY_MS);
    },
    start() {
      isStopping = false;
      timers = [setInterval(poll, POLL_MS), setInterval(touch, TOUCH_INTERVAL_MS)];
      wake();
    },
    wake,
    heedDeferrals: () => !isStopping && deferrals.ask(),
    async stop() {
      isStopping = true;
      clearInterval(timers[0]); // The touches go on until the last attempt is settled.
      clearTimeout(alarm?.timer);
      const waiting = [...rotation.takeWaiting(), ...toHold].map(({ job }) => job);
      toHold = [];
      for (const job of waiting) claimed.delete(job);
      await queue.giveBack(waiting, clock.now()).catch(onError);
      await idle();
      for (const timer of timers) clearInterval(timer);
    },
    idle,
  };
}

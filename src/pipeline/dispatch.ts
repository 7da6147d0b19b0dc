/**
 * Dispatch: keeps every free slot busy. Claims as many jobs as it has free slots, starts each as soon as its lane allows,
 * and claims again when slots are free, never waiting for a batch to end.
 *
 *     queue ──claim──▶ lane ──▶ attempt ──▶ settled: the slot is free
 *                       └─ full: held in the database, released when the lane has room
 *
 * Invariants:
 *   - one claim runs at a time; whoever wants another while it runs makes it run again;
 *   - every claimed job is touched until it is settled, held or removed: a job nobody touches is claimed by others;
 *   - nothing claimed is forgotten when Postgres fails: it is tried again, or runs out and is claimed anew.
 */
import type { Clock } from '../clock.ts';
import { TOUCH_INTERVAL_MS, type Job, type Queue } from '../database/queue.ts';
import type { Attempt } from './attempt.ts';
import type { Claim, Claimer } from './claim.ts';
import type { Holder } from './hold.ts';
import type { Lanes } from './lanes.ts';

export type Dispatcher = {
  start(): void;
  /** There may be due jobs: look now. */
  wake(): void;
  /** Claims nothing more and resolves when every attempt under way is settled. */
  stop(): Promise<void>;
  /** Resolves when nothing that was due is unclaimed, in flight or unsettled. For tests and the demo. */
  idle(): Promise<void>;
  /** Whether a look at the queue succeeded in the last seconds. */
  readonly healthy: boolean;
};

export type DispatcherOptions = {
  readonly queue: Queue;
  readonly claim: Claimer;
  readonly attempt: Attempt;
  readonly holder: Holder;
  readonly lanes: Lanes;
  readonly concurrency: number;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
};

/** Dated jobs have no doorbell: this is how late a retry can be. */
const POLL_MS = 1_000;
/** A worker that could not look at the queue for this long is of no use now. */
const HEALTHY_MS = 5_000;

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { queue, claim, attempt, holder, lanes, concurrency, clock, onError } = options;
  const claimed = new Set<Job>();
  let isClaiming = false;
  let wantsClaim = false;
  let isStopping = false;
  let lastLookMs = clock.monotonicMs();
  let timers: NodeJS.Timeout[] = [];
  let idleWaiters: (() => void)[] = [];

  const isIdle = () => !isClaiming && claimed.size === 0;
  const announceIdle = () => {
    if (!isIdle()) return;
    for (const resolve of idleWaiters) resolve();
    idleWaiters = [];
  };

  function wake(): void {
    wantsClaim = true;
    if (!isClaiming && !isStopping) void claimAll();
  }

  /** Claims until the slots are full or nothing more is due. */
  async function claimAll(): Promise<void> {
    isClaiming = true;
    while (wantsClaim && !isStopping) {
      wantsClaim = false;
      const free = concurrency - lanes.occupied;
      if (free <= 0) {
        lastLookMs = clock.monotonicMs();
        break; // The end of an attempt wakes us again.
      }
      try {
        const count = await claimSome(free);
        lastLookMs = clock.monotonicMs();
        if (count >= free / 2) wantsClaim = true; // The queue rounds limits down: half full may mean that more is due.
      } catch (error) {
        onError(error); // The poll tries again; what was claimed and lost comes back when its heartbeat stops.
      }
    }
    isClaiming = false;
    announceIdle();
  }

  async function claimSome(limit: number): Promise<number> {
    const { ready, waiting, orphaned, stale } = await claim(limit, clock.now());
    const nowMs = clock.monotonicMs();
    const held: Job[] = [...waiting];
    for (const one of ready) {
      const admission = lanes.admit(one, nowMs);
      if (admission === 'hold') held.push(one.job);
      else claimed.add(one.job);
      if (admission === 'send') void run(one);
    }
    if (held.length > 0) await holder.hold(held);
    if (stale.length > 0) await holder.drop(stale);
    const orphans = orphaned.map(({ deliveryId }) => deliveryId);
    if (orphans.length > 0) await holder.cancel(orphans, orphaned);
    return ready.length + waiting.length + orphaned.length + stale.length;
  }

  async function run(first: Claim): Promise<void> {
    for (let current: Claim | undefined = first; current;) {
      const { job, targetId }: Claim = current;
      try {
        await attempt(current);
      } catch (error) {
        onError(error); // Its heartbeat stops now, so another claim makes the attempt again.
      }
      claimed.delete(job);
      current = lanes.finish(targetId, clock.monotonicMs());
      if (lanes.wantsRelease(targetId) && !isStopping) void release(targetId);
      wake();
    }
    announceIdle();
  }

  async function release(targetId: string): Promise<void> {
    const room = lanes.room(targetId);
    lanes.clearHeld(targetId); // Before the query: an end meanwhile must not release the same room twice.
    try {
      const released = await holder.release(targetId, room);
      if (released === room) lanes.markHeld(targetId);
      if (released > 0) wake();
    } catch (error) {
      lanes.markHeld(targetId);
      onError(error); // The sweep releases them later.
    }
  }

  return {
    get healthy() {
      return clock.monotonicMs() - lastLookMs < HEALTHY_MS;
    },
    start() {
      isStopping = false;
      const touch = () => queue.touch([...claimed]).catch(onError);
      timers = [setInterval(wake, POLL_MS), setInterval(touch, TOUCH_INTERVAL_MS)];
      wake();
    },
    wake,
    async stop() {
      isStopping = true;
      clearInterval(timers[0]); // The touches go on until the last attempt is settled.
      const waiting = lanes.takeWaiting().map(({ job }) => job);
      for (const job of waiting) claimed.delete(job);
      await queue.giveBack(waiting).catch(onError);
      await idle();
      for (const timer of timers) clearInterval(timer);
    },
    idle,
  };

  function idle(): Promise<void> {
    return isIdle() ? Promise.resolve() : new Promise((resolve) => idleWaiters.push(resolve));
  }
}

/**
 * Dispatch: keeps every slot busy. Claims jobs for the slots that are free now, and for those that will be free when the
 * claim is made. Starts each as soon as its target may take it, and never waits for a batch to end.
 *
 *     queue ──claim──▶ scheduler ──▶ attempt ──▶ judged: the slot is free ──▶ settled
 *                      │      ▲
 *                 hold ▼      │ refill: for a lane that has room
 *                  held in the database
 *
 *     running     claims, refills and starts whenever something has made room
 *     full        too many verdicts wait for Postgres (unsettled.ts): starts and claims nothing until one is committed
 *     stopping    claims and refills nothing, gives back what waits; attempts under way go on to their end
 *
 * Invariants:
 *   - claiming, holding and refilling each run one at a time, and none of them waits for another;
 *   - every claimed job is touched until it is settled, held or removed: a job nobody touches is claimed by others;
 *   - no claimed job is lost when Postgres fails: it is tried again, or its claim runs out and it is claimed anew.
 */
import { TOUCH_INTERVAL_MS } from '../../database/queue.ts';
import { createAlarm } from './alarm.ts';
import { nothingClaimed, type Claim, type ClaimedJobs } from '../deliver/claim.ts';
import type { HandOver } from '../fresh-deliveries.ts';
import { createClaimPolicy } from './claim-policy.ts';
import { createDeferralWatch } from './deferral-watch.ts';
import type { DispatcherOptions } from './dispatcher-options.ts';
import { createFly } from './fly.ts';
import { createHandOver } from './hand-over.ts';
import { createHeartbeat } from './heartbeat.ts';
import { createHolding } from './holding.ts';
import { isOverdue } from './lanes/lane.ts';
import { hasLimits } from './lanes/lease.ts';
import { createIdle } from './idle.ts';
import { isForHolder } from './for-holder.ts';
import { createLeases, type Leases } from './leases.ts';
import { noteWait } from './note-wait.ts';
import { createRefill } from './refill.ts';
import { createScheduler } from './scheduler.ts';
import { createRounds } from './rounds.ts';
import { createSlots } from './slots.ts';
import { createStarts } from './starts.ts';
import { createSuccessors, type Successors } from './successors.ts';
import { createUnsettled } from './unsettled.ts';

export type Dispatcher = {
  start(): void;
  /** Looks now, because there may be due jobs, or held deliveries with room in their lanes. */
  wake(): void;
  /** For the publishes of this process. */
  readonly handOver: HandOver;
  /** For the commits of this process that release deliveries of chains. */
  readonly successors: Successors;
  /** Looks now, because another process may have begun or ended the deferral of a target. */
  heedDeferrals(): void;
  /** Leases of targets with limits of their own: see leases.ts. */
  readonly leases: Pick<Leases, 'heedGivenUp' | 'heedHeld'>;
  /** Claims nothing more, gives waiting claims back, and resolves when every attempt under way is settled. */
  stop(): Promise<void>;
  /** Resolves when no due job is unclaimed, in flight or unsettled. For tests and the demo. */
  idle(): Promise<void>;
  /** Whether a look at the queue succeeded within HEALTHY_MS, and, if verdicts wait, one was committed within that time. */
  readonly healthy: boolean;
};

/** How often the queue is looked at. No doorbell rings for dated jobs, so a retry can be this late. */
const POLL_MS = 1_000;
/** A worker that could not look at the queue, or commit a verdict, for this long is not healthy. */
const HEALTHY_MS = 5_000;
/** The most claims in memory beyond those that may start at once, of 1 KB each: what fast lanes complete in a second. */
const MOST_WAITING = 4_096;
/** The most verdicts in memory: beyond, nothing is sent until Postgres takes some. A kill repeats all of their requests. */
const MOST_UNSETTLED = 1_024;
/** How long a job that only the holder of a lease can send waits in the queue until a process claims it again. */
const HAND_ON_MS = 500;
/** With few slots, claims and verdicts in memory are also bounded by this number for each slot. */
const PER_SLOT = 4;

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { queue, claim: claimer, attempt, holder, lanes, leaseRows, concurrency, fairShare, clock, onError } = options;
  const unsettled = createUnsettled(Math.min(MOST_UNSETTLED, PER_SLOT * concurrency), clock);
  const isHeldBack = (id: string) => unsettled.isFullOf(id) || fairShare.isHeldBack(id);
  const slots = createSlots(concurrency, { loans: options.loans, isHeldBack });
  const scheduler = createScheduler(lanes, slots, Math.min(MOST_WAITING, PER_SLOT * concurrency));
  const starts = createStarts(() => fairShare.isStrained, onRoom);
  const policy = createClaimPolicy({
    slots,
    scheduler,
    concurrency,
    fairShare,
    isBehind: () => starts.isBehind,
    clock,
  });
  const heartbeat = createHeartbeat({ queue, clock, onError });
  const alarm = createAlarm(onAlarm);
  const idle = createIdle(isIdle);
  let isStopping = false;
  let lastLookMs = clock.monotonicMs();
  let timers: NodeJS.Timeout[] = [];

  const claims = createRounds({ round: claimSome, onError, onEnd: idle.announce });
  const refill = createRefill({ holder, claimer, scheduler, clock, receive: (claimed) => receive(claimed, true) });
  const refills = createRounds({ round: refillSome, onError, onEnd: idle.announce });
  const holding = createHolding({ holder, scheduler, heartbeat, clock, onError, onHeld, onEnd: idle.announce });
  const leases = createLeases({
    rows: leaseRows,
    lanes,
    scheduler,
    clock,
    onError,
    onEnd: idle.announce,
    onGranted: advance,
    onRevoked: holding.add,
    onGivenUp: options.onLeasesGivenUp,
  });
  const deferrals = createDeferralWatch({
    lanes,
    scheduler,
    holder,
    clock,
    onError,
    onDeferred: holding.add,
    onEnd() {
      askForRefills();
      leases.ask();
      idle.announce();
    },
  });

  const fly = createFly({
    attempt,
    scheduler,
    policy,
    unsettled,
    heartbeat,
    fairShare,
    clock,
    onError,
    onDeferred: holding.add,
    onRoom,
    onSettled: askForRefills,
    onEnd() {
      if (isStopping) leases.ask();
      idle.announce();
    },
  });

  const openTo = () => (isStopping || unsettled.isFull ? 'nobody' : policy.openTo);
  const isOpen = () => openTo() === 'all';
  const successors = createSuccessors({ claimer, clock, isOpen, receive, onError, onEnd: idle.announce });

  const handOver = createHandOver({
    fresh: options.fresh,
    scheduler,
    clock,
    openTo,
    isRestrained: fairShare.isRestrained,
    receive: (ready) => void receive({ ...nothingClaimed(), ready }, false).catch(onError),
    giveBack: (jobs) => void queue.giveBack(jobs, clock.now()).then(wake, onError),
    onLeft: policy.heard,
  });

  function wake(): void {
    policy.heard();
    onRoom();
  }

  /** Starts what waits in memory, and claims more unless the queue is known to be empty. */
  function onRoom(): void {
    if (isStopping) return;
    advance();
    if (!policy.isQueueEmpty) claims.ask();
  }

  function poll(): void {
    onRoom();
    claims.ask();
    deferrals.ask();
  }

  /** Sees to what time alone has changed: an attempt became slow, or a rate limit has room. */
  function onAlarm(): void {
    const wasFull = slots.free === 0;
    advance();
    if (wasFull && slots.free > 0) claims.ask();
  }

  function onHeld(claims: readonly Claim[]): void {
    const isForOthers = ({ targetId, limits }: Claim) => hasLimits(limits) && lanes.get(targetId)?.lease === null;
    if (claims.some(isForOthers)) options.onHeldForOthers();
    leases.ask();
    askForRefills();
  }

  function askForRefills(): void {
    if (lanes.hungry.size > 0) refills.ask();
  }

  /** Starts all attempts that may start, then asks for claims and refills for the room that is left. */
  function advance(): void {
    const nowMs = clock.monotonicMs();
    holding.add(scheduler.age(nowMs));
    while (!starts.isFull && !unsettled.isFull) {
      const flight = scheduler.next(nowMs);
      if (!flight) break;
      starts.add(isOverdue(flight.lane, nowMs));
      void fly(flight);
    }
    alarm.setFor(scheduler.nextChangeMs(), nowMs);
    if (scheduler.waiting > 0 && fairShare.isStrained) alarm.setFor(nowMs + fairShare.opensInMs, nowMs);
    leases.ask();
    askForRefills();
  }

  async function claimSome(): Promise<boolean> {
    if (unsettled.isFull) return false; // No look at the queue; see `healthy`. The next committed verdict wakes us.
    const { limit, range } = policy.next();
    if (isStopping || limit === 0) {
      lastLookMs = clock.monotonicMs();
      return false; // The end of an attempt wakes the dispatcher.
    }
    const letGo = handOver.holdUp();
    let found: ClaimedJobs;
    try {
      found = await claimer.claim(limit, clock.now(), range); // A claim lost here runs out and comes back.
    } catch (error) {
      policy.heard();
      letGo(false);
      throw error;
    }
    lastLookMs = clock.monotonicMs();
    const receiving = receive(found, false);
    const { ready, waiting, orphaned, stale } = found;
    const mayBeMore = policy.found(ready.length + waiting.length + orphaned.length + stale.length, limit, range);
    letGo(policy.hasAll);
    await receiving;
    return mayBeMore;
  }

  async function refillSome(): Promise<boolean> {
    return !isStopping && (await refill()) && lanes.hungry.size > 0;
  }

  async function receive(looked: ClaimedJobs, isRefill = false): Promise<void> {
    const { ready, waiting, probeable, orphaned, stale } = looked;
    if (isStopping) {
      return queue.giveBack([...ready.map(({ job }) => job), ...waiting, ...orphaned, ...stale], clock.now());
    }
    if (!isRefill) noteWait(ready, options);
    const nowMs = clock.monotonicMs();
    const handedOn = ready.filter((claim) => isForHolder(claim, lanes));
    const own = handedOn.length > 0 ? ready.filter((claim) => !handedOn.includes(claim)) : ready;
    for (const { job } of own) heartbeat.add(job);
    holding.add(own.filter((claim) => scheduler.admit(claim, nowMs, isRefill) === 'hold'));
    scheduler.held(handedOn, nowMs);
    advance();
    const again = new Date(clock.now().getTime() + HAND_ON_MS);
    for (const { job } of handedOn) await queue.postpone(job, again);
    if (waiting.length > 0) await holder.hold(waiting);
    for (const [targetId, limits] of probeable) lanes.markHeld(targetId, limits);
    askForRefills();
    if (stale.length > 0) await holder.drop(stale);
    const orphans = orphaned.map(({ deliveryId }) => deliveryId);
    if (orphans.length > 0 && (await holder.cancel(orphans, orphaned)) > 0) wake();
  }

  function isIdle(): boolean {
    return (
      heartbeat.isEmpty && ![claims, refills, holding, deferrals, leases, successors].some(({ isRunning }) => isRunning)
    );
  }

  return {
    get healthy() {
      return clock.monotonicMs() - lastLookMs < HEALTHY_MS && !unsettled.isStuckFor(HEALTHY_MS);
    },
    start() {
      isStopping = false;
      leases.start();
      timers = [setInterval(poll, POLL_MS), setInterval(heartbeat.touch, TOUCH_INTERVAL_MS)];
      wake();
    },
    wake,
    handOver,
    successors,
    leases,
    heedDeferrals: () => !isStopping && deferrals.ask(),
    async stop() {
      isStopping = true;
      clearInterval(timers[0]); // Only this timer: touching goes on until the last attempt is settled.
      alarm.clear();
      const waiting = [...scheduler.takeWaiting(), ...holding.takeAll()].map(({ job }) => job);
      for (const job of waiting) heartbeat.delete(job);
      await queue.giveBack(waiting, clock.now()).catch(onError);
      leases.leave();
      await idle.wait();
      await leases.stop();
      for (const timer of timers) clearInterval(timer);
    },
    idle: idle.wait,
  };
}

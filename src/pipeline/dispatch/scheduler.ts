/**
 * Decides who sends next. Claims wait in their lanes. As slots become free, lanes whose targets may take another request
 * take turns, organization by organization.
 *
 *     admit ──▶ waits in its lane ──next──▶ in flight ──end──▶ gone
 *       └─ hold: more than the lane will soon take       └─ the lane may be hungry: held deliveries are claimed for it
 *
 * Invariants:
 *   - a claim in memory takes no slot, so waiting claims do not keep other targets' jobs from being claimed;
 *   - claims in memory are bounded in number, for each lane and in all, and wait for less time than a claim may be
 *     unsettled;
 *   - only as many held deliveries are claimed as their lane will take, so none has to be held again.
 */
import { wasInterrupted } from '../../database/job.ts';
import type { Claim } from '../deliver/claim.ts';
import { allowanceOf, begin, end, kindOf, supplyOf, type Lane, type LaneKind } from './lanes/lane.ts';
import type { Lanes } from './lanes/lanes.ts';
import { isAllowed, type TargetLease } from './lanes/lease.ts';
import type { Feedback } from './lanes/feedback.ts';
import { createLineUp } from './line-up.ts';
import type { Flight, Slots } from './slots.ts';

/**
 * What to do with a claim. wait: keep it in memory until its turn. hold: put it back into the database until the lane has
 * room.
 */
export type Admission = 'wait' | 'hold';

/** How many held deliveries to claim for a lane. */
export type Refill = { readonly lane: Lane; readonly room: number };

export type Scheduler = {
  /** Admits a claim. `isRefill`: it was held, and room was kept for it. */
  admit(claim: Claim, nowMs: number, isRefill?: boolean): Admission;
  /**
   * Keeps room for a claim that comes soon. False when there is no slot for it besides those for all claims in memory, or
   * when it would have to wait behind held deliveries, or to be held itself. End it with `unreserve`.
   */
  reserve(claim: Pick<Claim, 'targetId' | 'organizationId' | 'limits'>, nowMs: number): boolean;
  /** Gives the room of one claim back: the claim is there, and is admitted next, or it does not come. */
  unreserve(targetId: string, nowMs: number): void;
  /** Starts the next attempt that may start now, and returns it; undefined when there is none. */
  next(nowMs: number): Flight | undefined;
  /** Ends an attempt. There is feedback only if it was made to its end. */
  end(flight: Flight, feedback: Feedback | undefined, nowMs: number): void;
  /** Finds the attempts that have become slow; returns the claims that waited behind them, to be held. */
  age(nowMs: number): Claim[];
  /** Defers a lane whose target asked for time. Returns its waiting claims, to be held; exempt claims stay. */
  defer(lane: Lane): Claim[];
  /** Ends the deferral of a lane. */
  resume(lane: Lane, nowMs: number): void;
  /** Gives the lane a lease; it may begin its next request at `startMs`. */
  grant(lane: Lane, lease: TargetLease, startMs: number, nowMs: number): void;
  /** Takes the lease from the lane. Returns its waiting claims, to be held. */
  revoke(lane: Lane): Claim[];
  /** Notes that these claims are held in the database now: their lanes may have room meanwhile. */
  held(claims: readonly Claim[], nowMs: number): void;
  /** Returns the refills that hungry lanes need now; end each with `endRefill`. */
  takeHungry(nowMs: number): Refill[];
  /** Ends a refill that claimed `found` held deliveries. */
  endRefill(refill: Refill, found: number, nowMs: number): void;
  /** How many claims wait in memory. */
  readonly waiting: number;
  /** Takes all waiting claims out, for a worker that stops. */
  takeWaiting(): Claim[];
  /** When time alone may change something; undefined: never. */
  nextChangeMs(): number | undefined;
};

/**
 * The most manual retries that wait in memory for a deferred lane. Further ones are held until its deferral ends, like
 * all others.
 */
const MAX_EXEMPT = 100;
/** The most held deliveries that are claimed in one transaction. */
const MAX_REFILL = 256;

/** Creates the scheduler. `maxWaiting`: the most claims in memory beyond those that may start at once. */
export function createScheduler(lanes: Lanes, slots: Slots, maxWaiting: number): Scheduler {
  let waiting = 0;
  let reserved = 0;

  const inMemory = (lane: Lane): number => lane.waiting.length + lane.expected + lane.reserved;
  const allowance = (lane: Lane, nowMs: number) =>
    isAllowed(lane.lease, nowMs) ? allowanceOf(lane, slots.isCrowded, nowMs) : 0;
  const lineUp = createLineUp(slots, allowance);

  /** How many claims the lane takes into memory. A slow lane takes none that would have to wait for a slot. */
  function supply(lane: Lane, nowMs: number): number {
    if (lane.isDeferred || lane.deferring > 0 || !isAllowed(lane.lease, nowMs)) return 0;
    return lane.isSlow && !slots.hasRoom('slow') ? 0 : supplyOf(lane, allowance(lane, nowMs), nowMs);
  }

  function mayStart(lane: Lane, count: number, nowMs: number): boolean {
    // Claims that wait for room for their body, or for their organization's share, could have a slot but cannot start.
    // They are bounded too.
    if (waiting + reserved >= 2 * maxWaiting || slots.isSated(lane.organizationId, true)) return false;
    return lane.active + count < allowance(lane, nowMs) && slots.hasRoom(kindOf(lane, nowMs));
  }

  /** Whether memory is full, and a claim more could not start at once. */
  const isCrammed = (lane: Lane, nowMs: number): boolean =>
    waiting + reserved >= maxWaiting && !mayStart(lane, inMemory(lane), nowMs);

  /** Decides whether the lane is hungry or empty. Call it after anything that gives the lane room, or takes claims from it. */
  function look(lane: Lane, nowMs: number): void {
    const most = lane.hasHeld && lane.expected === 0 ? supply(lane, nowMs) : 0;
    if (most > 0 && lane.waiting.length * 2 <= most) lanes.hungry.add(lane);
    else restIfEmpty(lane, nowMs);
  }

  function restIfEmpty(lane: Lane, nowMs: number): void {
    if (lane.active + inMemory(lane) === 0) lanes.rest(lane, nowMs);
  }

  function start(lane: Lane, kind: LaneKind, nowMs: number): Flight {
    const claim = lane.waiting.shift()!;
    waiting--;
    const flight: Flight = { claim, lane, startedMs: nowMs, kind, beginning: begin(lane, nowMs) };
    slots.take(flight);
    lineUp.enrol(lane, nowMs);
    look(lane, nowMs);
    return flight;
  }

  function takeOut(lane: Lane): Claim[] {
    lineUp.leave(lane);
    waiting -= lane.waiting.length;
    return lane.waiting.splice(0);
  }

  return {
    admit(claim, nowMs, isRefill = false) {
      const lane = lanes.of(claim.targetId, claim.limits);
      lane.organizationId = claim.organizationId;
      const most = supply(lane, nowMs);
      // Held deliveries are older, so they get at least half of the room. But an attempt that was interrupted goes first.
      const isRescued = wasInterrupted(claim.job);
      const isFirst = isRefill || isRescued || claim.exemption !== null;
      const share =
        most === 0 && claim.exemption && lane.lease !== null ? MAX_EXEMPT : lane.hasHeld && !isFirst ? most / 2 : most;
      if (isCrammed(lane, nowMs) || inMemory(lane) >= share) {
        lane.hasHeld = true;
        return 'hold';
      }
      if (isRescued) lane.waiting.unshift(claim);
      else lane.waiting.push(claim);
      waiting++;
      lineUp.enrol(lane, nowMs);
      return 'wait';
    },
    reserve({ targetId, organizationId, limits }, nowMs) {
      const lane = lanes.of(targetId, limits);
      lane.organizationId = organizationId;
      const hasRoom = waiting + reserved < slots.free && !isCrammed(lane, nowMs);
      const isTaken = hasRoom && !lane.hasHeld && inMemory(lane) < supply(lane, nowMs);
      if (isTaken) {
        lane.reserved++;
        reserved++;
      } else restIfEmpty(lane, nowMs);
      return isTaken;
    },
    unreserve(targetId, nowMs) {
      const lane = lanes.get(targetId)!;
      lane.reserved--;
      reserved--;
      restIfEmpty(lane, nowMs);
    },
    next(nowMs) {
      const turn = lineUp.next(nowMs);
      return turn && start(turn.lane, turn.kind, nowMs);
    },
    end(flight, feedback, nowMs) {
      const { lane } = flight;
      slots.give(flight);
      end(lane, flight.beginning, feedback, nowMs);
      lineUp.enrol(lane, nowMs);
      lineUp.lighten(nowMs);
      look(lane, nowMs);
    },
    age(nowMs) {
      const stranded: Claim[] = [];
      for (const { lane } of slots.age(nowMs)) {
        if (lane.isSlow) continue;
        lane.isSlow = true;
        if (lane.waiting.length === 0) continue;
        lane.hasHeld = true;
        stranded.push(...takeOut(lane));
      }
      return stranded;
    },
    defer(lane) {
      lane.isDeferred = true;
      const exempt = lane.waiting.filter(({ exemption }) => exemption !== null);
      const others = lane.waiting.filter(({ exemption }) => exemption === null);
      lane.waiting = exempt;
      waiting -= others.length;
      if (exempt.length === 0) lineUp.leave(lane);
      if (others.length > 0) lane.hasHeld = true;
      return others;
    },
    resume(lane, nowMs) {
      lane.isDeferred = false;
      lane.hasHeld = true; // Perhaps: to find out costs one look.
      look(lane, nowMs);
    },
    grant(lane, lease, startMs, nowMs) {
      lane.lease = lease;
      lane.nextStartMs = Math.max(lane.nextStartMs, startMs);
      lane.hasHeld = true; // Perhaps: the refill finds out.
      lineUp.enrol(lane, nowMs);
      look(lane, nowMs);
    },
    revoke(lane) {
      if (lane.lease) lane.lease = null;
      if (lane.waiting.length > 0) lane.hasHeld = true;
      return takeOut(lane);
    },
    held(claims, nowMs) {
      for (const { targetId, limits } of claims) {
        const lane = lanes.of(targetId, limits);
        lane.hasHeld = true;
        look(lane, nowMs);
      }
    },
    takeHungry(nowMs) {
      const refills: Refill[] = [];
      let claimed = 0;
      for (const lane of lanes.hungry) {
        if (claimed >= MAX_REFILL) break;
        lanes.hungry.delete(lane);
        const most = Math.min(supply(lane, nowMs) - inMemory(lane), MAX_REFILL - claimed);
        const isFirst = mayStart(lane, inMemory(lane), nowMs);
        const room = Math.min(most, Math.max(maxWaiting - waiting - reserved, isFirst ? 1 : 0));
        if (lane.expected > 0 || room <= 0) {
          restIfEmpty(lane, nowMs); // The sweep asks again.
          continue;
        }
        lane.expected = room;
        lane.hasHeld = false; // Before the refill runs, because it may miss what is held meanwhile.
        claimed += room;
        refills.push({ lane, room });
      }
      return refills;
    },
    endRefill({ lane, room }, found, nowMs) {
      lane.expected = 0;
      if (found >= room) lane.hasHeld = true;
      look(lane, nowMs);
    },
    get waiting() {
      return waiting;
    },
    takeWaiting: () => [...lanes].flatMap(takeOut),
    nextChangeMs() {
      const nextMs = Math.min(slots.nextSlowMs ?? Infinity, lineUp.unthrottleMs);
      return nextMs === Infinity ? undefined : nextMs;
    },
  };
}

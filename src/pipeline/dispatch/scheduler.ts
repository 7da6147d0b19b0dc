/**
 * Who sends next. Claims wait in their lanes; a lane whose target may take another request takes turns with the others,
 * organization by organization, as slots become free.
 *
 *     admit ──▶ waits in its lane ──next──▶ in flight ──end──▶ gone
 *       └─ hold: more than the lane will soon take       └─ the lane may be hungry: held deliveries are claimed for it
 *
 * Invariants:
 *   - a claim in memory takes no slot, so nothing that waits keeps other targets' jobs from being claimed;
 *   - what waits in memory is bounded for each lane and in all, and for less time than a claim may be unsettled;
 *   - held deliveries are asked for only in the number that their lane will take, so none is claimed to be held again.
 */
import { wasInterrupted } from '../../database/job.ts';
import type { Claim } from '../deliver/claim.ts';
import { allowanceOf, begin, end, kindOf, supplyOf, type Lane, type LaneKind } from './lanes/lane.ts';
import type { Lanes } from './lanes/lanes.ts';
import { isAllowed, type TargetLease } from './lanes/lease.ts';
import type { Feedback } from './lanes/feedback.ts';
import { createLineUp } from './line-up.ts';
import type { Flight, Slots } from './slots.ts';

/** wait: in memory, until its turn comes. hold: give it back to the database until the lane has room. */
export type Admission = 'wait' | 'hold';

/** Held deliveries to be claimed for a lane. */
export type Refill = { readonly lane: Lane; readonly room: number };

export type Scheduler = {
  /** `isRefill`: it was held, and room was kept for it. */
  admit(claim: Claim, nowMs: number, isRefill?: boolean): Admission;
  /** The attempt to start now, if any. */
  next(nowMs: number): Flight | undefined;
  /** An attempt is over, with its feedback if it was made to its end. */
  end(flight: Flight, feedback: Feedback | undefined, nowMs: number): void;
  /** Finds the attempts that have become slow; returns what waited behind them, to be held. */
  age(nowMs: number): Claim[];
  /** Takes out what waits for a lane whose target asked for no more requests, to be held. Exempt claims stay. */
  defer(lane: Lane): Claim[];
  /** The target of the lane may be sent to again. */
  resume(lane: Lane, nowMs: number): void;
  /** The lane has a lease, and may begin its next request at `startMs`. */
  grant(lane: Lane, lease: TargetLease, startMs: number, nowMs: number): void;
  /** The lane has no lease: takes out what waits for it, to be held. */
  revoke(lane: Lane): Claim[];
  /** Claims that were held are in the database now: their lane may have room meanwhile. */
  held(claims: readonly Claim[], nowMs: number): void;
  /** The refills that hungry lanes need now; each must be ended. */
  takeHungry(nowMs: number): Refill[];
  /** `found` held deliveries were claimed for it. */
  endRefill(refill: Refill, found: number, nowMs: number): void;
  /** Claims in memory. */
  readonly waiting: number;
  /** Takes all waiting claims out, for a worker that stops. */
  takeWaiting(): Claim[];
  /** When something may change by time alone; undefined: never. */
  nextChangeMs(): number | undefined;
};

/** Manual retries that wait in a deferred lane. More of them wait, with all others, until its deferral ends. */
const MAX_EXEMPT = 100;
/** Held deliveries that are claimed in one transaction. */
const MAX_REFILL = 256;

/** `maxWaiting`: claims in memory beyond those that may start at once. */
export function createScheduler(lanes: Lanes, slots: Slots, maxWaiting: number): Scheduler {
  let waiting = 0;

  const allowance = (lane: Lane, nowMs: number) =>
    isAllowed(lane.lease, nowMs) ? allowanceOf(lane, slots.isCrowded, nowMs) : 0;
  const lineUp = createLineUp(slots, allowance);

  /** How many claims the lane takes into memory. A slow one takes none that would have to wait for a slot. */
  function supply(lane: Lane, nowMs: number): number {
    if (lane.isDeferred || lane.deferring > 0 || !isAllowed(lane.lease, nowMs)) return 0;
    return lane.isSlow && !slots.hasRoom('slow') ? 0 : supplyOf(lane, allowance(lane, nowMs), nowMs);
  }

  function mayStart(lane: Lane, count: number, nowMs: number): boolean {
    // What waits for a body to leave, or for its organization's share, has a slot and cannot begin: that is bounded too.
    if (waiting >= 2 * maxWaiting || slots.isSated(lane.organizationId, true)) return false;
    return lane.active + count < allowance(lane, nowMs) && slots.hasRoom(kindOf(lane, nowMs));
  }

  /** After anything that gives the lane room, or takes what it had in memory. */
  function look(lane: Lane, nowMs: number): void {
    const most = lane.hasHeld && lane.expected === 0 ? supply(lane, nowMs) : 0;
    if (most > 0 && lane.waiting.length * 2 <= most) lanes.hungry.add(lane);
    else restIfEmpty(lane, nowMs);
  }

  function restIfEmpty(lane: Lane, nowMs: number): void {
    if (lane.active + lane.waiting.length + lane.expected === 0) lanes.rest(lane, nowMs);
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
      // Held ones are older: they get at least half of the room; but an attempt that was interrupted goes first.
      const isRescued = wasInterrupted(claim.job);
      const isFirst = isRefill || isRescued || claim.exemption !== null;
      const share =
        most === 0 && claim.exemption && lane.lease !== null ? MAX_EXEMPT : lane.hasHeld && !isFirst ? most / 2 : most;
      const inMemory = lane.waiting.length + lane.expected;
      const isFull = waiting >= maxWaiting && !mayStart(lane, inMemory, nowMs);
      if (isFull || inMemory >= share) {
        lane.hasHeld = true;
        return 'hold';
      }
      if (isRescued) lane.waiting.unshift(claim);
      else lane.waiting.push(claim);
      waiting++;
      lineUp.enrol(lane, nowMs);
      return 'wait';
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
      lane.hasHeld = true; // As far as this process knows: asking costs one look.
      look(lane, nowMs);
    },
    grant(lane, lease, startMs, nowMs) {
      lane.lease = lease;
      lane.nextStartMs = Math.max(lane.nextStartMs, startMs);
      lane.hasHeld = true; // As far as this process knows.
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
        const inMemory = lane.waiting.length + lane.expected;
        const most = Math.min(supply(lane, nowMs) - inMemory, MAX_REFILL - claimed);
        const room = Math.min(most, Math.max(maxWaiting - waiting, mayStart(lane, inMemory, nowMs) ? 1 : 0));
        if (lane.expected > 0 || room <= 0) {
          restIfEmpty(lane, nowMs); // The sweep asks again.
          continue;
        }
        lane.expected = room;
        lane.hasHeld = false; // Now, because what is held while the refill is under way may have been too late for it.
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

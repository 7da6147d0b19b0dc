/**
 * The lanes that have something to start, in the order of their turns.
 *
 *     quick       known and new lanes take turns with each other
 *     new         a new lane whose turn came while new targets had no slot: it steps aside, so that it keeps nobody waiting,
 *                 and is the first when they have one
 *     slow        lanes of targets that are slow now
 *     throttled   lanes that wait for the rate limit of their target
 *     heavy       lanes whose next body has no room among those in flight
 *
 * A lane stands in one of them at most. Every event costs the same however many lanes there are: only rate limits that are
 * reached are looked through, and only when the first of them has room again.
 */
import { kindOf, type Lane, type LaneKind } from './lanes/lane.ts';
import { createRoundRobin } from './round-robin.ts';
import type { Slots } from './slots.ts';

export type LineUp = {
  /** Puts the lane where it belongs now; nowhere, when nothing of it can start. */
  enrol(lane: Lane, nowMs: number): void;
  leave(lane: Lane): void;
  /** Takes out the lane that starts an attempt now; its kind has a slot. */
  next(nowMs: number): { readonly lane: Lane; readonly kind: LaneKind } | undefined;
  /** A request is over, and its body may have made room: some of those that wait for that are in line again. */
  lighten(nowMs: number): void;
  /** When the first throttled lane has room again; Infinity: none is throttled. */
  readonly unthrottleMs: number;
};

/** Lanes that are tried again when a body has left: those that do not fit wait behind the others. */
const HEAVY_TRIES = 4;

/** `allowance`: how many requests a lane may have open now. */
export function createLineUp(slots: Slots, allowance: (lane: Lane, nowMs: number) => number): LineUp {
  const lines = { quick: createRoundRobin(), new: createRoundRobin(), slow: createRoundRobin() };
  const throttled = new Set<Lane>();
  const heavy = new Set<Lane>();
  let unthrottleMs = Infinity;

  function stand(lane: Lane, place: keyof typeof lines): void {
    lane.place = place;
    lines[place].add(lane);
  }

  function leave(lane: Lane): void {
    if (lane.place === 'throttled') throttled.delete(lane);
    else if (lane.place === 'heavy') heavy.delete(lane);
    else if (lane.place) lines[lane.place].delete(lane);
    lane.place = undefined;
  }

  function enrol(lane: Lane, nowMs: number): void {
    leave(lane);
    if (lane.waiting.length === 0 || lane.active >= allowance(lane, nowMs)) return;
    if (lane.nextStartMs <= nowMs) return stand(lane, lane.isSlow ? 'slow' : 'quick');
    lane.place = 'throttled';
    throttled.add(lane);
    unthrottleMs = Math.min(unthrottleMs, lane.nextStartMs);
  }

  function unthrottle(nowMs: number): void {
    if (nowMs < unthrottleMs) return;
    unthrottleMs = Infinity;
    for (const lane of [...throttled]) enrol(lane, nowMs);
  }

  function firstOf(place: keyof typeof lines, nowMs: number) {
    for (let lane = lines[place].take(slots.isSated); lane; lane = lines[place].take(slots.isSated)) {
      lane.place = undefined;
      const kind = kindOf(lane, nowMs);
      // It is narrower than when it stood in line, or has its share: the end of a request of its own puts it in line again.
      if (lane.active >= allowance(lane, nowMs) || (lane.active > 0 && !slots.hasShare(lane))) continue;
      if (!slots.hasBytes(lane.waiting[0]!)) {
        lane.place = 'heavy';
        heavy.add(lane);
        continue;
      }
      if (slots.hasRoom(kind)) return { lane, kind };
      stand(lane, kind === 'slow' ? 'slow' : 'new');
    }
    return undefined;
  }

  function lighten(nowMs: number): void {
    let tries = 0;
    for (const lane of heavy) {
      if (tries++ === HEAVY_TRIES) break;
      enrol(lane, nowMs);
    }
  }

  return {
    enrol,
    leave,
    lighten,
    next(nowMs) {
      unthrottle(nowMs);
      return (
        (slots.hasRoom('new') && firstOf('new', nowMs)) ||
        (slots.hasRoom('known') && firstOf('quick', nowMs)) ||
        (slots.hasRoom('slow') && firstOf('slow', nowMs)) ||
        undefined
      );
    },
    get unthrottleMs() {
      return unthrottleMs;
    },
  };
}

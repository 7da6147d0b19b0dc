/**
 * The lanes that have something to start, in the order of their turns.
 *
 *     quick       known and new lanes take turns with each other
 *     new         new lanes whose turn came while new targets had no slot: here they keep nobody waiting, and they are the
 *                 first when there is a slot
 *     overdue     lanes whose targets owe an answer for longer than usual. A request to them is likely to hang too, and needs a
 *                 new connection, so all others go first. After a second they are slow, or have answered
 *     slow        lanes of targets that are slow now
 *     throttled   lanes that wait for the rate limit of their target
 *     heavy       lanes whose next body has no room among those in flight
 *
 * A lane stands in at most one of these lines. The cost of a step does not depend on the number of lanes, with one
 * exception: throttled lanes are looked through when the first of them has room again.
 */
import { isOverdue, kindOf, type Lane, type LaneKind } from './lanes/lane.ts';
import { createRoundRobin } from './round-robin.ts';
import type { Slots } from './slots.ts';

export type LineUp = {
  /** Puts the lane into the line where it belongs now; into none when nothing of it can start. */
  enrol(lane: Lane, nowMs: number): void;
  leave(lane: Lane): void;
  /** Takes out the lane that starts an attempt now; its kind has a free slot. */
  next(nowMs: number): { readonly lane: Lane; readonly kind: LaneKind } | undefined;
  /** Puts some heavy lanes in line again, after a request whose body may have made room. */
  lighten(nowMs: number): void;
  /** When the first throttled lane has room again; Infinity: no lane is throttled. */
  readonly unthrottleMs: number;
};

/** How many heavy lanes are tried when a body has left; those that do not fit go to the end. */
const HEAVY_TRIES = 4;

function placeOf(lane: Lane, nowMs: number): 'quick' | 'overdue' | 'slow' {
  if (lane.isSlow) return 'slow';
  return isOverdue(lane, nowMs) ? 'overdue' : 'quick';
}

/** Creates the lines. `allowance`: how many requests a lane may have open now. */
export function createLineUp(slots: Slots, allowance: (lane: Lane, nowMs: number) => number): LineUp {
  const lines = {
    quick: createRoundRobin(),
    new: createRoundRobin(),
    overdue: createRoundRobin(),
    slow: createRoundRobin(),
  };
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
    if (lane.nextStartMs <= nowMs) return stand(lane, placeOf(lane, nowMs));
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
      // The lane has become narrower since it stood in line, or has its share. The end of one of its requests puts it in
      // line again.
      if (lane.active >= allowance(lane, nowMs) || (lane.active > 0 && !slots.hasShare(lane))) continue;
      if (place === 'quick' && isOverdue(lane, nowMs)) {
        stand(lane, 'overdue');
        continue;
      }
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
        (slots.hasRoom('known') && firstOf('overdue', nowMs)) ||
        (slots.hasRoom('slow') && firstOf('slow', nowMs)) ||
        undefined
      );
    },
    get unthrottleMs() {
      return unthrottleMs;
    },
  };
}

/**
 * The lanes of one process, by target. An empty lane is kept for a while: otherwise a target that failed would be flooded
 * after it had nothing to receive for a moment. Of the empty lanes, the last few thousand are kept.
 */
import type { TargetLimits } from '../../../domain/targets/target.ts';
import { createLane, limitLane, type Lane } from './lane.ts';
import { hasLimits } from './lease.ts';

export type Lanes = {
  /** Returns the lane of a target, with the limits of the target as they are now; makes it when there is none. */
  of(targetId: string, limits: TargetLimits): Lane;
  get(targetId: string): Lane | undefined;
  /** Sets the limits of the lane's target as they are now. With any limit the lane needs a lease. */
  limit(lane: Lane, limits: TargetLimits): void;
  /** Keeps an empty lane for a while. */
  rest(lane: Lane, nowMs: number): void;
  /** Notes that held deliveries wait for room in the target's lane. The target is active, and not deferred any more. */
  markHeld(targetId: string, limits: TargetLimits): void;
  /** Lanes that may have room for held deliveries. */
  readonly hungry: Set<Lane>;
  /** Lanes that have something to send, but lack the lease that they need. */
  readonly unleased: Set<Lane>;
  [Symbol.iterator](): Iterator<Lane>;
};

/** How long an empty lane is kept: longer than the retries at 5 and 10 minutes. */
const MEMORY_MS = 15 * 60_000;
const MAX_RESTING = 20_000;

/** Creates the lanes. `width`: the most requests that may be open to one target. */
export function createLanes(width: number): Lanes {
  const lanes = new Map<string, Lane>();
  const resting = new Map<Lane, number>(); // The time since which each lane is empty, longest first.
  const hungry = new Set<Lane>();
  const unleased = new Set<Lane>();

  function limit(lane: Lane, limits: TargetLimits): void {
    limitLane(lane, width, limits);
    if (!hasLimits(limits)) lane.lease = undefined;
    else if (!lane.lease) {
      lane.lease = null;
      unleased.add(lane);
    }
  }

  function of(targetId: string, limits: TargetLimits): Lane {
    let lane = lanes.get(targetId);
    if (!lane) lanes.set(targetId, (lane = createLane(targetId)));
    else resting.delete(lane);
    limit(lane, limits);
    return lane;
  }

  return {
    of,
    limit,
    hungry,
    unleased,
    get: (targetId) => lanes.get(targetId),
    rest(lane, nowMs) {
      resting.delete(lane);
      resting.set(lane, nowMs);
      for (const [longest, sinceMs] of resting) {
        if (nowMs - sinceMs < MEMORY_MS && resting.size <= MAX_RESTING) break;
        resting.delete(longest);
        lanes.delete(longest.targetId);
        hungry.delete(longest);
      }
    },
    markHeld(targetId, limits) {
      const lane = of(targetId, limits);
      lane.hasHeld = true;
      lane.isDeferred = false;
      hungry.add(lane);
    },
    [Symbol.iterator]: () => lanes.values(),
  };
}

/**
 * Who may send now. Each target has a lane: at most `width` requests in flight, a few claims waiting behind them, and the
 * rest held in the database, where they are in nobody's way. Pure bookkeeping: no I/O, no time of its own.
 */
import type { Claim } from './claim.ts';

/** send: start it now. wait: it starts when a request of its lane ends. hold: give it back until the lane has room. */
export type Admission = 'send' | 'wait' | 'hold';

export type Lanes = {
  admit(claim: Claim, nowMs: number): Admission;
  /** A request of this target has ended: the claim that may start now, if any. */
  finish(targetId: string, nowMs: number): Claim | undefined;
  /** Takes all waiting claims out, for a worker that stops. */
  takeWaiting(): Claim[];
  /** Claims in flight or waiting. */
  readonly occupied: number;
  /** How many more claims the lane takes at once. */
  room(targetId: string): number;
  /** Held deliveries of this target wait for room in its lane. */
  markHeld(targetId: string): void;
  clearHeld(targetId: string): void;
  /** Whether held deliveries should be released now. */
  wantsRelease(targetId: string): boolean;
};

type Lane = { active: number; waiting: Claim[]; hasHeld: boolean; lastEndMs: number };

/** A full lane in which nothing ended for this long is stalled: nothing should wait for it in memory. */
const STALL_MS = 1_000;

export function createLanes(width: number): Lanes {
  const lanes = new Map<string, Lane>();
  let occupied = 0;

  function laneOf(targetId: string, nowMs: number): Lane {
    let lane = lanes.get(targetId);
    if (!lane) lanes.set(targetId, (lane = { active: 0, waiting: [], hasHeld: false, lastEndMs: nowMs }));
    return lane;
  }

  return {
    get occupied() {
      return occupied;
    },
    admit(claim, nowMs) {
      const lane = laneOf(claim.targetId, nowMs);
      if (lane.active < width) {
        if (lane.active === 0) lane.lastEndMs = nowMs;
        lane.active++;
        occupied++;
        return 'send';
      }
      const isStalled = nowMs - lane.lastEndMs > STALL_MS;
      if (isStalled || lane.waiting.length >= width) {
        lane.hasHeld = true;
        return 'hold';
      }
      lane.waiting.push(claim);
      occupied++;
      return 'wait';
    },
    finish(targetId, nowMs) {
      const lane = laneOf(targetId, nowMs);
      lane.lastEndMs = nowMs;
      lane.active--;
      occupied--;
      const next = lane.waiting.shift();
      if (next) lane.active++;
      else if (lane.active === 0 && !lane.hasHeld) lanes.delete(targetId);
      return next;
    },
    takeWaiting() {
      const taken = [...lanes.values()].flatMap((lane) => lane.waiting.splice(0));
      occupied -= taken.length;
      return taken;
    },
    room: (targetId) => {
      const lane = lanes.get(targetId);
      return lane ? Math.max(0, width - lane.active - lane.waiting.length) : width;
    },
    markHeld: (targetId) => {
      laneOf(targetId, 0).hasHeld = true; // The lane may have ended meanwhile.
    },
    clearHeld: (targetId) => {
      const lane = lanes.get(targetId);
      if (!lane) return;
      lane.hasHeld = false;
      if (lane.active === 0 && lane.waiting.length === 0) lanes.delete(targetId);
    },
    wantsRelease: (targetId) => {
      const lane = lanes.get(targetId);
      return lane !== undefined && lane.hasHeld && lane.waiting.length === 0 && lane.active <= width / 2;
    },
  };
}

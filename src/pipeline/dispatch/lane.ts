/**
 * The lane of one target: how many requests it may have open, and how many claims may wait for it in memory. A lane
 * begins narrow and grows as its target answers; it narrows as its target fails, and then grows more slowly, as TCP does.
 *
 *     success                        + 1; from where it last narrowed on, + 1 per round of successes
 *     timeout, no connection,        half, down to 1
 *       429 or 503
 *     any other answer               as it is
 *
 * Apart from its width, a lane has a kind, by which the process gives it a slot (slots.ts):
 *
 *     known   its target has answered within SLOW_MS, not long ago
 *     new     nothing is known of its target, or nothing recent
 *     slow    a request of it has run for SLOW_MS, and nothing has ended faster since
 *
 * Pure: time is a parameter, in milliseconds that never go back.
 */
import type { TargetLimits } from '../../domain/target.ts';
import type { Claim } from '../deliver/claim.ts';
import type { Feedback } from './feedback.ts';
import type { TargetLease } from './lease.ts';

export type LaneKind = 'known' | 'new' | 'slow';

export type Lane = {
  readonly targetId: string;
  organizationId: string;
  /** Where it stands in the scheduler; undefined: nothing of it can start. */
  place: 'quick' | 'new' | 'slow' | 'throttled' | undefined;
  /** Requests in flight. */
  active: number;
  /** Claims in memory, oldest first. */
  waiting: Claim[];
  /** Held deliveries that are being claimed for it. */
  expected: number;
  /** More deliveries of the target may be held in the database. */
  hasHeld: boolean;
  /** Its target asked for no more requests (defer.ts): it takes only claims that are exempt. */
  isDeferred: boolean;
  /** Verdicts that say so and are not committed yet: until then no other word counts. */
  deferring: number;
  maxWidth: number;
  /** Grows by fractions: whole ones count. */
  width: number;
  /** Below this width each success widens by one. */
  steepWidth: number;
  isSlow: boolean;
  /** When an attempt last ended within SLOW_MS, ended otherwise than by its timeout, ended at all or began to wait. */
  quickMs: number;
  answeredMs: number;
  movedMs: number;
  /** Ends in the present window of PACE_MS, and in the one before. */
  pace: { windowMs: number; count: number; before: number };
  perSecond: number | null;
  /** Of a target with limits of its own (lease.ts). */
  lease: TargetLease | null | undefined;
  /** Its target limits how many requests are open. */
  hasOpenLimit: boolean;
  /** Not before this does the rate limit allow the next request. */
  nextStartMs: number;
};

/** An attempt that has run for this long is slow: most targets answer in a tenth of it. */
export const SLOW_MS = 1_000;
/** As wide as a lane begins, and goes on after a pause: a few requests find out what has become of the target. */
const FIRST_WIDTH = 4;
const PAUSE_MS = 5_000;
/** For so long a target is known. Longer than a pause, because most targets have an event only now and then. */
const KNOWN_MS = 10 * 60_000;
/** In a full lane in which nothing ended for this long nothing waits in memory. */
const STALL_MS = 1_000;
/** What the lane ends in this time may wait in memory. */
const PACE_MS = 500;
/** Timers are late by some milliseconds; so much is made up for. */
const RATE_SLACK_MS = 20;

export function createLane(targetId: string): Lane {
  return {
    ...{ targetId, organizationId: '', place: undefined, active: 0, waiting: [], expected: 0, hasHeld: false },
    ...{ isDeferred: false, deferring: 0 },
    ...{ maxWidth: FIRST_WIDTH, width: FIRST_WIDTH, steepWidth: Infinity, isSlow: false },
    ...{ quickMs: -Infinity, answeredMs: -Infinity, movedMs: -Infinity },
    ...{ pace: { windowMs: -Infinity, count: 0, before: 0 }, perSecond: null, nextStartMs: -Infinity },
    ...{ lease: undefined, hasOpenLimit: false },
  };
}

/** `most` is the service's own limit; the target's can only be lower. */
export function limitLane(lane: Lane, most: number, { maxConcurrency, rateLimitPerSecond }: TargetLimits): void {
  lane.maxWidth = Math.min(most, maxConcurrency ?? most);
  lane.width = Math.min(lane.width, lane.maxWidth);
  lane.perSecond = rateLimitPerSecond;
  lane.hasOpenLimit = maxConcurrency !== null;
}

export function kindOf({ isSlow, quickMs }: Lane, nowMs: number): LaneKind {
  if (isSlow) return 'slow';
  return nowMs - quickMs < KNOWN_MS ? 'known' : 'new';
}

/** How many requests may be open. `isCrowded`: many targets are being found out about at once, so one request each. */
export function allowanceOf(lane: Lane, isCrowded: boolean, nowMs: number): number {
  const width = Math.floor(lane.width);
  const kind = kindOf(lane, nowMs);
  if (kind === 'slow') return nowMs - lane.answeredMs < PAUSE_MS ? width : 1;
  if (nowMs - lane.quickMs < PAUSE_MS) return width;
  return Math.min(width, kind === 'new' && isCrowded ? 1 : FIRST_WIDTH);
}

/** How many claims may be in memory for a lane that may have `allowance` requests open. */
export function supplyOf(lane: Lane, allowance: number, nowMs: number): number {
  const spare = Math.max(0, allowance - lane.active);
  const isStalled = spare === 0 && nowMs - lane.movedMs > STALL_MS;
  const patience = lane.isSlow || isStalled ? 0 : Math.max(Math.floor(lane.width), paceOf(lane, nowMs));
  const supply = spare + patience;
  return lane.perSecond === null ? supply : Math.min(supply, Math.ceil((lane.perSecond * PACE_MS) / 1_000));
}

function paceOf({ pace }: Lane, nowMs: number): number {
  return nowMs - pace.windowMs < 2 * PACE_MS ? Math.max(pace.count, pace.before) : 0;
}

export function begin(lane: Lane, nowMs: number): void {
  if (lane.active++ === 0) lane.movedMs = nowMs;
  if (lane.perSecond === null) return;
  lane.nextStartMs = Math.max(lane.nextStartMs, nowMs - RATE_SLACK_MS) + 1_000 / lane.perSecond;
}

/** Without feedback the attempt was not made to its end: nothing is learned. */
export function end(lane: Lane, feedback: Feedback | undefined, nowMs: number): void {
  lane.active--;
  lane.movedMs = nowMs;
  countEnd(lane.pace, nowMs);
  if (!feedback) return;
  if (!feedback.isTimeout) lane.answeredMs = nowMs;
  if (feedback.durationMs < SLOW_MS && !feedback.isTimeout) {
    lane.quickMs = nowMs;
    lane.isSlow = false;
  }
  if (feedback.advice === 'widen') {
    lane.width = Math.min(lane.maxWidth, lane.width + (lane.width < lane.steepWidth ? 1 : 1 / lane.width));
  } else if (feedback.advice === 'narrow') {
    lane.width = Math.max(1, lane.width / 2);
    lane.steepWidth = lane.width;
  }
}

function countEnd(pace: Lane['pace'], nowMs: number): void {
  const ageMs = nowMs - pace.windowMs;
  if (ageMs >= PACE_MS) {
    pace.before = ageMs < 2 * PACE_MS ? pace.count : 0;
    pace.count = 0;
    pace.windowMs = nowMs;
  }
  pace.count++;
}

/**
 * The lane of one target: how many requests it may have open, and how many claims may wait for it in memory. It is as
 * wide as its target bears (width.ts), with two exceptions:
 *
 *     after a pause                  only its first width is open until an answer has come, then half of what it was for each
 *                                    PAUSE_MS that has passed
 *     a quick target is silent       it has no more open than its first width: nobody knows yet whether the target hangs,
 *                                    and two hundred targets that hang would take the slots of all others
 *
 * Apart from its width, a lane has a kind, by which the process gives it a slot (slots.ts):
 *
 *     known   its target has answered within SLOW_MS, not long ago
 *     new     nothing is known of its target, or nothing recent
 *     slow    a request of it has run for SLOW_MS, and nothing has ended faster since
 *
 * Pure: time is a parameter, in milliseconds that never go back.
 */
import type { TargetLimits } from '../../../domain/targets/target.ts';
import type { Claim } from '../../deliver/claim.ts';
import type { Feedback } from './feedback.ts';
import type { TargetLease } from './lease.ts';
import {
  beginAt,
  createWidth,
  FIRST_WIDTH,
  isDoubling,
  learn,
  limitWidth,
  restart,
  type Beginning,
  type Width,
} from './width.ts';

export type LaneKind = 'known' | 'new' | 'slow';

export type Lane = {
  readonly targetId: string;
  organizationId: string;
  /** Its line in the scheduler (line-up.ts); undefined: nothing of it can start. */
  place: 'quick' | 'new' | 'overdue' | 'slow' | 'throttled' | 'heavy' | undefined;
  /** How many requests are open. */
  active: number;
  /** Claims in memory, oldest first. */
  waiting: Claim[];
  /** How many held deliveries are being claimed for it. */
  expected: number;
  /** For how many deliveries that are being published it keeps room (hand-over.ts). */
  reserved: number;
  /** Whether more deliveries of the target may be held in the database. */
  hasHeld: boolean;
  /** Whether its target has asked for time (defer.ts): then the lane takes only claims that are exempt. */
  isDeferred: boolean;
  /** How many verdicts that defer the target are not committed yet. Until they are, the lane stays deferred. */
  deferring: number;
  /** How many requests its target bears at once. */
  readonly width: Width;
  isSlow: boolean;
  /**
   * Three times: when an attempt last ended within SLOW_MS; last ended without a timeout; last ended at all, or the first
   * open one began.
   */
  quickMs: number;
  answeredMs: number;
  movedMs: number;
  /** How many attempts ended in the present window of PACE_MS, and in the window before. */
  pace: { windowMs: number; count: number; before: number };
  perSecond: number | null;
  /** The lease, for a target with limits of its own (lease.ts). */
  lease: TargetLease | null | undefined;
  /** Whether its target limits how many requests are open. */
  hasOpenLimit: boolean;
  /** The time from which the rate limit allows the next request. */
  nextStartMs: number;
};

/** An attempt that has run for this long is slow: most targets answer in a tenth of it. */
export const SLOW_MS = 1_000;
/** After a pause of this length, only a few requests start at first, to find out how the target is now. */
const PAUSE_MS = 5_000;
/** How long a target stays known. It is longer than a pause, because most targets have an event only now and then. */
const KNOWN_MS = 10 * 60_000;
/** A lane is overdue when nothing has ended for this long, and for this many times the usual latency. */
const OVERDUE_MS = 50;
const OVERDUE_TIMES = 4;
/** When nothing has ended in a full lane for this long, no claim waits for it in memory. */
const STALL_MS = 1_000;
/** As many claims as the lane ends in this time may wait in memory. */
const PACE_MS = 500;
/**
 * For a lane that doubles: as many claims as it begins in this time may wait in memory, and no more than MOST_OUTLOOK. The
 * secrets of a claim that waits for longer are read again (claim.ts).
 */
const OUTLOOK_MS = 1_000;
const MOST_OUTLOOK = 256;
/** Timers are late by some milliseconds; the rate limit makes up for at most this much. */
const RATE_SLACK_MS = 20;

export function createLane(targetId: string): Lane {
  return {
    targetId,
    organizationId: '',
    place: undefined,
    active: 0,
    waiting: [],
    expected: 0,
    reserved: 0,
    hasHeld: false,
    isDeferred: false,
    deferring: 0,
    width: createWidth(),
    isSlow: false,
    quickMs: -Infinity,
    answeredMs: -Infinity,
    movedMs: -Infinity,
    pace: { windowMs: -Infinity, count: 0, before: 0 },
    perSecond: null,
    nextStartMs: -Infinity,
    lease: undefined,
    hasOpenLimit: false,
  };
}

/** Sets the limits of a lane. `most` is the service's own limit; that of the target can only lower it. */
export function limitLane(lane: Lane, most: number, { maxConcurrency, rateLimitPerSecond }: TargetLimits): void {
  limitWidth(lane.width, Math.min(most, maxConcurrency ?? most));
  lane.perSecond = rateLimitPerSecond;
  lane.hasOpenLimit = maxConcurrency !== null;
}

export function kindOf({ isSlow, quickMs }: Lane, nowMs: number): LaneKind {
  if (isSlow) return 'slow';
  return nowMs - quickMs < KNOWN_MS ? 'known' : 'new';
}

/** How many requests the lane may have open. `isCrowded`: many new targets are being tried at once, so each gets one request. */
export function allowanceOf(lane: Lane, isCrowded: boolean, nowMs: number): number {
  const width = Math.floor(isSilent(lane, nowMs) ? Math.min(lane.width.value, FIRST_WIDTH) : lane.width.value);
  const kind = kindOf(lane, nowMs);
  if (kind === 'slow') return nowMs - lane.answeredMs < PAUSE_MS ? width : 1;
  if (nowMs - lane.quickMs < PAUSE_MS) return width;
  return Math.min(width, kind === 'new' && isCrowded ? 1 : FIRST_WIDTH);
}

/** Whether requests are open, but nothing has ended for several times the usual latency. The target may have begun to hang. */
export function isOverdue({ active, movedMs, width }: Lane, nowMs: number): boolean {
  if (active === 0 || width.usualMs === undefined) return false;
  return nowMs - movedMs > Math.max(OVERDUE_MS, OVERDUE_TIMES * width.usualMs);
}

/** Whether the lane is overdue, and as many requests are open as tell that its target hangs. */
const isSilent = (lane: Lane, nowMs: number): boolean => lane.active >= FIRST_WIDTH && isOverdue(lane, nowMs);

/** How many claims may be in memory for a lane that may have `allowance` requests open. */
export function supplyOf(lane: Lane, allowance: number, nowMs: number): number {
  const spare = Math.max(0, allowance - lane.active);
  const isStalled = spare === 0 && nowMs - lane.movedMs > STALL_MS;
  const soon = Math.max(Math.floor(lane.width.value), paceOf(lane, nowMs), outlookOf(lane, nowMs));
  const patience = lane.isSlow || isStalled ? 0 : soon;
  const supply = spare + patience;
  return lane.perSecond === null ? supply : Math.min(supply, Math.ceil((lane.perSecond * PACE_MS) / 1_000));
}

function paceOf({ pace }: Lane, nowMs: number): number {
  return nowMs - pace.windowMs < 2 * PACE_MS ? Math.max(pace.count, pace.before) : 0;
}

/** Returns how many requests the lane begins in OUTLOOK_MS if it goes on doubling in each round; 0 when it does not. */
function outlookOf(lane: Lane, nowMs: number): number {
  const { width } = lane;
  if (kindOf(lane, nowMs) !== 'known' || width.usualMs === undefined || !isDoubling(width)) return 0;
  const rounds = OUTLOOK_MS / width.usualMs;
  return Math.floor(Math.min(MOST_OUTLOOK, width.value * (2 ** rounds - 1), width.most * rounds));
}

/** Notes the start of an attempt. Pass what it returns to `end`. */
export function begin(lane: Lane, nowMs: number): Beginning {
  if (lane.active++ === 0) {
    lane.movedMs = nowMs;
    const pauses = Math.floor((nowMs - lane.answeredMs) / PAUSE_MS);
    if (pauses > 0) restart(lane.width, pauses);
  }
  if (lane.perSecond !== null) {
    lane.nextStartMs = Math.max(lane.nextStartMs, nowMs - RATE_SLACK_MS) + 1_000 / lane.perSecond;
  }
  return beginAt(lane.width, lane.active);
}

/** Notes the end of an attempt. Without feedback it was not made to its end, and nothing is learned. */
export function end(lane: Lane, beginning: Beginning, feedback: Feedback | undefined, nowMs: number): void {
  lane.active--;
  lane.movedMs = nowMs;
  countEnd(lane.pace, nowMs);
  if (!feedback) return;
  if (!feedback.isTimeout) lane.answeredMs = nowMs;
  if (feedback.durationMs < SLOW_MS && !feedback.isTimeout) {
    lane.quickMs = nowMs;
    lane.isSlow = false;
  }
  learn(lane.width, beginning, feedback);
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

/** When the next attempt is due. Pure: time and randomness are parameters. */
import { trimHeader } from './text.ts';

export type RetryPolicy = {
  /** Delay after failure 1, 2, …; the last one repeats where MAX_ATTEMPTS asks for more. */
  readonly scheduleMs: readonly number[];
};

/** Spreads retries of many deliveries that failed together; never earlier than the schedule says. */
const MAX_JITTER = 0.1;
/** Retry-After can delay the next attempt to at most this many times the scheduled delay. */
const MAX_RETRY_AFTER_FACTOR = 2;

type Failure = {
  readonly failedAt: Date;
  /** The delay that Retry-After asked for; undefined without one. */
  readonly retryAfterMs: number | undefined;
  /** From 0 to below 1: the part of the jitter that is used. */
  readonly random: number;
};

/** The time of the attempt that follows scheduled failure number `failures` (1 is the first). */
export function nextAttemptTime(failures: number, { scheduleMs }: RetryPolicy, failure: Failure): Date {
  const delayMs = scheduleMs[Math.min(failures, scheduleMs.length) - 1]!;
  const scheduledMs = delayMs * (1 + MAX_JITTER * failure.random);
  const askedMs = Math.min(failure.retryAfterMs ?? 0, delayMs * MAX_RETRY_AFTER_FACTOR);
  return new Date(failure.failedAt.getTime() + Math.round(Math.max(scheduledMs, askedMs)));
}

/**
 * The time until which a target that asked for `retryAfterMs` gets no request at all: as long as it asked, and at most twice
 * the first delay of the schedule. So the mistake of one answer holds its deliveries for minutes, not for days.
 */
export function deferralEnd(retryAfterMs: number, { scheduleMs }: RetryPolicy, now: Date): Date {
  return new Date(now.getTime() + Math.min(retryAfterMs, scheduleMs[0]! * MAX_RETRY_AFTER_FACTOR));
}

/**
 * Retry-After (RFC 9110, 10.2.3) in milliseconds from `now`: seconds, or an HTTP date. Undefined when it is absent,
 * unreadable or in the past. Infinity for a number that a double cannot hold: the caller has a cap.
 */
export function parseRetryAfterMs(header: string | undefined, now: Date): number | undefined {
  const text = trimHeader(header ?? '');
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  // Only a real HTTP date: Date.parse alone would read "2" or "May" too.
  const dateMs = /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(ASCTIME.test(text) ? `${text} GMT` : text) : Number.NaN;
  return dateMs > now.getTime() ? dateMs - now.getTime() : undefined;
}

/** `Sun Nov  6 08:49:37 1994` names no zone and is in UTC (RFC 9110, 5.6.7). */
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

import { expect, test } from 'vitest';
import { afterFailure, type Progress } from '../../src/domain/delivery.ts';
import { nextAttemptTime, parseRetryAfterMs } from '../../src/domain/retry.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const policy = { scheduleMs: [5, 10, 15, 30, 60, 120, 240, 480, 720, 1200].map((minutes) => minutes * MINUTE) };
const failedAt = new Date('2026-01-15T10:30:00.000Z');
const failure = { failedAt, retryAfterMs: undefined, random: 0 };
const progress: Progress = { scheduleStep: 0, maxAttempts: 10, trigger: 'SCHEDULE', resumeAt: null };
const delayOf = (time: Date | null) => time!.getTime() - failedAt.getTime();

test.each([
  [1, 5 * MINUTE],
  [2, 10 * MINUTE],
  [3, 15 * MINUTE],
  [4, 30 * MINUTE],
  [5, HOUR],
  [6, 2 * HOUR],
  [7, 4 * HOUR],
  [8, 8 * HOUR],
  [9, 12 * HOUR],
  [10, 20 * HOUR],
  [11, 20 * HOUR],
])('after failure %i the delay is %i ms', (failures, delayMs) => {
  expect(delayOf(nextAttemptTime(failures, policy, failure))).toBe(delayMs);
});

test('jitter adds up to 10 % and never takes away', () => {
  const delays = [0, 0.5, 0.999].map((random) => delayOf(nextAttemptTime(1, policy, { ...failure, random })));
  expect(delays).toEqual([300_000, 315_000, 329_970]);
});

test('Retry-After delays the next attempt, to at most twice the schedule, and never brings it forward', () => {
  const asked = (seconds: number) => delayOf(nextAttemptTime(1, policy, { ...failure, retryAfterMs: seconds * 1_000 }));
  expect([asked(1), asked(400), asked(600), asked(86_400)]).toEqual([300_000, 400_000, 600_000, 600_000]);
});

test.each([
  ['120', 120_000],
  [' 0 ', 0],
  ['Thu, 15 Jan 2026 10:31:00 GMT', MINUTE],
  ['Thu, 15 Jan 2026 10:29:00 GMT', undefined],
  ['soon', undefined],
  ['\u00a0120', undefined], // Only spaces and tabs may stand around a value.
  ['\t120 ', 120_000],
  ['-5', undefined],
  ['1.5', undefined],
  ['', undefined],
  [undefined, undefined],
  ['99999999999', 99_999_999_999_000],
  ['9'.repeat(400), Infinity],
])('Retry-After %j means %j ms', (header, ms) => {
  expect(parseRetryAfterMs(header, failedAt)).toBe(ms);
});

test('an asctime date of Retry-After is in UTC, whatever the zone of the machine is', () => {
  const zone = process.env['TZ'];
  process.env['TZ'] = 'America/St_Johns';
  try {
    const now = new Date('1994-11-06T08:49:07Z');
    expect(parseRetryAfterMs('Sun Nov  6 08:49:37 1994', now)).toBe(30_000);
    expect(parseRetryAfterMs('Sun, 06 Nov 1994 08:49:37 GMT', now)).toBe(30_000);
    expect(parseRetryAfterMs('Sunday, 06-Nov-94 08:49:37 GMT', now)).toBe(30_000);
  } finally {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  }
});

test('however long the number of Retry-After is, it delays to at most twice the schedule', () => {
  const first = afterFailure(progress, policy, { ...failure, retryAfterMs: Infinity });
  expect(delayOf(first.nextAttemptAt)).toBe(10 * MINUTE);
});

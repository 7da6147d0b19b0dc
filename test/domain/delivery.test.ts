import { expect, test } from 'vitest';
import { afterFailure, afterOwnFault, afterSuccess, type Progress } from '../../src/domain/delivery.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const policy = { scheduleMs: [5, 10, 15, 30, 60, 120, 240, 480, 720, 1200].map((minutes) => minutes * MINUTE) };
const failedAt = new Date('2026-01-15T10:30:00.000Z');
const failure = { failedAt, retryAfterMs: undefined, random: 0 };
const progress: Progress = { scheduleStep: 0, maxAttempts: 10, trigger: 'SCHEDULE', resumeAt: null };
const delayOf = (time: Date | null) => time!.getTime() - failedAt.getTime();

test('a success ends the delivery', () => {
  expect(afterSuccess({ ...progress, scheduleStep: 3 })).toEqual({
    status: 'DELIVERED',
    scheduleStep: 3,
    nextAttemptAt: null,
  });
});

test('the tenth scheduled failure ends the delivery', () => {
  const ninth = afterFailure({ ...progress, scheduleStep: 8 }, policy, failure);
  expect(ninth).toMatchObject({ status: 'RETRYING', scheduleStep: 9 });
  expect(delayOf(ninth.nextAttemptAt)).toBe(12 * HOUR);
  const tenth = afterFailure({ ...progress, scheduleStep: 9 }, policy, failure);
  expect(tenth).toEqual({ status: 'FAILED', scheduleStep: 10, nextAttemptAt: null });
});

test('a fault of the service uses up no step, however late in the schedule, and is tried again after the first delay', () => {
  for (const scheduleStep of [0, 5, 9]) {
    const transition = afterOwnFault({ ...progress, scheduleStep }, policy, failure);
    expect(transition).toMatchObject({ status: 'RETRYING', scheduleStep });
    expect(delayOf(transition.nextAttemptAt)).toBe(5 * MINUTE);
  }
  const manual: Progress = { ...progress, scheduleStep: 10, trigger: 'MANUAL' };
  expect(afterOwnFault(manual, policy, failure)).toEqual({ status: 'FAILED', scheduleStep: 10, nextAttemptAt: null });
});

test('a failed manual attempt leaves the schedule as it was', () => {
  const resumeAt = new Date(failedAt.getTime() + 7 * MINUTE);
  const manual: Progress = { ...progress, scheduleStep: 2, trigger: 'MANUAL', resumeAt };
  expect(afterFailure(manual, policy, failure)).toEqual({
    status: 'RETRYING',
    scheduleStep: 2,
    nextAttemptAt: resumeAt,
  });
});

test('a schedule that came due during a manual attempt goes on at once', () => {
  const manual: Progress = { ...progress, trigger: 'MANUAL', resumeAt: new Date(failedAt.getTime() - 1) };
  expect(afterFailure(manual, policy, failure).nextAttemptAt).toEqual(failedAt);
});

test('a FAILED delivery whose manual retry fails is FAILED again', () => {
  const manual: Progress = { ...progress, scheduleStep: 10, trigger: 'MANUAL' };
  expect(afterFailure(manual, policy, failure)).toEqual({ status: 'FAILED', scheduleStep: 10, nextAttemptAt: null });
});

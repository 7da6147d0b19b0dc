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
    const transition = afterOwnFault({ ...progress, scheduleStep }, policy, { ...failure, attempts: scheduleStep + 1 });
    expect(transition).toMatchObject({ status: 'RETRYING', scheduleStep });
    expect(delayOf(transition.nextAttemptAt)).toBe(5 * MINUTE);
  }
});

test('while the service stays at fault the delays grow, and the delivery ends', () => {
  const delays: number[] = [];
  let scheduleStep = 0;
  for (let attempts = 1; ; attempts++) {
    const transition = afterOwnFault({ ...progress, scheduleStep }, policy, { ...failure, attempts });
    scheduleStep = transition.scheduleStep;
    if (transition.status === 'FAILED') break;
    delays.push(delayOf(transition.nextAttemptAt));
  }
  expect(delays).toEqual([...policy.scheduleMs, ...policy.scheduleMs.slice(0, 9)]);
  expect(scheduleStep).toBe(10);
});

test('a fault of the service is tried again after half a minute at the earliest, whatever the schedule says', () => {
  const eager = { scheduleMs: [0, MINUTE] };
  expect(delayOf(afterOwnFault(progress, eager, { ...failure, attempts: 1 }).nextAttemptAt)).toBe(30_000);
  expect(delayOf(afterOwnFault(progress, eager, { ...failure, attempts: 2 }).nextAttemptAt)).toBe(MINUTE);
});

test('a manual retry after the end of the schedule is made again when the service was at fault, and then it is FAILED', () => {
  const manual: Progress = { ...progress, scheduleStep: 10, trigger: 'MANUAL' };
  const again = afterOwnFault(manual, policy, { ...failure, attempts: 11 });
  expect(again).toMatchObject({ status: 'RETRYING', scheduleStep: 10 });
  expect(delayOf(again.nextAttemptAt)).toBe(5 * MINUTE);
  const ended = { status: 'FAILED', scheduleStep: 10, nextAttemptAt: null };
  expect(afterFailure({ ...manual, trigger: 'SCHEDULE' }, policy, failure)).toEqual(ended);
  expect(afterOwnFault(manual, policy, { ...failure, attempts: 21 })).toEqual(ended);
  const resumeAt = new Date(failedAt.getTime() + 7 * MINUTE);
  expect(afterOwnFault({ ...manual, resumeAt }, policy, { ...failure, attempts: 11 })).toMatchObject({
    status: 'RETRYING',
    nextAttemptAt: resumeAt,
  });
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

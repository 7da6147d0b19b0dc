import { expect, test } from 'vitest';
import type { Claim } from '../../../src/pipeline/deliver/claim.ts';
import { judge } from '../../../src/pipeline/deliver/judge.ts';
import type { SendResult } from '../../../src/pipeline/deliver/send.ts';
import { STAMP } from '../../support/pipeline.ts';

const MINUTE_MS = 60_000;
const NOW = new Date('2026-01-15T10:30:00.000Z');
const PROGRESS = { scheduleStep: 0, maxAttempts: 3, trigger: 'SCHEDULE', resumeAt: null } as const;

/** What of a claim and a result decides; the rest is passed on as it is. */
const claimOf = (progress: Partial<Claim['progress']> = {}) =>
  ({ progress: { ...PROGRESS, ...progress }, number: 1 + (progress.scheduleStep ?? 0) }) as Claim;
const response = (status: number, headers: Record<string, string | string[]> = {}) =>
  ({ kind: 'response', status, headers }) as unknown as SendResult;

function judged(result: SendResult, claim = claimOf()) {
  return judge({ claim, stamp: STAMP }, result, {
    policy: { scheduleMs: [5 * MINUTE_MS, 10 * MINUTE_MS] },
    now: NOW,
    random: 0,
  });
}

const minutesUntil = (time: Date | null) => time && (time.getTime() - NOW.getTime()) / MINUTE_MS;

test.each([200, 204, 299])('%i is DELIVERED: no error, and no attempt to come', (status) => {
  const verdict = judged(response(status, { 'retry-after': '60' }));
  expect(verdict).toMatchObject({ outcome: 'DELIVERED', error: null, deferUntil: null });
  expect(verdict.transition).toMatchObject({ status: 'DELIVERED', nextAttemptAt: null });
});

test.each([100, 199, 300, 302, 404, 500])('%i is an HTTP_ERROR that says the status, and is tried again', (status) => {
  const verdict = judged(response(status));
  expect(verdict).toMatchObject({ outcome: 'HTTP_ERROR', error: expect.stringContaining(String(status)) });
  expect([verdict.transition.status, minutesUntil(verdict.transition.nextAttemptAt)]).toEqual(['RETRYING', 5]);
});

test('a request without a response keeps its own class and reason', () => {
  const failure = {
    kind: 'failure',
    outcome: 'TLS_ERROR',
    error: 'The certificate has expired.',
  } as unknown as SendResult;
  expect(judged(failure)).toMatchObject({
    outcome: 'TLS_ERROR',
    error: 'The certificate has expired.',
    deferUntil: null,
    transition: { status: 'RETRYING' },
  });
});

test('a PROXY_ERROR is tried again after the first delay, and uses up no attempt: not even the last one', () => {
  const failure = { kind: 'failure', outcome: 'PROXY_ERROR', error: 'The egress proxy …' } as unknown as SendResult;
  const { outcome, error, transition, deferUntil } = judged(failure, claimOf({ scheduleStep: 2 }));
  expect({ outcome, error, deferUntil }).toEqual({
    outcome: 'PROXY_ERROR',
    error: 'The egress proxy …',
    deferUntil: null,
  });
  expect(transition).toMatchObject({ status: 'RETRYING', scheduleStep: 2 });
  expect(minutesUntil(transition.nextAttemptAt)).toBe(5);
});

test.each([
  [429, 7],
  [503, 7],
  [500, 5],
  [404, 5],
])('of a %i with Retry-After: 420 the next attempt is due after %i minutes', (status, minutes) => {
  const { transition, deferUntil } = judged(response(status, { 'retry-after': '420' }));
  expect(minutesUntil(transition.nextAttemptAt)).toBe(minutes);
  expect(minutesUntil(deferUntil)).toBe(minutes === 7 ? 7 : null);
});

test('of several Retry-After headers the first counts', () => {
  expect(minutesUntil(judged(response(503, { 'retry-after': ['480', '60'] })).deferUntil)).toBe(8);
});

test('the last scheduled failure is FAILED, and a manual one leaves the schedule where it was', () => {
  expect(judged(response(500), claimOf({ scheduleStep: 2 })).transition).toMatchObject({ status: 'FAILED' });
  const resumeAt = new Date(NOW.getTime() + 3 * MINUTE_MS);
  const manual = judged(response(500), claimOf({ scheduleStep: 1, trigger: 'MANUAL', resumeAt }));
  expect(manual.transition).toEqual({ status: 'RETRYING', scheduleStep: 1, nextAttemptAt: resumeAt });
});

import { expect, test } from 'vitest';
import { explainWaiting, type Waiting } from '../../../../src/console/deliveries/one/waiting.ts';

const NOW = Date.parse('2026-11-29T12:00:00Z');
const target: Waiting['target'] = {
  status: 'ACTIVE',
  disabledReason: null,
  deletedAt: null,
  deferredUntil: null,
  maxConcurrency: null,
  rateLimitPerSecond: null,
};
const explain = (part: Partial<Waiting>, ofTarget: Partial<Waiting['target']> = {}) =>
  explainWaiting(
    {
      status: 'PENDING',
      waitingFor: null,
      nextAttemptAt: null,
      attemptCount: 0,
      maxAttempts: 10,
      blockedBy: null,
      ...part,
      target: { ...target, ...ofTarget },
    },
    NOW,
  );

test('a delivery that has ended waits for nothing', () => {
  for (const status of ['DELIVERED', 'FAILED', 'CANCELLED'] as const) expect(explain({ status })).toBeNull();
});

test('a delivery that waits for nothing is being sent', () => {
  expect(explain({})?.why).toMatch(/its request is open/);
});

test('the schedule says when, and how many attempts are made', () => {
  const nextAttemptAt = '2026-11-29T12:05:00Z';
  const reason = explain({ status: 'RETRYING', waitingFor: 'SCHEDULE', nextAttemptAt, attemptCount: 3 });
  expect(reason).toMatchObject({ advice: expect.stringContaining('3 of 10'), until: nextAttemptAt });
  const retried = explain({ status: 'RETRYING', waitingFor: 'SCHEDULE', nextAttemptAt, attemptCount: 12 });
  expect(retried?.advice).toMatch(/^12 attempts are made\./);
});

test('a disabled target says why it is, and a deleted one that it is gone', () => {
  expect(explain({ waitingFor: 'TARGET_DISABLED' }, { disabledReason: 'It answered 410.' })?.why).toContain('410');
  expect(explain({ waitingFor: 'TARGET_DISABLED' }, { deletedAt: '2026-11-29T11:00:00Z' })?.why).toMatch(/deleted/);
});

test('a target that asked for time is told from one with a rate', () => {
  const deferredUntil = '2026-11-29T12:01:00Z';
  expect(explain({ waitingFor: 'RATE_LIMIT' }, { deferredUntil, rateLimitPerSecond: 5 })?.until).toBe(deferredUntil);
  const over = explain({ waitingFor: 'RATE_LIMIT' }, { deferredUntil: '2026-11-29T11:00:00Z', rateLimitPerSecond: 5 });
  expect(over).toMatchObject({ why: expect.stringContaining('5 requests a second'), until: null });
});

test('a full lane names its limit', () => {
  expect(explain({ waitingFor: 'TARGET_BUSY' }, { maxConcurrency: 4 })?.why).toContain('at most 4 at once');
});

test('a delivery that waits for another one says so', () => {
  expect(explain({ waitingFor: 'ORDER' as never })?.why).toMatch(/earlier delivery/);
});

test('a reason that this page does not know is not guessed', () => {
  expect(explain({ waitingFor: 'SOMETHING_NEW' as never })?.why).toMatch(/does not know/);
});

test('a delivery of an order waits for the one before it, and says when that one holds others up', () => {
  const behind = (status: 'RETRYING' | 'FAILED') => explain({ waitingFor: 'ORDER', blockedBy: { status } });
  expect(behind('RETRYING')).toMatchObject({ why: expect.stringContaining('in order'), advice: null });
  expect(behind('FAILED')?.advice).toMatch(/retried or cancelled/);
});

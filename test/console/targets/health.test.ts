import { expect, test } from 'vitest';
import type { TargetHealthFragment } from '../../../src/console/generated/graphql.ts';
import { newestHealth } from '../../../src/console/targets/health.ts';

const health = (failureCount: number, lastFailureAt: string | null): TargetHealthFragment => ({
  failureCount,
  lastFailureAt,
  lastSuccessAt: '2026-01-15T10:00:00.000Z',
  timeLastHealthy: '2026-01-15T10:00:00.000Z',
  lastFailureReason: null,
  deferredUntil: null,
});

test('the health of the newest attempt is shown', () => {
  const before = health(0, null);
  const after = health(1, '2026-01-15T10:00:01.000Z');
  expect(newestHealth(before, after)).toBe(after);
  expect(newestHealth(after, before)).toBe(after);
  expect(newestHealth(before, undefined)).toBe(before);
});

test('a target that was set active again does not fail, until an attempt fails after that', () => {
  const failing = health(7, '2026-01-15T10:00:01.000Z');
  const anew = health(0, '2026-01-15T10:00:01.000Z');
  expect(newestHealth(anew, failing)).toBe(anew);
  const failed = health(1, '2026-01-15T10:00:02.000Z');
  expect(newestHealth(anew, failed)).toBe(failed);
});

import { expect, test } from 'vitest';
import { goesOn, progressOf } from '../../../src/console/replays/progress.ts';

const SPAN = { from: '2026-01-15T10:00:00.000Z', until: '2026-01-15T11:00:00.000Z' };
const at = (position: string | null, status: 'RUNNING' | 'COMPLETED' | 'HALTED' = 'RUNNING') =>
  progressOf({ ...SPAN, status, position });

test('a replay has come as far as its place in its span of time', () => {
  expect(at('2026-01-15T10:00:00.000Z')).toBe(0);
  expect(at('2026-01-15T10:45:00.000Z')).toBe(0.75);
  expect(at('2026-01-15T12:00:00.000Z')).toBe(1);
});

test('nobody can say how far it is before it has begun, and when it goes by deliveries', () => {
  expect(at(null)).toBeNull();
});

test('a completed replay is at its end', () => {
  expect(at(null, 'COMPLETED')).toBe(1);
});

test('a running and a waiting replay go on', () => {
  const open = (['RUNNING', 'WAITING', 'COMPLETED', 'CANCELLED', 'HALTED'] as const).map((status) =>
    goesOn({ status }),
  );
  expect(open).toEqual([true, true, false, false, false]);
});

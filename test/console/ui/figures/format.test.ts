import { expect, test } from 'vitest';
import { formatDuration, formatShare } from '../../../../src/console/ui/figures/format.ts';

test('what is not all is never shown as 100 %, and what is there never as 0 %', () => {
  expect(formatShare(99_999, 100_000)).toBe('99.9%');
  expect(formatShare(100_000, 100_000)).toBe('100%');
  expect(formatShare(1, 100_000)).toBe('0.1%');
  expect(formatShare(0, 100_000)).toBe('0%');
  expect(formatShare(0, 0)).toBe('–');
});

test('durations have the unit that is read best, and are rounded down', () => {
  expect([0, 999.9, 1_250, 20_049, 59_999, 65_000, 7_500_000].map(formatDuration)).toEqual([
    '0 ms',
    '999 ms',
    '1.2 s',
    '20.0 s',
    '59.9 s',
    '1 min 05 s',
    '2 h 5 min',
  ]);
});

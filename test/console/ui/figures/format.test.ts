import { expect, test } from 'vitest';
import { formatDuration, formatShare, plural } from '../../../../src/console/ui/figures/format.ts';

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

test('one is told from many', () => {
  expect([0, 1, 2, 1_200].map((count) => plural(count, 'attempt'))).toEqual([
    '0 attempts',
    '1 attempt',
    '2 attempts',
    '1,200 attempts',
  ]);
  expect([1, 2].map((count) => plural(count, 'delivery', 'deliveries'))).toEqual(['1 delivery', '2 deliveries']);
});

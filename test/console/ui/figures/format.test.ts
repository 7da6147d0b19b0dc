import { expect, test } from 'vitest';
import { formatDuration, formatShare } from '../../../../src/console/ui/figures/format.ts';

test('what is not all is never shown as 100 %, and what is there never as 0 %', () => {
  expect(formatShare(99_999, 100_000)).toBe('99.9%');
  expect(formatShare(100_000, 100_000)).toBe('100%');
  expect(formatShare(1, 100_000)).toBe('0.1%');
  expect(formatShare(0, 100_000)).toBe('0%');
  expect(formatShare(0, 0)).toBe('–');
});

test('a time below a second is whole milliseconds, else seconds', () => {
  expect(formatDuration(999)).toBe('999 ms');
  expect(formatDuration(1_250)).toBe('1.3 s');
});

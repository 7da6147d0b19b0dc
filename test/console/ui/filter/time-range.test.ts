import { expect, test } from 'vitest';
import {
  ANY_TIME,
  fromLocalInput,
  isWithin,
  rangeOf,
  readTime,
  toLocalInput,
  writeTime,
} from '../../../../src/console/ui/filter/time-range.ts';

const NOW = Date.parse('2026-11-29T12:00:00Z');
const read = (query: string) => readTime(new URLSearchParams(query));

test('a choice of time goes into the address and comes back', () => {
  for (const choice of [
    ANY_TIME,
    { span: '24h', from: '', to: '' } as const,
    { span: '', from: '2026-11-28T00:00:00.000Z', to: '2026-11-29T00:00:00.000Z' } as const,
  ]) {
    expect(readTime(new URLSearchParams(writeTime(choice)))).toEqual(choice);
  }
});

test('what is no time in the address restricts nothing', () => {
  expect(read('time=1y&from=yesterday&to=')).toEqual(ANY_TIME);
  expect(rangeOf(ANY_TIME, NOW)).toBeNull();
});

test('a span ends now, and goes on as time does', () => {
  expect(rangeOf({ ...ANY_TIME, span: '1h' }, NOW)).toEqual({ gte: '2026-11-29T11:00:00.000Z' });
});

test('a range has its first moment, and not its last one', () => {
  const range = { gte: '2026-11-29T11:00:00Z', lt: '2026-11-29T12:00:00Z' };
  expect(isWithin(range, '2026-11-29T11:00:00.000Z')).toBe(true);
  expect(isWithin(range, '2026-11-29T12:00:00.000Z')).toBe(false);
  expect(isWithin(range, '2026-11-29T10:59:59.999Z')).toBe(false);
  expect(isWithin(null, '2026-11-29T10:59:59.999Z')).toBe(true);
});

test('an input in the zone of the reader gives back the moment that it shows', () => {
  const moment = '2026-11-29T11:05:00.000Z';
  expect(fromLocalInput(toLocalInput(moment))).toBe(moment);
  expect([toLocalInput(''), fromLocalInput('')]).toEqual(['', '']);
});

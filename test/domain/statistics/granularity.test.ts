import { expect, test } from 'vitest';
import { GRANULARITIES, keptFrom, stepStart, type Granularity } from '../../../src/domain/statistics/granularity.ts';

test.each<[Granularity, string]>([
  ['MINUTE', '2026-03-29T01:59:00.000Z'],
  ['HOUR', '2026-03-29T01:00:00.000Z'],
  ['DAY', '2026-03-29T00:00:00.000Z'],
])('%s: a step begins with that of UTC', (granularity, start) => {
  expect(new Date(stepStart(Date.parse('2026-03-29T01:59:59.999Z'), granularity)).toISOString()).toBe(start);
  expect(stepStart(Date.parse(start), granularity)).toBe(Date.parse(start));
});

test('minutes are kept for 48 hours, hours for 30 days, days for 400 days', () => {
  const now = Date.parse('2026-11-29T12:34:56Z');
  const from = (granularity: Granularity) => new Date(keptFrom(now, granularity)).toISOString();
  expect(from('MINUTE')).toBe('2026-11-27T12:34:00.000Z');
  expect(from('HOUR')).toBe('2026-10-30T12:00:00.000Z');
  expect(from('DAY')).toBe('2025-10-25T00:00:00.000Z');
});

test('each coarser step is made of whole finer ones', () => {
  for (const { stepMs, coarser } of Object.values(GRANULARITIES)) {
    if (coarser) expect(GRANULARITIES[coarser].stepMs % stepMs).toBe(0);
  }
});

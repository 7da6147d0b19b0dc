import { expect, test } from 'vitest';
import { figureRange, FIGURE_RANGES, type RangeName } from '../../../../src/console/ui/figures/figure-range.ts';

const NOW = Date.parse('2026-01-15T10:31:12.345Z');

test('a span has whole steps, and its last step is the present one', () => {
  expect(figureRange('1h', NOW)).toEqual({ gte: '2026-01-15T09:32:00.000Z', lt: '2026-01-15T10:32:00.000Z' });
  expect(figureRange('24h', NOW)).toEqual({ gte: '2026-01-14T11:00:00.000Z', lt: '2026-01-15T11:00:00.000Z' });
  expect(figureRange('7d', NOW)).toEqual({ gte: '2026-01-08T11:00:00.000Z', lt: '2026-01-15T11:00:00.000Z' });
  expect(figureRange('30d', NOW)).toEqual({ gte: '2025-12-17T00:00:00.000Z', lt: '2026-01-16T00:00:00.000Z' });
});

test.for(Object.keys(FIGURE_RANGES) as RangeName[])(
  '%s has at most 1,000 steps, and steps that are kept for so long',
  (name) => {
    const { steps, stepMs, granularity } = FIGURE_RANGES[name];
    const kept = { MINUTE: 48 * 3_600_000, HOUR: 30 * 86_400_000, DAY: 400 * 86_400_000 }[granularity];
    expect(steps).toBeLessThanOrEqual(1_000);
    expect(steps * stepMs).toBeLessThan(kept);
  },
);

import { expect, test } from 'vitest';
import { hasValues, outcomesOf, percentilesOf, stack, type Point } from '../../../../src/console/ui/figures/series.ts';

const point = (minute: number, outcomes: Point['outcomes'], p50: number | null = null): Point => ({
  at: `2026-01-15T10:0${minute}:00.000Z`,
  outcomes,
  durationMs: p50 === null ? null : { p50, p95: p50 * 2, p99: p50 * 3 },
  latencyMs: null,
});

const POINTS = [
  point(0, [
    { outcome: 'DELIVERED', count: 5 },
    { outcome: 'TLS_ERROR', count: 1 },
    { outcome: 'DNS_ERROR', count: 2 },
  ]),
  point(1, [{ outcome: 'TIMEOUT', count: 4 }], 10),
];

test('attempts are counted by how they ended; what never occurred has no series', () => {
  const { times, series } = outcomesOf(POINTS);
  expect(times).toEqual([1_768_471_200, 1_768_471_260]);
  expect(Object.fromEntries(series.map(({ name, values }) => [name, values]))).toEqual({
    Delivered: [5, 0],
    'Timed out': [0, 4],
    'No connection': [3, 0],
  });
});

test('delivered has a series even where nothing was', () => {
  expect(outcomesOf([point(0, [])]).series.map(({ name, values }) => [name, values])).toEqual([['Delivered', [0]]]);
});

test('series that stand on each other reach up to the sum', () => {
  expect(stack(outcomesOf(POINTS)).series.map(({ values }) => values)).toEqual([
    [5, 0],
    [5, 4],
    [8, 4],
  ]);
});

test('a chart of steps in which nothing was has no values', () => {
  expect(hasValues(outcomesOf([point(0, [])]))).toBe(false);
  expect(hasValues(percentilesOf([point(0, [])], 'durationMs'))).toBe(false);
  expect(hasValues(outcomesOf(POINTS))).toBe(true);
});

test('a step without requests has no percentile, and not 0', () => {
  expect(percentilesOf(POINTS, 'durationMs').series.map(({ name, values }) => [name, values])).toEqual([
    ['p50', [null, 10]],
    ['p95', [null, 20]],
    ['p99', [null, 30]],
  ]);
});

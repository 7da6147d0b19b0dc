import { expect, test } from 'vitest';
import {
  addTally,
  bucketMs,
  BUCKET_GROWTH,
  EXACT_BUCKETS,
  MAX_INT,
  percentilesOf,
  tallyText,
} from '../../../src/domain/statistics/tally.ts';
import { createRandom } from '../../support/changes.ts';

/** As the roll-up's statement finds it (test/pipeline/upkeep/statistics compares them). */
const bucketOf = (ms: number): number =>
  ms < EXACT_BUCKETS ? ms : EXACT_BUCKETS + Math.floor(Math.log(ms / EXACT_BUCKETS) / Math.log(BUCKET_GROWTH));

test('every time is within 10 % of what stands for its bucket', () => {
  for (let ms = 0; ms <= 100_000; ms++) {
    expect(Math.abs(bucketMs(bucketOf(ms)) - ms), `${ms} ms`).toBeLessThanOrEqual(ms * 0.1);
  }
  for (let ms = 100_000; ms <= MAX_INT; ms = Math.ceil(ms * 1.003)) {
    expect(Math.abs(bucketMs(bucketOf(ms)) - ms), `${ms} ms`).toBeLessThanOrEqual(ms * 0.1);
  }
  expect(bucketMs(bucketOf(MAX_INT))).toBeLessThanOrEqual(MAX_INT);
});

test('percentiles are within 10 % of the exact ones, whatever the times are', () => {
  const random = createRandom(17);
  for (let round = 0; round < 500; round++) {
    const spread = 1 + random() * 16;
    const times = Array.from({ length: 1 + Math.floor(random() * 400) }, () => Math.floor(Math.exp(random() * spread)));
    const tally = new Map<number, number>();
    for (const ms of times) tally.set(bucketOf(ms), (tally.get(bucketOf(ms)) ?? 0) + 1);
    const sorted = times.toSorted((one, other) => one - other);
    const exact = (share: number) => sorted[Math.ceil(share * sorted.length) - 1]!;
    const { p50, p95, p99, max } = percentilesOf(tally)!;
    for (const [found, share] of [
      [p50, 0.5],
      [p95, 0.95],
      [p99, 0.99],
      [max, 1],
    ] as const) {
      expect(Math.abs(found - exact(share))).toBeLessThanOrEqual(exact(share) * 0.1);
    }
  }
});

test('a stored tally holds what was counted, and a key may stand in it twice', () => {
  const tally = new Map([[3, 2]]);
  addTally(tally, [3, 1, 7, 5, 7, -5]);
  expect(JSON.parse(tallyText(tally))).toEqual([3, 3]);
});

test('without a time there are no percentiles, and what was taken back is no time', () => {
  expect(percentilesOf(new Map())).toBeNull();
  expect(percentilesOf(new Map([[4, 0]]))).toBeNull();
  expect(
    percentilesOf(
      new Map([
        [4, -1],
        [5, 1],
      ]),
    ),
  ).toEqual({ p50: 5, p95: 5, p99: 5, max: 5 });
});

/**
 * How often each key occurred. Stored as JSON: [key, count, key, count, ...], in any order, and a key may stand there twice.
 *
 * The keys of times are buckets of a logarithmic histogram. Every time in a bucket is within 10 % of the value that stands for
 * the bucket:
 *
 *     0 to 9 ms      a bucket for each
 *     from 10 ms     bucket 10 + n holds 10 · 1.18ⁿ to 10 · 1.18ⁿ⁺¹; its middle is within 9 % of both
 */
export type Tally = Map<number, number>;

export const EXACT_BUCKETS = 10;
export const BUCKET_GROWTH = 1.18;
/** GraphQL's Int holds no more. */
export const MAX_INT = 2_147_483_647;

/** Adds the counts of a stored tally. */
export function addTally(tally: Tally, stored: readonly number[]): void {
  for (let index = 0; index < stored.length; index += 2) {
    const key = stored[index]!;
    tally.set(key, (tally.get(key) ?? 0) + stored[index + 1]!);
  }
}

export function tallyText(tally: Tally): string {
  const pairs: number[] = [];
  for (const [key, count] of tally) if (count !== 0) pairs.push(key, count);
  return JSON.stringify(pairs);
}

/** The time, in whole milliseconds, that stands for a bucket. */
export function bucketMs(bucket: number): number {
  if (bucket < EXACT_BUCKETS) return bucket;
  const middle = EXACT_BUCKETS * BUCKET_GROWTH ** (bucket - EXACT_BUCKETS + 0.5);
  return Math.min(Math.round(middle), MAX_INT);
}

export type Percentiles = { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number };

/** Percentiles by nearest rank: at least that share of the times is no longer. Null without any. */
export function percentilesOf(tally: Tally): Percentiles | null {
  const buckets = [...tally].filter(([, count]) => count > 0).toSorted(([one], [other]) => one - other);
  const total = buckets.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return null;
  const at = (share: number): number => {
    let left = Math.ceil(share * total);
    for (const [bucket, count] of buckets) if ((left -= count) <= 0) return bucketMs(bucket);
    return bucketMs(buckets.at(-1)![0]);
  };
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

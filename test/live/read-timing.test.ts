/** How soon the tail looks again. */
import { expect, test } from 'vitest';
import { createReadTiming } from '../../src/live/read-timing.ts';
import { createManualClock } from '../support/clock.ts';

const LEAST_GAP_MS = 5;

function setup() {
  const clock = createManualClock();
  const errors: string[] = [];
  const timing = createReadTiming(clock, (error) => errors.push(error.message));
  /** Gaps of reads, each as soon as the gap before it is over. */
  const gaps = async (count: number, isWaiting: boolean, hasMoved: boolean) => {
    const found: number[] = [];
    for (let read = 0; read < count; read++) {
      found.push(timing.gapMs(isWaiting, hasMoved));
      await clock.advance(found.at(-1)!);
    }
    return found;
  };
  return { clock, errors, timing, gaps };
}

test('after a rest, a few reads follow each other at once; under load a gap is kept', async () => {
  const { clock, gaps } = setup();
  expect(await gaps(6, false, true)).toEqual([1, 1, 1, 1, LEAST_GAP_MS, LEAST_GAP_MS]);
  await clock.advance(10); // No rest yet.
  expect(await gaps(1, false, true)).toEqual([LEAST_GAP_MS]);
  await clock.advance(20);
  expect(await gaps(5, false, true)).toEqual([1, 1, 1, 1, LEAST_GAP_MS]);
});

test('while changes wait for the horizon, the gap grows up to 25 ms, and a change that has moved on ends that', async () => {
  const { gaps } = setup();
  const waiting = await gaps(12, true, false);
  for (const [nth, gap] of waiting.slice(1).entries()) expect(gap).toBeGreaterThanOrEqual(waiting[nth]!);
  expect(waiting.at(-1)).toBe(25);
  expect(await gaps(1, true, true)).toEqual([LEAST_GAP_MS]);
});

test('changes that wait for 10 s are reported once', async () => {
  const { clock, errors, timing } = setup();
  timing.gapMs(true, false);
  await clock.advance(10_001);
  timing.gapMs(true, false);
  timing.gapMs(true, false);
  expect(errors).toEqual([expect.stringContaining('pg_stat_activity')]);
});

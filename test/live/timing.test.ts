/** What the stream leaves to others between pieces of its work. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { mapInTurns } from '../../src/live/timing.ts';

test('a thousand items are mapped in order, and others have their turns between', async () => {
  const items = Array.from({ length: 1_000 }, (_, nth) => nth);
  let [isDone, turns] = [false, 0];
  const longest = { mapped: 0, of: 0 };
  const mapping = mapInTurns(items, (nth) => {
    longest.of = Math.max(longest.of, ++longest.mapped);
    return nth * 2;
  }).finally(() => (isDone = true));
  for (; !isDone; turns++) {
    longest.mapped = 0;
    await nextTurn();
  }
  expect(await mapping).toEqual(items.map((nth) => nth * 2));
  expect(longest.of).toBeLessThanOrEqual(512); // Two pieces, when a turn of the test comes between them late.
  expect(turns).toBeGreaterThanOrEqual(3);
});

test('few items are mapped in the turn in which they come', async () => {
  const mapped: number[] = [];
  void mapInTurns([1, 2, 3], (each) => mapped.push(each));
  expect(mapped).toEqual([1, 2, 3]);
});

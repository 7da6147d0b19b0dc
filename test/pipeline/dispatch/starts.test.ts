/** How many attempts start in one turn of the event loop, and whether a worker is behind. */
import { expect, test } from 'vitest';
import { createStarts } from '../../../src/pipeline/dispatch/starts.ts';

function setup(isStrained = false) {
  const turn = Promise.withResolvers<void>();
  const starts = createStarts(() => isStrained, turn.resolve);
  /** Starts as many as the turn takes. */
  const fill = (isOverdue: boolean) => {
    let count = 0;
    for (; !starts.isFull; count++) starts.add(isOverdue);
    return count;
  };
  return { starts, fill, turn: turn.promise };
}

test('sixteen attempts fill a turn, or four while the process is strained; the next turn takes more', async () => {
  for (const [isStrained, most] of [[false, 16] as const, [true, 4] as const]) {
    const t = setup(isStrained);
    expect(t.fill(false)).toBe(most);
    expect(t.starts.isBehind).toBe(true);
    await t.turn;
    expect([t.starts.isFull, t.starts.isBehind]).toEqual([false, false]);
    expect(t.fill(false)).toBe(most);
  }
});

test('a turn full of attempts to targets that owe an answer does not keep a worker from claiming for others', async () => {
  const t = setup();
  expect(t.fill(true)).toBe(16);
  expect(t.starts.isBehind).toBe(false);
  await t.turn;
  t.starts.add(true);
  expect(t.fill(false)).toBe(15);
  expect(t.starts.isBehind).toBe(false);
});

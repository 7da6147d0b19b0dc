/** When changes enter a list. By what rules they do is in merge-list.test.ts. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createRows } from '../../../src/client/page/rows.ts';

const FRAME_MS = 16;

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'performance', 'requestAnimationFrame', 'cancelAnimationFrame'],
  });
});

afterEach(() => vi.useRealTimers());

/** A list that notes when it is drawn, and with how many items. */
function setup() {
  const draws: { readonly atMs: number; readonly items: number }[] = [];
  const rows = createRows<{ readonly id: string }, [], string>(
    {
      load: () => ({ items: [], cursor: 'list' }),
      item: (id) => ({ id }),
      order: (one, other) => (one.id < other.id ? 1 : -1),
    },
    (items) => void draws.push({ atMs: performance.now(), items: items.length }),
    () => {},
  );
  rows.load([]);
  draws.length = 0;
  let count = 0;
  const add = (changes: number): void => {
    for (let nth = 0; nth < changes; nth++) rows.add(String(++count));
  };
  return { rows, draws, add };
}

test('where few changes come, each is drawn with the next frame', () => {
  const { draws, add } = setup();
  for (let nth = 0; nth < 20; nth++) {
    const [before, addedAt] = [draws.length, performance.now()];
    add(1);
    vi.advanceTimersByTime(2 * FRAME_MS);
    expect(draws.slice(before)).toEqual([{ atMs: expect.any(Number), items: nth + 1 }]);
    expect(draws.at(-1)!.atMs - addedAt).toBeLessThanOrEqual(2 * FRAME_MS);
  }
});

test('where hundreds come in a second, the list is drawn four times in it, and none of them is left out', () => {
  const { draws, add } = setup();
  for (let ms = 0; ms < 3_000; ms++) {
    add(1);
    vi.advanceTimersByTime(1);
  }
  vi.advanceTimersByTime(300);
  expect(draws.at(-1)!.items).toBe(3_000);
  expect(draws.length).toBeGreaterThanOrEqual(10);
  expect(draws.length).toBeLessThanOrEqual(16);
});

test('a list that is stopped while changes wait is not drawn any more', () => {
  const { rows, draws, add } = setup();
  add(500);
  vi.advanceTimersByTime(FRAME_MS);
  add(1);
  rows.stop();
  vi.advanceTimersByTime(1_000);
  expect(draws).toHaveLength(1);
});

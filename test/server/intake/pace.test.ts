/** Callers without a key share a part of the event loop's time. */
import { expect, test } from 'vitest';
import { createPace } from '../../../src/server/intake/pace.ts';

/** A clock that only the work of the test moves. */
function setup({ mostWaiting = 100 } = {}) {
  let nowMs = 0;
  const pace = createPace({ clock: { monotonicMs: () => nowMs } as never, share: 0.1, mostWaiting });
  const entered: string[] = [];
  /** Takes its turn, and `tookMs` of the event loop. */
  const work = async (address: string, tookMs = 0) => {
    const turn = pace.enter(address);
    if (turn === false) return void entered.push(`${address} refused`);
    await turn;
    entered.push(address);
    nowMs += tookMs;
  };
  return { work, entered };
}

test('an operation that took 5 ms of the event loop leaves the next 45 ms to everybody else', async () => {
  const t = setup();
  const startedMs = performance.now();
  await Promise.all([t.work('a', 5), t.work('b')]);
  expect(performance.now() - startedMs).toBeGreaterThan(44);
  expect(t.entered).toEqual(['a', 'b']);
});

test('addresses take turns: a flood from one of them delays another by one operation', async () => {
  const t = setup();
  await Promise.all([...['a', 'a', 'a', 'a'].map((address) => t.work(address)), t.work('b')]);
  expect(t.entered).toEqual(['a', 'a', 'b', 'a', 'a']);
});

test('operations that find too many waiting are refused, and the others keep their places', async () => {
  const t = setup({ mostWaiting: 2 });
  await Promise.all(['a', 'a', 'a', 'b'].map((address) => t.work(address)));
  expect(t.entered).toEqual(['b refused', 'a', 'a', 'a']);
});

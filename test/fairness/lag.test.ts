import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLag } from '../../src/fairness/lag.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

test('the lag is what timers were late on average, and is gone when they are in time again', () => {
  let nowMs = 0;
  const lag = createLag({ monotonicMs: () => nowMs });
  lag.start();
  const look = (lateMs: number) => {
    nowMs += 20 + lateMs;
    vi.advanceTimersByTime(20);
  };
  for (let index = 0; index < 8; index++) look(40);
  expect(lag.ms).toBe(40);
  for (let index = 0; index < 4; index++) look(0);
  expect(lag.ms).toBe(20);
  for (let index = 0; index < 4; index++) look(0);
  expect(lag.ms).toBe(0);
  lag.stop();
  expect(vi.getTimerCount()).toBe(0);
});

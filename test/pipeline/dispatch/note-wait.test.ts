import { expect, test } from 'vitest';
import { createIdGenerator } from '../../../src/domain/ksuid.ts';
import { noteWait } from '../../../src/pipeline/dispatch/note-wait.ts';
import { systemClock } from '../../../src/clock.ts';

const NOW = new Date('2026-03-01T12:00:00Z');

/** A delivery that was made so many seconds ago. */
function delivery(seconds: number, { number = 1, isOrdered = false } = {}) {
  const nowMs = () => NOW.getTime() - 1_000 * seconds;
  return { deliveryId: createIdGenerator({ nowMs, randomBytes: systemClock.randomBytes }).next(), number, isOrdered };
}

function waitOf(ready: readonly ReturnType<typeof delivery>[]): number | undefined {
  let noted: number | undefined;
  const clock = { ...systemClock, now: () => NOW };
  noteWait(ready, { lateDeliveries: { note: (waitedMs) => void (noted = waitedMs) }, clock });
  return noted;
}

test('the middle one of the first attempts tells how long deliveries wait', () => {
  expect(waitOf([delivery(3_600), delivery(7), delivery(5)])).toBe(7_000);
  expect(waitOf([delivery(3_600, { number: 2 }), delivery(4), delivery(3_600, { number: 3 })])).toBe(4_000);
});

test('retries and deliveries of chains tell nothing, and nor does nothing', () => {
  expect(waitOf([delivery(3_600, { number: 2 }), delivery(60, { isOrdered: true })])).toBeUndefined();
  expect(waitOf([])).toBeUndefined();
});

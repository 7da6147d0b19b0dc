import { expect, test } from 'vitest';
import { allowance, paceAfter, startingPace, untilNextStep } from '../../../src/domain/replay/pace.ts';
import { createRandom } from '../../support/changes.ts';

const START_MS = Date.UTC(2026, 0, 15);

type Lateness = (timeMs: number) => number;

/** Makes steps as a runner does, each late by some time, and returns the times of the deliveries, from the start on. */
function replay(ratePerSecond: number, forMs: number, lateness: Lateness): number[] {
  let pacedUntilMs = startingPace(ratePerSecond, new Date(START_MS));
  const made: number[] = [];
  for (let timeMs = 0; timeMs < forMs;) {
    const now = new Date(START_MS + timeMs);
    const count = allowance({ pacedUntilMs, ratePerSecond }, now);
    pacedUntilMs = paceAfter({ pacedUntilMs, ratePerSecond }, count, now);
    for (let nth = 0; nth < count; nth++) made.push(timeMs);
    timeMs += Math.ceil(untilNextStep({ pacedUntilMs, ratePerSecond }, now) + lateness(timeMs));
  }
  return made;
}

/** The most that were made in any 10 seconds. */
function mostIn10Seconds(made: readonly number[]): number {
  let most = 0;
  for (let first = 0, next = 0; next < made.length; next++) {
    while (made[next]! - made[first]! >= 10_000) first++;
    most = Math.max(most, next - first + 1);
  }
  return most;
}

const RATES = [1, 2, 3, 4, 7, 50, 333, 1_000];

test.each(RATES)('at %i a second, a minute has within 5 %% of it', (rate) => {
  const random = createRandom(rate);
  const made = replay(rate, 60_000, () => random() * 60);
  expect(made.length / (60 * rate)).toBeGreaterThan(0.95);
  expect(made.length / (60 * rate)).toBeLessThan(1.05);
});

test.each(RATES)('at %i a second, no 10 seconds have more than 5 %% too much, also around pauses', (rate) => {
  const random = createRandom(rate);
  const made = replay(rate, 600_000, () =>
    random() < 0.01 ? random() * 60_000 : random() * (random() < 0.1 ? 2_000 : 60),
  );
  expect(mostIn10Seconds(made)).toBeLessThanOrEqual(10 * rate * 1.05);
});

test('the first delivery may be made at once', () => {
  const now = new Date(START_MS);
  expect(allowance({ pacedUntilMs: startingPace(7, now), ratePerSecond: 7 }, now)).toBe(1);
});

test('after an hour, nothing is caught up in a burst', () => {
  const later = new Date(START_MS + 3_600_000);
  expect(allowance({ pacedUntilMs: START_MS, ratePerSecond: 50 }, later)).toBe(16);
});

test('a clock that was set back by an hour does not stop the pace for an hour', () => {
  const before = new Date(START_MS - 3_600_000);
  const pace = { pacedUntilMs: START_MS, ratePerSecond: 50 };
  const pacedUntilMs = paceAfter(pace, allowance(pace, before), before);
  expect(untilNextStep({ ...pace, pacedUntilMs }, before)).toBe(100);
});

test('a step waits until it is worth a transaction: for a tenth of a second or 25 deliveries, and at least for one', () => {
  const now = new Date(START_MS);
  expect(untilNextStep({ pacedUntilMs: START_MS, ratePerSecond: 1_000 }, now)).toBe(25);
  expect(untilNextStep({ pacedUntilMs: START_MS, ratePerSecond: 50 }, now)).toBe(100);
  expect(untilNextStep({ pacedUntilMs: START_MS, ratePerSecond: 4 }, now)).toBe(250);
});

import { expect, test } from 'vitest';
import { createLateDeliveries } from '../../src/fairness/late-deliveries.ts';

function setup() {
  let nowMs = 0;
  const deliveries = createLateDeliveries({ monotonicMs: () => nowMs });
  return { deliveries, pass: (ms: number) => void (nowMs += ms) };
}

test('deliveries are late when they waited for three seconds', () => {
  const { deliveries } = setup();
  expect(deliveries.areLate).toBe(false);
  deliveries.note(2_999);
  expect(deliveries.areLate).toBe(false);
  deliveries.note(3_000);
  expect(deliveries.areLate).toBe(true);
});

test('they are not a second after the last of them was taken, whatever was taken meanwhile', () => {
  const { deliveries, pass } = setup();
  deliveries.note(60_000);
  pass(999);
  deliveries.note(10);
  expect(deliveries.areLate).toBe(true);
  pass(1);
  expect(deliveries.areLate).toBe(false);
});

test('strain rises while deliveries are late, to 1 within eight seconds', () => {
  const { deliveries, pass } = setup();
  const takeFor = (ms: number, waitedMs: number) => {
    for (let passedMs = 0; passedMs < ms; passedMs += 500) {
      deliveries.note(waitedMs);
      pass(500);
    }
  };
  takeFor(10_000, 2_999);
  expect(deliveries.strain).toBe(0);
  takeFor(4_000, 3_000);
  expect(deliveries.strain).toBeCloseTo(0.5);
  takeFor(4_000, 3_000);
  expect(deliveries.strain).toBeCloseTo(1);
  takeFor(60_000, 60_000);
  expect(deliveries.strain).toBe(1);
});

test('it falls while they are not, half as fast, from a second after the last of them', () => {
  const { deliveries, pass } = setup();
  for (let nth = 0; nth < 20; nth++) {
    deliveries.note(5_000);
    pass(1_000);
  }
  expect(deliveries.strain).toBe(1);
  pass(4_000);
  deliveries.note(0);
  expect(deliveries.strain).toBeCloseTo(0.75);
  pass(12_000);
  expect(deliveries.strain).toBe(0);
  pass(60_000);
  expect(deliveries.strain).toBe(0);
});

test('what a short burst leaves behind strains little', () => {
  const { deliveries, pass } = setup();
  deliveries.note(3_000);
  pass(500);
  deliveries.note(3_500);
  pass(3_000);
  expect(deliveries.strain).toBeLessThan(0.1);
});

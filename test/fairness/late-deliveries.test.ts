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

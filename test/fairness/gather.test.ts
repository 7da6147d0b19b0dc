import { expect, test } from 'vitest';
import { createGather } from '../../src/fairness/gather.ts';

function setup() {
  const deliveries = { areLate: true };
  const pauses: number[] = [];
  const gather = createGather(deliveries, async (ms) => void pauses.push(ms));
  return { deliveries, pauses, gather };
}

test('while deliveries are late, a batch waits 20 ms for more', async () => {
  const { gather, pauses } = setup();
  await gather(1);
  expect(pauses).toEqual([20]);
});

test('it does not where 64 items wait, nor while deliveries are in time', () => {
  const { deliveries, gather, pauses } = setup();
  expect(gather(64)).toBeUndefined();
  deliveries.areLate = false;
  expect(gather(1)).toBeUndefined();
  expect(pauses).toEqual([]);
});

/** How many jobs the next claim asks for. */
import { expect, test } from 'vitest';
import { createClaimPolicy } from '../../../src/pipeline/dispatch/claim-policy.ts';
import type { Scheduler } from '../../../src/pipeline/dispatch/scheduler.ts';
import { createSlots } from '../../../src/pipeline/dispatch/slots.ts';
import { createManualClock } from '../../support/clock.ts';

function setup() {
  const scheduler = { waiting: 0 };
  let behind = false;
  const policy = createClaimPolicy({
    slots: createSlots(2_048),
    concurrency: 2_048,
    isStrained: () => false,
    isBehind: () => behind,
    clock: createManualClock(),
    scheduler: scheduler as Scheduler,
  });
  return {
    limit(waiting: number, isBehind: boolean): number {
      scheduler.waiting = waiting;
      behind = isBehind;
      return policy.next().limit;
    },
  };
}

test('what waits does not lessen the claim while everything that may start has started: it waits for its own lanes', () => {
  const { limit } = setup();
  expect([limit(0, false), limit(1_000, false)]).toEqual([512, 512]);
});

test('while the process has more to start than a turn takes, it claims no more than it starts during the claim', () => {
  const { limit } = setup();
  expect([limit(0, true), limit(100, true), limit(128, true)]).toEqual([256, 156, 128]);
  expect([limit(129, true), limit(1_000, true)]).toEqual([0, 0]);
});

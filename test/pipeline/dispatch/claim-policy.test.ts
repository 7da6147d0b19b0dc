/** What is known of the queue from the last claim, and how much the next one asks for. */
import { expect, test } from 'vitest';
import { createClaimPolicy } from '../../../src/pipeline/dispatch/claim-policy.ts';
import type { Scheduler } from '../../../src/pipeline/dispatch/scheduler.ts';
import { createSlots } from '../../../src/pipeline/dispatch/slots.ts';
import { createManualClock } from '../../support/clock.ts';

function setup(concurrency = 100) {
  const state = { isStrained: false, nowMs: 0, isBehind: false };
  const scheduler = { waiting: 0 };
  const policy = createClaimPolicy({
    slots: createSlots(concurrency),
    scheduler: scheduler as Scheduler,
    concurrency,
    fairShare: state,
    isBehind: () => state.isBehind,
    clock: createManualClock(),
  });
  /** A claim that finds so many jobs; `during`: what happens meanwhile. */
  function claim(count: number, during = () => {}) {
    const { limit, range } = policy.next();
    during();
    return policy.found(count, limit, range);
  }
  /** What is asked for while so many jobs wait in memory. */
  function limit(waiting: number, isBehind: boolean): number {
    scheduler.waiting = waiting;
    state.isBehind = isBehind;
    return policy.next().limit;
  }
  return { policy, state, claim, limit };
}

test('before the first claim, nobody knows whether jobs wait', () => {
  const { policy } = setup();
  expect([policy.openTo, policy.isQueueEmpty]).toEqual(['nobody', false]);
});

test('a claim that finds nothing shows an empty queue, until jobs are heard of', () => {
  const { policy, claim } = setup();
  claim(0);
  expect([policy.openTo, policy.isQueueEmpty]).toEqual(['all', true]);
  policy.heard();
  expect([policy.openTo, policy.isQueueEmpty]).toEqual(['nobody', false]);
});

test('a claim that could have found more has taken all that waited', () => {
  const { policy, claim } = setup();
  claim(49);
  expect([policy.openTo, policy.isQueueEmpty]).toEqual(['all', false]);
});

test('a full claim leaves jobs that wait', () => {
  const { policy, claim } = setup();
  claim(50);
  expect([policy.hasAll, policy.openTo]).toEqual([false, 'nobody']);
});

test('jobs that are heard of during a claim may have come too late for it', () => {
  const { policy, claim } = setup();
  claim(0, policy.heard);
  expect(policy.openTo).toBe('nobody');
  claim(0);
  expect(policy.openTo).toBe('all');
});

test('while a claim is under way that will take all, nothing else waits', () => {
  const { policy, claim } = setup();
  claim(1);
  claim(1, () => expect(policy.openTo).toBe('all'));
});

test('a claim by turns, or of retries only, says nothing of other jobs', () => {
  const { policy, state, claim } = setup();
  claim(50);
  state.isStrained = true;
  claim(0); // An early claim, for all.
  state.isStrained = false;
  expect(policy.openTo).toBe('all');
  policy.heard();
  state.isStrained = true;
  claim(0); // By turns.
  state.isStrained = false;
  expect(policy.openTo).toBe('nobody');
});

test('a claim for which there is no slot says nothing', () => {
  const { policy } = setup(0);
  expect(policy.next().limit).toBe(0);
  expect(policy.openTo).toBe('nobody');
});

test('what waits does not lessen the claim while everything that may start has started: it waits for its own lanes', () => {
  const { limit } = setup(2_048);
  expect([limit(0, false), limit(1_000, false)]).toEqual([512, 512]);
});

test('while the process has more to start than a turn takes, it claims no more than it starts during the claim', () => {
  const { limit } = setup(2_048);
  expect([limit(0, true), limit(100, true), limit(128, true)]).toEqual([256, 156, 128]);
  expect([limit(129, true), limit(1_000, true)]).toEqual([0, 0]);
});

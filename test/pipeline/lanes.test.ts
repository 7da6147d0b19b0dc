import { expect, test } from 'vitest';
import type { Claim } from '../../src/pipeline/claim.ts';
import { createLanes } from '../../src/pipeline/lanes.ts';

const claimOf = (targetId: string, name = '') => ({ targetId, deliveryId: name }) as Claim;

test('a lane sends up to its width, lets as many wait, and holds the rest', () => {
  const lanes = createLanes(2);
  const admissions = Array.from({ length: 6 }, () => lanes.admit(claimOf('a'), 0));
  expect(admissions).toEqual(['send', 'send', 'wait', 'wait', 'hold', 'hold']);
  expect(lanes.occupied).toBe(4);
});

test('a full lane leaves the others alone', () => {
  const lanes = createLanes(1);
  lanes.admit(claimOf('a'), 0);
  expect(lanes.admit(claimOf('b'), 0)).toBe('send');
});

test('an end starts the claim that waited longest', () => {
  const lanes = createLanes(1);
  lanes.admit(claimOf('a', 'first'), 0);
  lanes.admit(claimOf('a', 'second'), 0);
  expect(lanes.finish('a', 1)?.deliveryId).toBe('second');
  expect(lanes.finish('a', 2)).toBeUndefined();
  expect(lanes.occupied).toBe(0);
});

test('nothing waits behind a lane in which nothing has ended for a second', () => {
  const lanes = createLanes(1);
  lanes.admit(claimOf('a'), 0);
  expect(lanes.admit(claimOf('a'), 1_001)).toBe('hold');
  lanes.finish('a', 1_002);
  lanes.admit(claimOf('a'), 1_003);
  expect(lanes.admit(claimOf('a'), 1_004)).toBe('wait');
});

test('held deliveries are asked for when half the lane is free and nothing waits', () => {
  const lanes = createLanes(2);
  for (let count = 0; count < 5; count++) lanes.admit(claimOf('a'), 0);
  expect(lanes.wantsRelease('a')).toBe(false);
  lanes.finish('a', 1);
  lanes.finish('a', 1);
  expect(lanes.wantsRelease('a')).toBe(false); // Both waiting claims have started: the lane is full.
  lanes.finish('a', 1);
  expect(lanes.wantsRelease('a')).toBe(true);
  expect(lanes.room('a')).toBe(1);
  lanes.clearHeld('a');
  expect(lanes.wantsRelease('a')).toBe(false);
});

test('a stopping worker gets its waiting claims, and they occupy nothing any more', () => {
  const lanes = createLanes(1);
  for (const name of ['1', '2']) lanes.admit(claimOf('a', name), 0);
  expect(lanes.takeWaiting().map((claim) => claim.deliveryId)).toEqual(['2']);
  expect(lanes.occupied).toBe(1);
});

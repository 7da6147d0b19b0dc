import { expect, test } from 'vitest';
import { waitOf, type DeliveryWait, type WaitFacts } from '../../../src/domain/reasons/delivery-wait.ts';

const NOW = new Date('2026-11-29T12:00:00.000Z');
const at = (ms: number) => new Date(NOW.getTime() + ms);

/** A delivery that is due, whose job nobody has claimed, to a target without limits. */
const DUE: WaitFacts = {
  status: 'PENDING',
  nextTrigger: 'SCHEDULE',
  nextAttemptAt: NOW,
  held: false,
  blockedBy: null,
  isClaimed: false,
  targetStatus: 'ACTIVE',
  targetDeleted: false,
  isDeferred: false,
  rateLimitPerSecond: null,
  lastAttemptAt: null,
};

const CASES: [string, Partial<WaitFacts>, DeliveryWait | null][] = [
  ['DELIVERED: nothing', { status: 'DELIVERED', nextAttemptAt: null }, null],
  ['FAILED at a disabled target: nothing', { status: 'FAILED', targetStatus: 'DISABLED' }, null],
  ['due, and nobody has taken it: the queue', {}, 'QUEUE'],
  ['behind another one that must end first: the order', { blockedBy: 'd1', targetStatus: 'PAUSED' }, 'ORDER'],
  ['claimed: nothing', { isClaimed: true }, null],
  ['claimed before its target was paused: nothing', { isClaimed: true, targetStatus: 'PAUSED' }, null],
  ['due in a second: the schedule', { status: 'RETRYING', nextAttemptAt: at(1_000) }, 'SCHEDULE'],
  ['due in a second and held before: the schedule', { nextAttemptAt: at(1_000), held: true }, 'SCHEDULE'],
  ['retried by hand: the queue', { status: 'RETRYING', nextTrigger: 'MANUAL' }, 'QUEUE'],
  ['its target is paused', { held: true, targetStatus: 'PAUSED' }, 'TARGET_PAUSED'],
  ['paused, and due later: the target', { nextAttemptAt: at(1_000), targetStatus: 'PAUSED' }, 'TARGET_PAUSED'],
  ['its target is disabled', { held: true, targetStatus: 'DISABLED' }, 'TARGET_DISABLED'],
  ['its target is deleted', { held: true, targetDeleted: true }, 'TARGET_DISABLED'],
  ['its target asked for time', { held: true, isDeferred: true }, 'RATE_LIMIT'],
  ['its target asked for time, and it is not held yet', { isDeferred: true }, 'RATE_LIMIT'],
  ['retried by hand while its target asked for time: the queue', { isDeferred: true, nextTrigger: 'MANUAL' }, 'QUEUE'],
  ['held: the target is busy', { held: true }, 'TARGET_BUSY'],
  [
    'held, and attempts go on at the limit',
    { held: true, rateLimitPerSecond: 1, lastAttemptAt: at(-3_000) },
    'RATE_LIMIT',
  ],
  ['held, and nothing ends', { held: true, rateLimitPerSecond: 1, lastAttemptAt: at(-3_001) }, 'TARGET_BUSY'],
  ['held, and nothing ever ended', { held: true, rateLimitPerSecond: 1 }, 'TARGET_BUSY'],
];

test.each(CASES)('%s', (_, facts, expected) => {
  expect(waitOf({ ...DUE, ...facts }, NOW)).toBe(expected);
});

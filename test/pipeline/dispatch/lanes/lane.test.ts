import { expect, test } from 'vitest';
import {
  allowanceOf,
  begin,
  createLane,
  end,
  kindOf,
  limitLane,
  SLOW_MS,
  supplyOf,
  type Lane,
} from '../../../../src/pipeline/dispatch/lanes/lane.ts';
import type { TargetLimits } from '../../../../src/domain/targets/target.ts';
import { feedbackOf, type Feedback } from '../../../../src/pipeline/dispatch/lanes/feedback.ts';

const NO_LIMITS: TargetLimits = { maxConcurrency: null, rateLimitPerSecond: null };
const SUCCESS: Feedback = { advice: 'widen', isTimeout: false, durationMs: 10, latencyMs: 10, lagMs: 0 };
const REFUSAL: Feedback = { ...SUCCESS, advice: undefined };
const RESET: Feedback = { ...SUCCESS, advice: 'narrow', latencyMs: undefined };
const TIMEOUT: Feedback = { ...RESET, isTimeout: true, durationMs: 20_000 };

function laneOf({ most = 16, limits = NO_LIMITS } = {}): Lane {
  const lane = createLane('t');
  limitLane(lane, most, limits);
  return lane;
}

/** One attempt in a lane that is full, from its beginning to its end. */
function attempt(lane: Lane, feedback: Feedback | undefined, endMs = 0): void {
  const others = lane.active;
  lane.active = Math.max(0, Math.floor(lane.width.value) - 1);
  end(lane, begin(lane, endMs - (feedback?.durationMs ?? 0)), feedback, endMs);
  lane.active = others;
}

const repeat = (count: number, work: (index: number) => void) => Array.from({ length: count }, (_, i) => work(i));

test.each([
  ['DELIVERED', 200, 'widen'],
  ['HTTP_ERROR', 500, undefined],
  ['HTTP_ERROR', 404, undefined],
  ['HTTP_ERROR', 429, 'narrow'],
  ['HTTP_ERROR', 503, 'narrow'],
  ['TIMEOUT', 0, 'narrow'],
  ['CONNECTION_ERROR', 0, 'narrow'],
  ['DNS_ERROR', 0, 'narrow'],
  ['TLS_ERROR', 0, 'narrow'],
  ['FORBIDDEN_ADDRESS', 0, undefined],
] as const)('%s %i teaches %s', (outcome, status, advice) => {
  const timing = { startedAt: new Date(0), durationMs: 5, resent: false };
  const result =
    status === 0
      ? { ...timing, kind: 'failure' as const, outcome: 'TIMEOUT' as const, error: '' }
      : { ...timing, kind: 'response' as const, status, headers: {}, body: '', bodyTruncated: false };
  expect(feedbackOf({ outcome, result }, 3)).toEqual({
    advice,
    isTimeout: outcome === 'TIMEOUT',
    durationMs: 5,
    latencyMs: undefined,
    lagMs: 3,
  });
});

test('PROXY_ERROR teaches nothing: neither width nor whether the target is slow', () => {
  const result = {
    startedAt: new Date(0),
    durationMs: 10_000,
    resent: false,
    kind: 'failure',
    outcome: 'PROXY_ERROR',
    error: '',
  } as const;
  expect(feedbackOf({ outcome: 'PROXY_ERROR', result }, 3)).toBeUndefined();
});

test.each([
  ['as wide as the service allows', { most: 16 }, [], 4],
  ['no wider than the service allows', { most: 2 }, [], 2],
  ['no wider than its target allows', { limits: { ...NO_LIMITS, maxConcurrency: 3 } }, [], 3],
  ['one wider per success', {}, [SUCCESS, SUCCESS, SUCCESS], 7],
  ['never wider than allowed', { most: 5 }, [SUCCESS, SUCCESS, SUCCESS], 5],
  ['as it is after a refusal', {}, [REFUSAL, REFUSAL], 4],
  ['half as wide after a timeout', {}, [TIMEOUT], 2],
  ['half as wide after a failed connection', {}, [RESET], 2],
  ['never narrower than one', {}, [TIMEOUT, TIMEOUT, TIMEOUT, RESET], 1],
  ['wider again with the first success', {}, [TIMEOUT, TIMEOUT, SUCCESS], 2],
  ['then one wider only per round of successes', {}, [TIMEOUT, TIMEOUT, SUCCESS, SUCCESS, SUCCESS], 2],
])('a lane is %s', (_, options, lessons: Feedback[], width) => {
  const lane = laneOf(options);
  for (const feedback of lessons) attempt(lane, feedback);
  expect(Math.floor(lane.width.value)).toBe(width);
});

test('a target that has recovered is never sent more at once than it has answered', () => {
  const lane = laneOf();
  repeat(12, () => attempt(lane, SUCCESS));
  repeat(16, () => attempt(lane, TIMEOUT));
  let successes = 0;
  while (Math.floor(lane.width.value) < 16) {
    attempt(lane, SUCCESS);
    successes++;
    expect(Math.floor(lane.width.value)).toBeLessThanOrEqual(1 + successes);
    // Width w is reached after about w²/2 successes: the sum of the rounds before it.
    expect(lane.width.value ** 2).toBeLessThan(2 * successes + 2 * Math.log(successes + 1) + 3);
  }
  expect(successes).toBeGreaterThan(100);
});

test('a lower limit of the target narrows its lane at once, a higher one lets it grow', () => {
  const lane = laneOf();
  repeat(12, () => attempt(lane, SUCCESS));
  limitLane(lane, 16, { ...NO_LIMITS, maxConcurrency: 2 });
  expect(allowanceOf(lane, false, 0)).toBe(2);
  limitLane(lane, 16, { ...NO_LIMITS, maxConcurrency: 1_000 });
  repeat(100, () => attempt(lane, SUCCESS));
  expect(allowanceOf(lane, false, 0)).toBe(16);
});

test('a lane is new, then known, and new again when nothing has ended fast for ten minutes', () => {
  const lane = laneOf();
  expect(kindOf(lane, 0)).toBe('new');
  attempt(lane, REFUSAL, 1_000);
  expect(kindOf(lane, 600_999)).toBe('known');
  expect(kindOf(lane, 601_000)).toBe('new');
});

test('a slow lane stays slow until something ends fast', () => {
  const lane = laneOf();
  lane.isSlow = true;
  attempt(lane, { ...SUCCESS, durationMs: SLOW_MS }, 5_000);
  attempt(lane, { ...TIMEOUT, durationMs: 300 }, 5_000); // Where ATTEMPT_TIMEOUT is shorter than that.
  expect(kindOf(lane, 5_000)).toBe('slow');
  attempt(lane, SUCCESS, 6_000);
  expect(kindOf(lane, 6_000)).toBe('known');
});

test.each([
  ['a target that has just answered: all its width', 4_999, false, [16, 16]],
  ['a known target after a pause: a few', 5_000, false, [4, 4]],
  ['one that is not known any more: a few, or one while many are new', 600_000, false, [4, 1]],
  ['a slow one that has just answered: all its width', 4_999, true, [16, 16]],
  ['a slow one that does not answer: one', 5_000, true, [1, 1]],
])('open may be, to %s', (_, nowMs, isSlow, allowances) => {
  const lane = laneOf();
  repeat(12, () => attempt(lane, SUCCESS, 0));
  lane.isSlow = isSlow;
  expect([allowanceOf(lane, false, nowMs), allowanceOf(lane, true, nowMs)]).toEqual(allowances);
});

test('after a pause a few are open until one is answered, then half of the width for each 5 s that have passed', () => {
  for (const [pauseMs, width] of [
    [4_999, 16],
    [5_000, 8],
    [10_000, 4],
    [600_000, 4],
  ] as const) {
    const lane = laneOf();
    repeat(12, () => attempt(lane, SUCCESS, 0));
    const first = begin(lane, pauseMs);
    expect([pauseMs, allowanceOf(lane, false, pauseMs)]).toEqual([pauseMs, pauseMs < 5_000 ? 16 : 4]);
    end(lane, first, { ...SUCCESS, advice: undefined }, pauseMs);
    expect([pauseMs, allowanceOf(lane, false, pauseMs)]).toEqual([pauseMs, width]);
  }
});

test.each([
  ['a lane that has just begun: its width again', () => {}, 4 + 4],
  [
    'a fast lane: what it ended in half a second',
    (lane: Lane) => repeat(300, () => attempt(lane, SUCCESS, 10)),
    16 + 300,
  ],
  [
    'of two half seconds, the better one',
    (lane: Lane) => {
      repeat(100, () => attempt(lane, SUCCESS, -495));
      repeat(30, () => attempt(lane, SUCCESS, 5));
      lane.width.mayGrow = false;
    },
    16 + 100,
  ],
  [
    'a pace of long ago does not count',
    (lane: Lane) => {
      repeat(300, () => attempt(lane, SUCCESS, -1_000));
      lane.width.mayGrow = false;
    },
    16 + 16,
  ],
  ['a slow lane: only what it sends', (lane: Lane) => void (lane.isSlow = true), 1],
])('in memory may be, for %s', (_, prepare, supply) => {
  const lane = laneOf();
  prepare(lane);
  expect(supplyOf(lane, allowanceOf(lane, false, 10), 10)).toBe(supply);
});

test.each([
  ['200 ms: 4, 8, 16, 32 and 64', { latencyMs: 200 }, 124],
  ['2 ms: no more than 256', { latencyMs: 2 }, 256],
  ['200 ms, and has a ceiling: its width in each round', { latencyMs: 200, most: 5 }, 25],
  ['900 ms: its width', { latencyMs: 900 }, 4],
  ['200 ms, and begins to be late: its width', { latencyMs: 200, mayGrow: false }, 4],
  ['200 ms, but not in the last ten minutes: its width', { latencyMs: 200, nowMs: 600_001 }, 4],
])('behind a full lane may wait what it begins in a second, when its target answers in %s', (_, options, supply) => {
  const { latencyMs, most, mayGrow, nowMs } = { most: 256, mayGrow: true, nowMs: 2, ...options };
  const lane = laneOf({ most });
  Object.assign(lane.width, { usualMs: latencyMs, mayGrow });
  Object.assign(lane, { quickMs: 0, movedMs: nowMs, active: 4 });
  expect(supplyOf(lane, 4, nowMs)).toBe(supply);
});

test('nothing waits behind a full lane in which nothing has ended for a second', () => {
  const lane = laneOf({ most: 1 });
  begin(lane, 0);
  expect(supplyOf(lane, 1, 1_000)).toBe(1);
  expect(supplyOf(lane, 1, 1_001)).toBe(0);
});

test('of a target with a rate limit, half a second of it may be in memory', () => {
  const supply = (rateLimitPerSecond: number) => {
    const lane = laneOf({ limits: { ...NO_LIMITS, rateLimitPerSecond } });
    return supplyOf(lane, 4, 0);
  };
  expect([supply(1), supply(2), supply(10), supply(1_000)]).toEqual([1, 1, 5, 8]);
});

test.each([1, 3, 10, 1_000, 10_000])('a rate of %i per second is kept in every second, and used', (rate) => {
  const lane = laneOf({ limits: { ...NO_LIMITS, rateLimitPerSecond: rate } });
  const starts: number[] = [];
  for (let nowMs = 0; nowMs < 5_000; nowMs += 7) {
    while (lane.nextStartMs <= nowMs) {
      end(lane, begin(lane, nowMs), SUCCESS, nowMs);
      starts.push(nowMs);
    }
  }
  // The one that starts as many later as a second may have (2 % are tolerance) is not in that second any more.
  const most = Math.ceil(rate * 1.02) + 1;
  for (const [index, at] of starts.slice(most).entries()) expect(at - starts[index]!).toBeGreaterThanOrEqual(1_000);
  expect(starts.length).toBeGreaterThanOrEqual(5 * rate * 0.98);
});

test('a target that was idle is not owed the rate that it did not use', () => {
  const lane = laneOf({ limits: { ...NO_LIMITS, rateLimitPerSecond: 10 } });
  begin(lane, 0);
  begin(lane, 60_000);
  expect(lane.nextStartMs).toBeGreaterThanOrEqual(60_080);
});

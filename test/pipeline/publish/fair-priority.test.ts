import { expect, test } from 'vitest';
import { dueRange, dueRetries, freshPriority, retryPriority, urgentPriority } from '../../../src/database/priority.ts';
import { createFairPriority } from '../../../src/pipeline/publish/fair-priority.ts';

const NOW = new Date('2026-11-20T10:00:00.000Z');
const after = (ms: number) => new Date(NOW.getTime() + ms);
const YEAR_MS = 365 * 86_400_000;

/** A publisher, and how many seconds behind now its jobs are put. */
function setup() {
  const turns = createFairPriority();
  const lag = (organizationId: string, targetId = 't', now = NOW) =>
    freshPriority(now) - turns.next(organizationId, targetId, now);
  const publish = (count: number, organizationId: string, targetOf: (index: number) => string, now = NOW) =>
    Array.from({ length: count }, (_, index) => lag(organizationId, targetOf(index), now));
  return { turns, lag, publish };
}

test('who publishes little is never behind', () => {
  const t = setup();
  for (let ms = 0; ms < 60_000; ms += 100) expect(t.lag('o', `t${ms % 500}`, after(ms))).toBe(0);
});

test('a hundred thousand deliveries of one organization leave the single event of another one in front', () => {
  const t = setup();
  const lags = t.publish(100_000, 'big', (index) => `t${index % 20}`);
  expect(lags.slice(0, 100)).toEqual(Array(100).fill(0));
  expect(lags.at(-1)).toBe(3_600 / 3.6 - 1); // 100 a second.
  expect(t.lag('small')).toBe(0);
});

test('a target of which much is published comes after the others of its organization', () => {
  const t = setup();
  expect(t.publish(400, 'o', () => 'busy').at(-1)).toBe(19); // 20 a second.
  expect(t.lag('o', 'quiet')).toBe(4);
});

test('no delivery is put further back than an hour', () => {
  const t = setup();
  expect(t.publish(500_000, 'o', (index) => `t${index % 100}`).at(-1)).toBe(3_600);
});

test('clocks run: what was far ahead is not any more when the time has come', () => {
  const t = setup();
  t.publish(1_000, 'o', (index) => `t${index % 100}`);
  expect(t.lag('o', 't1', after(4_000))).toBe(6);
  expect(t.lag('o', 't2', after(20_000))).toBe(0);
});

test('an organization that keeps up is set back, once a second at most; one that is not far ahead is not looked at', () => {
  const t = setup();
  t.publish(1_000, 'heavy', (index) => `t${index % 10}`);
  t.publish(100, 'light', (index) => `t${index % 10}`);
  expect(t.turns.toReview(['heavy', 'light', 'heavy', 'unknown'], NOW)).toEqual(['heavy']);
  expect(t.turns.toReview(['heavy'], after(999))).toEqual([]);
  t.turns.setBack('heavy', 50, after(999));
  expect(t.lag('heavy', 't1', after(999))).toBeLessThanOrEqual(1);
  expect(t.turns.toReview(['heavy'], after(5_000))).toEqual([]);
});

test('an organization is never set forward', () => {
  const t = setup();
  t.publish(300, 'o', (index) => `t${index % 100}`);
  t.turns.setBack('o', 900, NOW);
  expect(t.lag('o')).toBe(3);
});

test('what was published earlier at the same pace comes first, so nothing starves', () => {
  const t = setup();
  const first = t.publish(2_000, 'a', (index) => `t${index % 100}`);
  const second = t.publish(2_000, 'b', (index) => `t${index % 100}`, after(10_000));
  expect(first.at(-1)! + 10).toBeGreaterThan(second[900]!);
  expect(first.at(-1)).toBeLessThan(10 + second[1_100]!);
});

test('priorities fit an int4 and keep their order: urgent, fresh by turn, then retries by the time they are due', () => {
  const times = [NOW, after(1_000), after(YEAR_MS), after(14 * YEAR_MS), after(60 * YEAR_MS)];
  const inOrder = [urgentPriority(NOW), ...times.map(freshPriority), ...times.map(retryPriority)];
  expect(inOrder).toEqual([...inOrder].sort((a, b) => b - a));
  expect(new Set(inOrder).size).toBe(inOrder.length);
  for (const priority of inOrder) expect(Math.abs(priority)).toBeLessThan(2 ** 31);
  expect(freshPriority(new Date(0))).toBe(freshPriority(new Date(1)));
});

test('what may be due is one range: everything fresh, and the retries that are due', () => {
  const isIn = ({ min = -Infinity, max = Infinity }, priority: number) => priority >= min && priority <= max;
  const [fresh, due, later] = [freshPriority(after(YEAR_MS)), retryPriority(NOW), retryPriority(after(120_000))];
  expect([fresh, due, later].map((priority) => isIn(dueRange(NOW), priority))).toEqual([true, true, false]);
  expect([fresh, due, later].map((priority) => isIn(dueRetries(NOW), priority))).toEqual([false, true, false]);
});

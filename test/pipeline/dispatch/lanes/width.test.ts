/** How wide lanes become, before simulated targets and in virtual time. */
import { expect, test } from 'vitest';
import {
  beginAt,
  createWidth,
  FIRST_WIDTH,
  learn,
  limitWidth,
  restart,
} from '../../../../src/pipeline/dispatch/lanes/width.ts';
import { createRandom, simulate } from './simulated-target.ts';

const always = (ms: number) => () => ms;

test('a width begins at 4 and doubles per round of answers while they come as fast as before', () => {
  const { widths } = simulate({ workMs: always(200) }, { untilMs: 2_000 });
  // In the middle of each round of 200 ms.
  expect([100, 300, 500, 700, 900, 1_100, 1_300].map((ms) => widths[ms / 100])).toEqual([4, 8, 16, 32, 64, 128, 256]);
});

test.each([1, 5, 20, 50, 200, 800])('a target of 20 workers of %i ms is kept at its knee', (ms) => {
  const run = simulate({ workMs: always(ms), workers: 20 }, { untilMs: 600 * ms });
  const { perSecond, medianMs } = run.after(100 * ms);
  expect(perSecond).toBeGreaterThanOrEqual(0.9 * ((20 * 1_000) / ms));
  // Of a target that answers in a millisecond a few more are no delay for anybody.
  expect(medianMs).toBeLessThanOrEqual(Math.max(2 * ms, ms + 15));
});

test('it stays at its knee for an hour', () => {
  const run = simulate({ workMs: always(50), workers: 20 }, { untilMs: 3_600_000 });
  const { perSecond, medianMs } = run.after(3_500_000);
  expect(perSecond).toBeGreaterThanOrEqual(0.9 * 400);
  expect(medianMs).toBeLessThanOrEqual(100);
});

test('a target at its knee whose work varies much is used and not flooded', () => {
  const random = createRandom();
  const run = simulate({ workMs: () => 20 + 60 * random(), workers: 20 }, { untilMs: 60_000 });
  const { perSecond, medianMs } = run.after(10_000);
  expect(perSecond).toBeGreaterThanOrEqual(0.9 * 400);
  expect(medianMs).toBeLessThanOrEqual(100);
});

test.each([
  ['evenly', (random: () => number) => 100 + 200 * random()],
  ['with a long tail', (random: () => number) => 50 - 100 * Math.log(1 - random())],
  ['with one in ten ten times as late', (random: () => number) => (random() < 0.1 ? 1_000 : 100)],
])('latency that varies by itself, %s, keeps no target narrow', (_, draw) => {
  const random = createRandom();
  const run = simulate({ workMs: () => draw(random) }, { untilMs: 30_000 });
  const late = run.widths.slice(50);
  expect(late.filter((width) => width >= 200).length / late.length).toBeGreaterThan(0.8);
});

test.each([50, 100, 200])(
  'of a target that refuses above %i open requests at most one in twenty is refused',
  (mostOpen) => {
    const run = simulate({ workMs: always(50), mostOpen }, { untilMs: 30_000 });
    expect(run.after(0).refused).toBeLessThanOrEqual(0.05);
    expect(run.after(0).perSecond).toBeGreaterThanOrEqual(0.7 * mostOpen * 20);
  },
);

test('a target that becomes slower, and fast again, has its full width again soon after', () => {
  const run = simulate({ workMs: (ms) => (ms > 5_000 && ms < 15_000 ? 400 : 50) }, { untilMs: 25_000 });
  expect(run.widths[45]).toBe(256);
  expect(run.widths[145]).toBeGreaterThan(200); // A longer way is no sign of a width that is too great.
  expect(run.widths[200]).toBe(256);
});

test('a target that loses most of its workers is sent fewer requests, and more when they are back', () => {
  const random = createRandom();
  const target = (workers: number, width = createWidth()) =>
    simulate({ workMs: () => 45 + 10 * random(), workers }, { untilMs: 20_000, width });
  const healthy = target(40);
  expect(healthy.width.value).toBeGreaterThan(40);
  const reduced = target(8, healthy.width);
  expect(reduced.after(10_000).medianMs).toBeLessThanOrEqual(100);
  const back = target(40, reduced.width);
  expect(back.after(10_000).perSecond).toBeGreaterThanOrEqual(0.9 * 800);
});

test('what this process itself is late is not blamed on the target', () => {
  const random = createRandom();
  const busy = simulate(
    { workMs: always(20) },
    { untilMs: 10_000, lagMs: (ms) => (ms > 200 ? 60 : 0) * random() + 40 },
  );
  expect(busy.widths.at(-1)).toBe(256);
});

test('a target that answers in a millisecond gets a wide lane although answers are seen some milliseconds late', () => {
  const random = createRandom();
  const run = simulate({ workMs: () => 1 + 8 * random() }, { untilMs: 2_000 });
  expect(run.widths.at(-1)).toBe(256);
});

test('a width that is not used does not grow', () => {
  const run = simulate({ workMs: always(50) }, { untilMs: 60_000, everyMs: 25 });
  expect(run.mostOpen).toBeLessThanOrEqual(3);
  expect(run.width.value).toBe(FIRST_WIDTH);
});

test('a width never grows beyond the ceiling, and narrows at once when that is lowered', () => {
  const { width } = simulate({ workMs: always(10) }, { untilMs: 1_000, most: 40 });
  expect(width.value).toBe(40);
  limitWidth(width, 7);
  expect(width.value).toBe(7);
});

test('a width is halved for each pause, down to 4, and doubles up to where it was although it had been refused there', () => {
  const { width } = simulate({ workMs: always(50), mostOpen: 50 }, { untilMs: 10_000 });
  expect(width.value).toBeGreaterThan(20);
  const before = width.value;
  restart(width, 1);
  expect(width.value).toBe(before / 2);
  restart(width, 20);
  expect(width.value).toBe(FIRST_WIDTH);
  for (let answer = 0; answer < 4; answer++) {
    const beginning = beginAt(width, width.value);
    learn(width, beginning, { advice: 'widen', latencyMs: 50, lagMs: 0 });
  }
  expect(width.value).toBe(8);
});

test('requests that were open when one was refused narrow the width once', () => {
  const { width } = simulate({ workMs: always(10) }, { untilMs: 1_000 });
  const begun = Array.from({ length: 100 }, (_, index) => beginAt(width, index + 1));
  for (const beginning of begun) learn(width, beginning, { advice: 'narrow', latencyMs: undefined, lagMs: 0 });
  expect(width.value).toBe(128);
});

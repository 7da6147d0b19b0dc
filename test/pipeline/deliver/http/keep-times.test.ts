/** How long a connection may be idle: what is believed, and what is learned. That it is heeded: connections.test.ts. */
import { describe, expect, test } from 'vitest';
import { createKeepTimes } from '../../../../src/pipeline/deliver/http/keep-times.ts';
import { createManualClock } from '../../../support/clock.ts';

const MINUTE_MS = 60_000;
const ORIGIN = 'org1 https://a.test';

function setup() {
  const clock = createManualClock();
  const times = createKeepTimes(clock);
  const keepMs = (hint?: string) => times.of(ORIGIN, hint);
  return { ...times, clock, keepMs };
}

test('an unknown receiver is trusted for 4 s: Node closes after 5', () => {
  expect(setup().keepMs()).toBe(4_000);
});

describe('a Keep-Alive header', () => {
  test.each([
    ['timeout=5', 4_000],
    ['timeout=20, max=1000', 19_000],
    ['max=100,Timeout="30"', 29_000],
    ['timeout=2', 1_000],
    ['timeout=1', 500],
    ['timeout=0', 0],
    ['timeout=3600', MINUTE_MS],
    ['timeout=999999999999', MINUTE_MS],
    ['max=100', 4_000],
    ['notimeout=9', 4_000],
    ['timeout=x', 4_000],
    ['', 4_000],
  ])('%s keeps for %i ms', (hint, ms) => {
    expect(setup().keepMs(hint)).toBe(ms);
  });

  test('is not believed beyond the time after which the receiver has closed', () => {
    const { noteEnd, keepMs } = setup();
    noteEnd(ORIGIN, 10_000);
    expect([keepMs('timeout=60'), keepMs('timeout=5')]).toEqual([9_000, 4_000]);
  });
});

describe('the time grows', () => {
  test('to twice, when an answer came after more than half of it, up to a minute', () => {
    const { noteAnswer, keepMs } = setup();
    const after = (idleMs: number) => (noteAnswer(ORIGIN, idleMs), keepMs());
    expect([0, 2_000, 2_001, 4_000, 4_001, 8_001, 16_001, 60_000].map(after)).toEqual([
      4_000,
      4_000,
      8_000,
      8_000,
      16_000,
      32_000,
      MINUTE_MS,
      MINUTE_MS,
    ]);
  });

  test('for its origin only', () => {
    const { of, noteAnswer } = setup();
    noteAnswer(ORIGIN, 3_000);
    expect(of('org2 https://a.test', undefined)).toBe(4_000);
  });
});

describe('the time shrinks', () => {
  test.each([
    [60_000, 4_000],
    [5_000, 4_000],
    [2_500, 1_500],
    [1_000, 500],
  ])('below the %i ms after which the receiver closed: to %i ms', (idleMs, ms) => {
    const { noteEnd, keepMs } = setup();
    noteEnd(ORIGIN, idleMs);
    expect(keepMs()).toBe(ms);
  });

  test('not by a close within a second: it may be a restart', () => {
    const { noteEnd, keepMs } = setup();
    noteEnd(ORIGIN, 999);
    expect(keepMs()).toBe(4_000);
  });

  test('for ten minutes, in which nothing lengthens it beyond the close', async () => {
    const { noteAnswer, noteEnd, clock, keepMs } = setup();
    for (const idleMs of [3_000, 7_000, 15_000]) noteAnswer(ORIGIN, idleMs);
    expect(keepMs()).toBe(32_000);
    noteEnd(ORIGIN, 20_000);
    expect(keepMs()).toBe(19_000);
    noteAnswer(ORIGIN, 18_000);
    expect(keepMs()).toBe(19_000);
    await clock.advance(10 * MINUTE_MS - 1);
    expect(keepMs()).toBe(19_000);
    await clock.advance(1);
    expect(keepMs()).toBe(38_000);
  });

  test('when nothing came over a connection that was idle for longer than 4 s', () => {
    const { noteAnswer, noteSilence, keepMs } = setup();
    for (const idleMs of [3_000, 7_000, 15_000]) noteAnswer(ORIGIN, idleMs);
    noteSilence(ORIGIN, 4_000);
    expect(keepMs()).toBe(32_000);
    noteSilence(ORIGIN, 25_000);
    expect(keepMs()).toBe(24_000);
  });
});

test('5,000 origins are remembered: the one noted the longest ago is forgotten', () => {
  const { of, noteAnswer } = setup();
  for (let index = 0; index < 5_000; index++) noteAnswer(`${index}`, 3_000);
  noteAnswer('0', 5_000);
  noteAnswer('one more', 3_000);
  expect(['0', '1', '2'].map((origin) => of(origin, undefined))).toEqual([16_000, 4_000, 8_000]);
});

/** Time that a test moves by hand, and randomness that repeats. */
import { createHash } from 'node:crypto';
import { TestClock } from 'pg-boss';
import type { Clock } from '../../src/clock.ts';

export type ManualClock = Clock & {
  /** Jumps forward; Postgres and pg-boss see the same time when `boss` drives their clock. */
  advance(ms: number): Promise<void>;
  /** Sets the time of day on or back by `ms`. No time has passed, so `monotonicMs` stays. */
  set(ms: number): Promise<void>;
  /** For pg-boss: its JavaScript timers and its SQL `job_now()` follow this clock. */
  readonly boss: TestClock;
  /** What `random()` returns from now on; 0.5 until set. */
  fixRandom(value: number): void;
};

export function createManualClock(start = '2026-01-15T10:30:00.000Z'): ManualClock {
  const boss = new TestClock(start);
  let startMs = boss.now();
  let draws = 0;
  let random = 0.5;
  const randomBytes = (size: number): Buffer => {
    const blocks = Array.from({ length: Math.ceil(size / 32) }, () =>
      createHash('sha256').update(`hookcast ${draws++}`).digest(),
    );
    return Buffer.concat(blocks).subarray(0, size);
  };
  return {
    boss,
    now: () => new Date(boss.now()),
    monotonicMs: () => boss.now() - startMs,
    random: () => random,
    randomBytes,
    uuid: () => {
      const hex = randomBytes(16).toString('hex');
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
    advance: (ms) => boss.setTime(boss.now() + ms),
    set(ms) {
      startMs += ms;
      return boss.setTime(boss.now() + ms);
    },
    fixRandom: (value) => {
      random = value;
    },
  };
}

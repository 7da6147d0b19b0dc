/**
 * The only file that reads the system clock or randomness. Everything else takes a Clock. So a test can run through two days
 * of retries in a second, and repeat them exactly.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { Clock as BossClock } from 'pg-boss';

export type Clock = {
  /** Wall-clock time. */
  now(): Date;
  /** Milliseconds since an arbitrary start; never goes back. For durations. */
  monotonicMs(): number;
  /** A number in [0, 1). */
  random(): number;
  randomBytes(size: number): Buffer;
  uuid(): string;
  /** The same time for pg-boss, which otherwise uses the clock of Postgres. A clock that a test moves must have this. */
  readonly boss?: BossClock;
};

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  random: () => Math.random(),
  randomBytes: (size) => randomBytes(size),
  uuid: () => randomUUID(),
};

/** How long the event loop of this process has been busy since it began, in milliseconds. */
export const eventLoopBusyMs = (): number => performance.eventLoopUtilization().active;

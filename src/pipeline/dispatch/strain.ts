/**
 * Finds out whether the process is strained: its timers are late, and a quiet organization is active beside a loud one.
 * Then fewer attempts start in one turn of the event loop, and claims take jobs by their turns.
 */
import type { Clock } from '../../clock.ts';
import { createLag } from './lag.ts';
import { createNeighbours } from './neighbours.ts';

export type Strain = {
  isStrained(): boolean;
  /** How many attempts may start in one turn of the event loop. */
  mostStarts(): number;
  /** Counts an attempt of the organization that starts. */
  note(organizationId: string, nowMs: number): void;
  /** How late timers are, on average. */
  readonly lagMs: number;
  start(): void;
  stop(): void;
};

/** The most attempts that start in one turn: to sign a hundred requests takes 10 ms, and Postgres and the API would wait. */
const MOST_STARTS = 16;
const STRAINED_STARTS = 4;
/** When timers are later than this on average, the process is busy. */
const BUSY_LAG_MS = 2;

export function createStrain(clock: Clock): Strain {
  const lag = createLag(clock);
  const neighbours = createNeighbours();
  const isStrained = (): boolean => lag.ms > BUSY_LAG_MS && neighbours.hasQuietBesideLoud(clock.monotonicMs());
  return {
    isStrained,
    mostStarts: () => (isStrained() ? STRAINED_STARTS : MOST_STARTS),
    note: neighbours.note,
    get lagMs() {
      return lag.ms;
    },
    start: lag.start,
    stop: lag.stop,
  };
}

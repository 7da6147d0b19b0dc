/**
 * Whether somebody who sends little waits for somebody who sends much: timers of the process are late, and a quiet organization
 * is active beside a loud one. Then fewer attempts start in one turn of the event loop, and claims take jobs in turn.
 */
import type { Clock } from '../../clock.ts';
import { createLag } from './lag.ts';
import { createNeighbours } from './neighbours.ts';

export type Strain = {
  isStrained(): boolean;
  /** Attempts that may start in one turn of the event loop. */
  mostStarts(): number;
  /** An attempt of the organization starts. */
  note(organizationId: string, nowMs: number): void;
  /** How late timers are, on average. */
  readonly lagMs: number;
  start(): void;
  stop(): void;
};

/** To sign a hundred requests takes 10 ms, and Postgres and the API would wait. */
const MOST_STARTS = 16;
const STRAINED_STARTS = 4;
/** When timers are this late on average, the process has no time left. */
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

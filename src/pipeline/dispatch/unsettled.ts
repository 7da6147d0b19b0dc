/**
 * Counts attempts whose request is over and whose verdict is not committed yet. They take no slot, so that many verdicts
 * share a transaction. Their number is bounded, because a crash repeats all of them.
 */
import type { Clock } from '../../clock.ts';

export type Unsettled = {
  /** Counts a request that ended. */
  add(): void;
  /** Counts a verdict that was committed or given up. Returns whether there was no room before. */
  remove(): boolean;
  /** Whether there is no room: nothing more is sent now. */
  readonly isFull: boolean;
  /** Whether verdicts wait and none was committed for `ms`. */
  isStuckFor(ms: number): boolean;
};

export function createUnsettled(most: number, clock: Clock): Unsettled {
  let count = 0;
  /** When the last verdict was committed, or the first waiting verdict came. */
  let movedMs = 0;
  return {
    add() {
      if (count++ === 0) movedMs = clock.monotonicMs();
    },
    remove() {
      movedMs = clock.monotonicMs();
      return count-- === most;
    },
    get isFull() {
      return count >= most;
    },
    isStuckFor: (ms) => count > 0 && clock.monotonicMs() - movedMs >= ms,
  };
}

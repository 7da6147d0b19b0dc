/**
 * Attempts whose request is over and whose verdict is not committed. They take no slot while their verdicts are written, so
 * that these share transactions; their number is bounded, because a crash repeats every one of them.
 */
import type { Clock } from '../../clock.ts';

export type Unsettled = {
  /** A request ended. */
  add(): void;
  /** A verdict was committed, or given up. Returns whether there was no room before it. */
  remove(): boolean;
  /** Nothing more is sent now. */
  readonly isFull: boolean;
  /** Verdicts wait, and none was committed for `ms`. */
  isStuckFor(ms: number): boolean;
};

export function createUnsettled(most: number, clock: Clock): Unsettled {
  let count = 0;
  /** When the last verdict was committed, or the first of those that wait came. */
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

/**
 * Whether deliveries are late: those that this process takes from the queue had to wait there for longer than LATE_MS. Then
 * what can wait leaves the event loop to them: the answers of streams (server/streams/event-loop-share.ts), and batches are
 * gathered (gather.ts). Where the event loop has little to do, because the wait had another cause, that costs them some
 * milliseconds at most.
 */
import type { Clock } from '../clock.ts';

export type LateDeliveries = {
  /** Call it for what was taken from the queue. `waitedMs`: for how long its first attempts have been due, about. */
  note(waitedMs: number): void;
  readonly areLate: boolean;
};

/** What a burst leaves behind is sent within this time. */
const LATE_MS = 3_000;
/**
 * They are late for so long after the last ones that were: a process that is behind takes from the queue several times a
 * second, the old and the new in turns.
 */
const TELLING_MS = 1_000;

export function createLateDeliveries({ monotonicMs }: Pick<Clock, 'monotonicMs'>): LateDeliveries {
  let lateAtMs = -Infinity;
  return {
    note(waitedMs) {
      if (waitedMs >= LATE_MS) lateAtMs = monotonicMs();
    },
    get areLate() {
      return monotonicMs() - lateAtMs < TELLING_MS;
    },
  };
}

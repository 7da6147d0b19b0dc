/**
 * Whether deliveries are late: those that this process takes from the queue had to wait there for longer than LATE_MS. Then
 * what can wait leaves the event loop to them: the answers of streams (server/streams/event-loop-share.ts), by `strain`, and
 * batches are gathered (gather.ts). Where the event loop has little to do, because the wait had another cause, that costs them
 * some milliseconds at most.
 */
import type { Clock } from '../clock.ts';

export type LateDeliveries = {
  /** Call it for what was taken from the queue. `waitedMs`: for how long its first attempts have been due, about. */
  note(waitedMs: number): void;
  readonly areLate: boolean;
  /**
   * From 0 to 1: how much they need. It rises while they are late and falls while they are not, both slowly: so it stays near
   * the value at which they just keep up, and what yields to them does so evenly.
   */
  readonly strain: number;
};

/** What a burst leaves behind is sent within this time. */
const LATE_MS = 3_000;
/**
 * They are late for so long after the last ones that were: a process that is behind takes from the queue several times a
 * second, the old and the new in turns.
 */
const TELLING_MS = 1_000;
/** From 0 to 1, and back. */
const [RISES_IN_MS, FALLS_IN_MS] = [8_000, 16_000];

export function createLateDeliveries({ monotonicMs }: Pick<Clock, 'monotonicMs'>): LateDeliveries {
  let lateUntilMs = -Infinity;
  let strain = 0;
  let strainAtMs = monotonicMs();

  function follow(nowMs: number): number {
    const passedMs = nowMs - strainAtMs;
    const lateMs = Math.min(passedMs, Math.max(0, lateUntilMs - strainAtMs));
    strain = Math.min(1, strain + lateMs / RISES_IN_MS);
    strain = Math.max(0, strain - (passedMs - lateMs) / FALLS_IN_MS);
    strainAtMs = nowMs;
    return strain;
  }

  return {
    note(waitedMs) {
      if (waitedMs < LATE_MS) return;
      const nowMs = monotonicMs();
      follow(nowMs);
      lateUntilMs = nowMs + TELLING_MS;
    },
    get areLate() {
      return monotonicMs() < lateUntilMs;
    },
    get strain() {
      return follow(monotonicMs());
    },
  };
}

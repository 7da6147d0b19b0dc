/** Watches whether commits succeed: a commit that hangs, or fails again and again, makes its process unready. */
import type { Clock } from '../clock.ts';
import { OutcomeUnknown } from '../database/commit.ts';
import { isRefusal } from '../database/refusal.ts';

export type CommitWatch = {
  /** The same function, with its calls watched. */
  watched<Args extends unknown[], Out>(commit: (...args: Args) => Promise<Out>): (...args: Args) => Promise<Out>;
  /**
   * Whether a call has been under way for STALLED_MS, or all calls have failed for as long. An unready process gets no calls,
   * so failures are forgotten after FORGET_MS: the next call shows whether commits succeed again.
   */
  isStalled(): boolean;
};

/** Twice the time of the largest publish. */
const STALLED_MS = 6_000;
const FORGET_MS = 10_000;

export function createCommitWatch(clock: Pick<Clock, 'monotonicMs'>): CommitWatch {
  const startsMs = new Map<object, number>(); // The oldest first.
  let failing: { readonly sinceMs: number; lastMs: number } | undefined;

  function fail(): void {
    const nowMs = clock.monotonicMs();
    if (!failing || nowMs - failing.lastMs > FORGET_MS) failing = { sinceMs: nowMs, lastMs: nowMs };
    failing.lastMs = nowMs;
  }

  return {
    watched:
      (commit) =>
      async (...args) => {
        const call = {};
        startsMs.set(call, clock.monotonicMs());
        let ended: Promise<void> | undefined;
        try {
          const out = await commit(...args);
          failing = undefined;
          return out;
        } catch (error) {
          if (!isRefusal(error)) fail();
          if (error instanceof OutcomeUnknown) ended = error.ended; // The server still works on it.
          throw error;
        } finally {
          const forget = () => void startsMs.delete(call);
          if (ended) void ended.then(forget);
          else forget();
        }
      },
    isStalled() {
      const nowMs = clock.monotonicMs();
      const [oldestMs = nowMs] = startsMs.values();
      if (nowMs - oldestMs >= STALLED_MS) return true;
      return failing !== undefined && nowMs - failing.sinceMs >= STALLED_MS && nowMs - failing.lastMs < FORGET_MS;
    },
  };
}

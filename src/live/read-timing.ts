/** Decides when the tail reads again: on a ring, after the least gap, and while changes wait for the horizon. */
import type { Clock } from '../clock.ts';
import type { Channel, Doorbell } from './doorbell.ts';
import { pause } from './timing.ts';

/** The least time between two reads under load. In quiet times a ring is answered at once. */
const LEAST_GAP_MS = 5;
const LONGEST_WAITING_GAP_MS = 25;
const STUCK_MS = 10_000;

/** Remembers a ring from one read to the next, so that none falls between them. */
export function createBell(doorbell: Pick<Doorbell, 'on'>, channel: Channel) {
  let isRung = false;
  let wake = () => {};
  const close = doorbell.on(channel, () => {
    isRung = true;
    wake();
  });
  return {
    close,
    hush: () => void (isRung = false),
    async rung(withinMs: number, signal: AbortSignal): Promise<void> {
      if (isRung || signal.aborted) return;
      const abort = new AbortController();
      wake = () => abort.abort();
      signal.addEventListener('abort', wake);
      await pause(withinMs, abort.signal);
      signal.removeEventListener('abort', wake);
      wake = () => {};
    },
  };
}

/** Decides how soon to look again, and when to report that the horizon does not move. */
export function createReadTiming(clock: Clock, onError: (error: Error) => void) {
  let gapMs = LEAST_GAP_MS;
  let stuckSince: number | undefined;
  let isReported = false;
  return {
    gapMs(isWaiting: boolean, hasMoved: boolean): number {
      if (!isWaiting || hasMoved) {
        [gapMs, stuckSince, isReported] = [LEAST_GAP_MS, undefined, false];
        return gapMs;
      }
      stuckSince ??= clock.monotonicMs();
      if (!isReported && clock.monotonicMs() - stuckSince > STUCK_MS) {
        isReported = true;
        onError(
          new Error(
            `Committed changes have waited over ${STUCK_MS / 1_000} s for an older transaction to end: ` +
              'look for it in pg_stat_activity (backend_xid) and pg_prepared_xacts',
          ),
        );
      }
      gapMs = Math.min(gapMs * 1.5, LONGEST_WAITING_GAP_MS);
      return gapMs;
    },
  };
}

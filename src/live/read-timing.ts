/** Decides when the tail reads again: on a ring, after the least gap, and while changes wait for the horizon. */
import type { Clock } from '../clock.ts';
import type { Channel, Doorbell } from './doorbell.ts';
import { pause } from './timing.ts';

/** The least time between two reads under load. */
const LEAST_GAP_MS = 5;
/**
 * After a rest, so many reads follow with a shorter gap: a delivery on an idle system rings when it is published and again when it
 * is answered, and its claim may hold the horizon back in between. Under load there are no rests, so this costs nothing there.
 */
const QUICK_READS = 4;
const QUICK_GAP_MS = 1;
const REST_MS = 15;
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
  let lastReadMs = -Infinity;
  let quickReads = 0;

  /** The least gap after the read that has just ended. */
  function leastGapMs(nowMs: number): number {
    if (nowMs - lastReadMs > REST_MS + gapMs) quickReads = QUICK_READS;
    lastReadMs = nowMs;
    return quickReads-- > 0 ? QUICK_GAP_MS : LEAST_GAP_MS;
  }

  return {
    /** Call it after each read, whose changes wait for the horizon, or have moved on. */
    gapMs(isWaiting: boolean, hasMoved: boolean): number {
      const nowMs = clock.monotonicMs();
      const leastMs = leastGapMs(nowMs);
      if (!isWaiting || hasMoved) {
        [gapMs, stuckSince, isReported] = [leastMs, undefined, false];
        return gapMs;
      }
      stuckSince ??= nowMs;
      if (!isReported && nowMs - stuckSince > STUCK_MS) {
        isReported = true;
        onError(
          new Error(
            `Committed changes have waited over ${STUCK_MS / 1_000} s for an older transaction to end: ` +
              'look for it in pg_stat_activity (backend_xid) and pg_prepared_xacts',
          ),
        );
      }
      gapMs = Math.min(Math.max(gapMs * 1.5, leastMs), LONGEST_WAITING_GAP_MS);
      return gapMs;
    },
  };
}

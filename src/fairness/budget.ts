/**
 * A budget of the event loop's time. It is open while the loop was busy for at most a share of the time. What the loop did
 * beyond is paid back first: after 20 ms of work at a share of a fifth, it is closed for 80 ms.
 *
 * Pure: both times are parameters, in milliseconds that never go back.
 */

export type Budget = {
  /** Notes how long the event loop has been busy in all. */
  look(busyMs: number, nowMs: number): void;
  readonly isOpen: boolean;
  /** In how many milliseconds it will be open, if the loop does nothing until then. */
  readonly opensInMs: number;
};

/** What was not used is kept for so many milliseconds of work. */
const SAVED_MS = 4;
/** One long piece of work must not close it for seconds. */
const OWED_MS = 100;

export function createBudget(share: number): Budget {
  let owedMs = 0;
  let last: { readonly busyMs: number; readonly nowMs: number } | undefined;
  return {
    look(busyMs, nowMs) {
      if (last) {
        const moreMs = busyMs - last.busyMs - share * (nowMs - last.nowMs);
        owedMs = Math.max(-SAVED_MS, Math.min(OWED_MS, owedMs + moreMs));
      }
      last = { busyMs, nowMs };
    },
    get isOpen() {
      return owedMs <= 0;
    },
    get opensInMs() {
      return Math.max(0, owedMs / share);
    },
  };
}

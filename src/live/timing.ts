/** Waits in real time, not by the Clock: no test needs to control the pauses between tries. */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Resolves after `ms`, or as soon as `signal` aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}

/** To make a change of a row, or to seal its cursor, takes about 10 microseconds: 2 ms for so many. */
const ITEMS_PER_TURN = 256;

/** Maps the items, and leaves the event loop to others after every ITEMS_PER_TURN. */
export async function mapInTurns<In, Out>(items: readonly In[], map: (item: In) => Out): Promise<Out[]> {
  const mapped: Out[] = [];
  for (let start = 0; start < items.length; start += ITEMS_PER_TURN) {
    if (start > 0) await nextTurn();
    for (const item of items.slice(start, start + ITEMS_PER_TURN)) mapped.push(map(item));
  }
  return mapped;
}

const FIRST_BACKOFF_MS = 50;
const LONGEST_BACKOFF_MS = 1_000;

/** How long to wait after this many failures. At most a second, so that streams go on soon after Postgres is back. */
export const backoffMs = (failures: number): number =>
  Math.min(FIRST_BACKOFF_MS * 2 ** Math.min(failures, 10), LONGEST_BACKOFF_MS);

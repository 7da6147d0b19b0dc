/**
 * Follows a stream through every kind of end.
 *
 *   connecting ──▶ live ◀──▶ behind          results come late; live again when one is in time, or none came for a second
 *                   │
 *                   ▼ the connection ended
 *             reconnecting ──▶ live          with a growing delay, after the last cursor
 *                   │
 *                   ▼ CURSOR_EXPIRED
 *              reloading ──▶ live            `after()` loads the list again
 *                   ▼
 *                 ended                      stopped, or an error that trying again cannot mend
 */
import { attempt } from './attempt.ts';
import { createChooser } from './transport/choose-transport.ts';
import { createPatience, isExpired } from './patience.ts';
import { pauseUnlessAborted, unlessAborted } from './pause.ts';
import type { AnyDocument } from './request/print-document.ts';
import { readDocument } from './request/read-document.ts';
import type { FollowOptions, Results, WatchOptions, WatchResult, WatchState } from './watch-options.ts';

/** A connection that lasted so long has shown that it works, even when nothing came. */
const PROVEN_MS = 10_000;
/** The service sends without a pause while a stream is behind. */
const CAUGHT_UP_MS = 1_000;

/**
 * Every change once and in order. Rejects when trying again cannot help, and when a cursor is too old and `after` is not a
 * function. Throws BAD_DOCUMENT at once when the document cannot be resumed.
 */
export function watch<Data, Variables = object>(options: WatchOptions<Data, Variables>): Results<Data> {
  const document = readDocument(options.document as AnyDocument<never, never>);
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const results = follow<Data>({ ...options, variables: options.variables as object, document, signal });
  return {
    next: () => results.next(),
    return() {
      stop.abort(); // A generator that waits would look at `return` only after its next result.
      return results.return(undefined);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* follow<Data>(
  options: FollowOptions,
): Results<Data> & AsyncGenerator<WatchResult<Data>, undefined, undefined> {
  const { after, store, delayMs, signal } = options;
  const chooser = createChooser(options.transport ?? 'auto');
  const patience = createPatience({ canReload: typeof after === 'function', delayMs });
  const tell = createTeller(options);
  let results: ReturnType<typeof attempt<Data>> | undefined;
  let quiet: ReturnType<typeof setTimeout> | undefined;
  let reason: unknown;
  try {
    tell('connecting');
    const stored = store && (await unlessAborted(store.load(), signal));
    const place = { cursor: stored ?? (typeof after === 'string' ? after : null) };
    while (!signal.aborted) {
      let openedAt = Infinity;
      const onOpen = () => {
        openedAt = Date.now();
        tell('live');
      };
      results = attempt<Data>({ ...options, chooser, place, onOpen });
      let step = await results.next();
      for (; !step.done && !signal.aborted; step = await results.next()) {
        clearTimeout(quiet);
        const { result, isLate } = step.value;
        place.cursor = result.cursor;
        patience.proven();
        tell(isLate ? 'behind' : 'live');
        yield result;
        await store?.save(result.cursor);
        if (isLate) quiet = setTimeout(tell, CAUGHT_UP_MS, 'live');
      }
      clearTimeout(quiet);
      if (signal.aborted) break;
      if (Date.now() - openedAt > PROVEN_MS) patience.proven();
      const error: unknown = step.value;
      const waitMs = patience.delayAfter(error);
      if (isExpired(error)) place.cursor = null;
      tell(isExpired(error) ? 'reloading' : 'reconnecting', error);
      await pauseUnlessAborted(waitMs, signal);
    }
  } catch (error) {
    if (signal.aborted) return undefined;
    reason = error;
    throw error;
  } finally {
    clearTimeout(quiet);
    await results?.return(undefined);
    tell('ended', reason);
  }
  return undefined;
}

/** Tells each change of the state once, and nothing but the end to somebody who has stopped. */
function createTeller({ onState, signal }: FollowOptions): (state: WatchState, reason?: unknown) => void {
  let told: WatchState | undefined;
  const tell = (state: WatchState, reason?: unknown): void => {
    if (state === told || told === 'ended') return;
    told = state;
    onState?.(state, reason);
  };
  signal.addEventListener('abort', () => tell('ended'));
  return tell;
}

/**
 * The one reader of the history in this process.
 *
 *     ┌────────┐       ┌────────┐ nothing waits    ┌─────────┐
 *     │ anchor │──────▶│  read  │─────────────────▶│  rest   │
 *     └────────┘       └────────┘◀─────────────────└─────────┘
 *          ▲            │  │  ▲ ▲    ring, or poll
 *          └────────────┘  │  │ │
 *        the change it     │  │ └ a full batch: at once; changes wait for the horizon: in milliseconds
 *        ended with is     ▼  │
 *        gone           ┌────────┐
 *                       │ error  │ backs off, goes on from its position
 *                       └────────┘
 *
 * Ids of rows are given out before their transactions commit, so the newest id says nothing about which smaller ones are
 * still to come. But a transaction below pg_snapshot_xmin, the horizon, has ended: every change below it is visible or
 * will never be. So, in the order (xid, seq):
 *
 *   1. Only changes below the horizon are read; they are final.
 *   2. A change committed after a position was final comes after that position: the horizon never goes back.
 *   3. Position and listener move in the same tick: between ticks, all final changes up to `position()` were passed on,
 *      each once, in order, and none after it.
 *   4. Every read begins with the change that the one before ended with. Where that is gone, or another change stands at
 *      its place (a restore, a failover that lost commits), nothing connects the two, and the listener is told so instead
 *      of being given a history with a hole. When another server answers, all that the listener still holds is compared:
 *      commits reach a standby in the order in which they ended, so it may have the last change and lack one before it.
 *   5. NOTIFY and timers say when to read, never what. Losing any of them delays a change, at most by `pollMs`.
 *
 * The price: a change waits for all older transactions that have an id, in every database of the cluster. A prepared
 * transaction that was forgotten stops the stream; it says so after 10 s.
 */
import type { Clock } from '../clock.ts';
import { RequestError } from '../errors.ts';
import type { PlacedChange, Recorded } from './change.ts';
import { ORIGIN, type StreamPosition } from './cursors/cursor.ts';
import type { Channel, Doorbell } from './doorbell.ts';
import { BATCH_CHANGES, type ChangeBatch, type History } from './history.ts';
import { createBell, createReadTiming } from './read-timing.ts';
import { backoffMs, pause } from './timing.ts';

export type TailListener<R extends Recorded> = {
  /** The tail stands anew: `placed` are the newest changes after `before`. Nothing connects it to where it stood. */
  anchored(before: StreamPosition, placed: readonly PlacedChange<R>[]): void;
  /** The changes after the tail's last position, which was `before`. */
  appended(before: StreamPosition, placed: readonly PlacedChange<R>[]): void;
  /** The newest changes it was told of, as many as it still has. */
  held(): readonly PlacedChange<R>[];
};

export type Tail = {
  /** Resolves when the tail stands at the horizon; rejects, and has not started, when Postgres does not answer. */
  start(): Promise<void>;
  /** Not before `start` has settled. Nothing is passed on after it. */
  stop(): Promise<void>;
  /** All final changes up to here were passed on. */
  position(): StreamPosition;
};

type Options<R extends Recorded> = {
  readonly history: History<R, any>;
  readonly doorbell: Pick<Doorbell, 'on'>;
  readonly channel: Channel;
  readonly clock: Clock;
  /** Without a ring, a change is seen within this. */
  readonly pollMs: number;
  /** Changes to look back to at the start, so that clients which reconnect find what they missed in memory. */
  readonly lookBack: number;
  readonly listener: TailListener<R>;
  readonly onError: (error: Error) => void;
};

export function createTail<R extends Recorded>(options: Options<R>): Tail {
  const { history, doorbell, channel, clock, pollMs, lookBack, listener, onError } = options;
  let position = ORIGIN;
  let server: string | null = null;
  let run: { readonly abort: AbortController; readonly finished: Promise<void> } | undefined;

  const anchor = async (signal: AbortSignal): Promise<void> => {
    const { before, placed } = await history.latest(lookBack);
    if (signal.aborted) return;
    position = placed.at(-1)?.position ?? before;
    listener.anchored(before, placed);
  };

  const isKept = (): Promise<boolean> =>
    history.confirm(position).then(
      () => true,
      (error: unknown) => {
        if (error instanceof RequestError) return false;
        throw error;
      },
    );

  /** Whether a batch goes on from what was passed on. */
  const goesOn = async ({ isConnected, server: answering }: ChangeBatch<R>): Promise<boolean> => {
    if (!isConnected) return isKept(); // Retention has deleted it, and with it all that was passed on.
    if (answering !== server && !(await history.hasAll(listener.held()))) return false;
    server = answering;
    return true;
  };

  const readOn = async (signal: AbortSignal): Promise<ChangeBatch<R>> => {
    const batch = await history.readAfter(position);
    if (!(await goesOn(batch))) {
      onError(new Error('Changes that were streamed are not in the database any more: all subscribers start anew'));
      await anchor(signal);
      return { ...batch, placed: [] };
    }
    if (signal.aborted) return batch;
    if (batch.placed.length > 0) {
      const before = position;
      position = batch.placed.at(-1)!.position;
      listener.appended(before, batch.placed);
    }
    return batch;
  };

  const follow = async (signal: AbortSignal): Promise<void> => {
    const bell = createBell(doorbell, channel);
    const pace = createReadTiming(clock, onError);
    let failures = 0;
    while (!signal.aborted) {
      bell.hush();
      try {
        const { placed, isWaiting } = await readOn(signal);
        failures = 0;
        const gapMs = pace.gapMs(isWaiting, placed.length > 0);
        if (placed.length >= BATCH_CHANGES) continue;
        await pause(gapMs, signal);
        if (!isWaiting) await bell.rung(pollMs, signal);
      } catch (error) {
        onError(error as Error);
        await pause(backoffMs(failures++), signal);
      }
    }
    bell.close();
  };

  return {
    async start() {
      const abort = new AbortController();
      await anchor(abort.signal);
      run = { abort, finished: follow(abort.signal) };
    },
    async stop() {
      run?.abort.abort();
      await run?.finished;
      run = undefined;
    },
    position: () => position,
  };
}

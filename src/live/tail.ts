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
 *   4. Every read begins with the last change of the read before. When that change is gone, or another change stands at
 *      its place (a restore, a failover that lost commits), nothing connects the two reads. Then the listener is told so,
 *      and does not get a history with a hole. A change that is gone because its organization was deleted leaves no
 *      hole. When another server answers, all changes that the listener still holds are compared: commits reach a
 *      standby in the order in which they ended, so it may have the last change and lack an earlier one.
 *   5. NOTIFY and timers say when to read, never what. A lost NOTIFY delays a change, at most by `pollMs`.
 *
 * The price: a change waits for all older transactions that have an id, in every database of the cluster. A forgotten
 * prepared transaction stops the stream; the log says so after 10 s.
 */
import type { Clock } from '../clock.ts';
import { RequestError } from '../errors.ts';
import type { PlacedChange, Recorded } from './change.ts';
import { ORIGIN, type StreamPosition } from './cursors/cursor.ts';
import type { Channel, Doorbell } from './doorbell.ts';
import { BATCH_CHANGES, type BatchLimit, type ChangeBatch, type History, LARGE_BATCH_CHANGES } from './history.ts';
import { createBell, createReadTiming } from './read-timing.ts';
import { backoffMs, pause } from './timing.ts';

export type TailListener<R extends Recorded> = {
  /** The tail has started anew: `placed` are the newest changes after `before`. Nothing connects them to earlier changes. */
  anchored(before: StreamPosition, placed: readonly PlacedChange<R>[]): void;
  /** New changes: those after the tail's last position, which was `before`. */
  appended(before: StreamPosition, placed: readonly PlacedChange<R>[]): void;
  /** Returns the newest changes that the listener was told of, as many as it still has. */
  held(): readonly PlacedChange<R>[];
};

export type Tail = {
  /** Resolves when the tail stands at the horizon. Rejects when Postgres does not answer; then the tail has not started. */
  start(): Promise<void>;
  /** Call it only after `start` has settled. Afterwards nothing is passed on. */
  stop(): Promise<void>;
  /** The position up to which all final changes were passed on. */
  position(): StreamPosition;
};

type Options<R extends Recorded> = {
  readonly history: History<R, any>;
  readonly doorbell: Pick<Doorbell, 'on'>;
  readonly channel: Channel;
  readonly clock: Clock;
  /** A change is seen within this time, even without a ring. */
  readonly pollMs: number;
  /** How many changes are read back at the start, so that clients which reconnect find in memory what they missed. */
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
    const answering = await history.server(); // Before: if another server gives the changes, the next read compares them.
    const { before, placed } = await history.latest(lookBack);
    if (signal.aborted) return;
    server = answering;
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

  /** Whether the last change is gone with its organization. The same server still has all others. */
  const isOfDeleted = async (): Promise<boolean> => {
    const last = listener.held().at(-1);
    return last !== undefined && (await history.isDeleted(last.organizationId)) && (await history.server()) === server;
  };

  /** Whether a batch follows what was passed on. */
  const goesOn = async ({ isConnected, server: answering }: ChangeBatch<R>): Promise<boolean> => {
    // Retention may have deleted the change, and with it all that was passed on.
    if (!isConnected) return (await isKept()) || isOfDeleted();
    if (answering !== server && !(await history.hasAll(listener.held()))) return false;
    server = answering;
    return true;
  };

  const readOn = async (signal: AbortSignal, limit: BatchLimit): Promise<ChangeBatch<R>> => {
    const batch = await history.readAfter(position, limit);
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
    let limit: BatchLimit = BATCH_CHANGES;
    while (!signal.aborted) {
      bell.hush();
      try {
        const { placed, isWaiting } = await readOn(signal, limit);
        failures = 0;
        const gapMs = pace.gapMs(isWaiting, placed.length > 0);
        const isFull = placed.length >= limit;
        limit = placed.length >= BATCH_CHANGES ? LARGE_BATCH_CHANGES : BATCH_CHANGES;
        if (isFull) continue;
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

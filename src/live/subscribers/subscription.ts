/**
 * One subscriber: an iterator that gives every change that its filter wants, exactly once, in order.
 *
 *     ┌────────┐  asked, and nothing more to read   ┌──────┐
 *     │ behind │───────────────────────────────────▶│ live │
 *     │ (pull) │◀───────────────────────────────────│(push)│
 *     └────────┘  buffer full, or given back        └──────┘
 *          └────────────────┬──────────────────────────┘
 *                           ▼ return, throw, stop, slow, expired
 *                        ended
 *
 * All its changes up to `taken` were handed out; `buffer` holds exactly those between `taken` and `read`. A subscriber
 * that is behind costs nothing until it asks; while it takes changes, the next page is read before the buffer is empty. A live
 * subscriber is at the end of the history, and new changes are pushed to it.
 */
import type { Clock } from '../../clock.ts';
import type { RequestError } from '../../errors.ts';
import type { Change, ChangeFilter, Recorded } from '../change.ts';
import { isAfter, later, type StreamPosition } from '../cursors/cursor.ts';
import type { RecentPage } from './recent.ts';

export type ChangeStream<R extends Recorded> = AsyncIterableIterator<Change<R>, undefined> & {
  /** The changes that `next` gives next, as far as they are known by now. They may be taken back, and given later. */
  upcoming(): readonly Change<R>[];
  /** How late the reader was given its changes, and how far it is behind now (Subscription.lagMs). */
  lag(): { readonly nowMs: number | null; readonly worstMs: number };
  return(): Promise<IteratorResult<Change<R>, undefined>>;
  throw(error?: unknown): Promise<IteratorResult<Change<R>, undefined>>;
};

/** A subscriber as the feed sees it. */
export type Subscription<R extends Recorded, F extends ChangeFilter> = {
  readonly filter: F;
  readonly stream: ChangeStream<R>;
  /** Adds a new change that the filter wants; `before` is the end of the history before its batch. Only while live. */
  push(change: Change<R>, before: StreamPosition): void;
  /** Empties the buffer: these changes are read again when they are asked for. */
  giveBack(): void;
  /** Ends the stream after the buffered changes. */
  finish(): void;
  /** Ends the stream at once; the reader sees the error. */
  fail(error: RequestError): void;
  taken(): StreamPosition;
  /** How many changes the reader took, and whether it has taken all of them or waits for more. */
  progress(): { readonly takes: number; readonly isIdle: boolean };
  readonly buffered: () => number;
  /**
   * How old the oldest change is that the reader has not been given; 0 when it has all of them. While that is not known, how old
   * the last one is that it was given; null when it was given none.
   */
  lagMs(now: Date): number | null;
  readonly isLive: () => boolean;
};

type Options<R extends Recorded, F extends ChangeFilter> = {
  readonly clock: Pick<Clock, 'now'>;
  readonly filter: F;
  readonly after: StreamPosition;
  readonly bufferLimit: number;
  /** A subscriber that is behind reads the next page when fewer changes than this are left in its buffer. */
  readonly readAheadBelow: number;
  /** Reads the next page after a position. Waits for Postgres as long as it takes; rejects only with a RequestError. */
  readonly read: (after: StreamPosition, isWanted: () => boolean) => RecentPage<R> | Promise<RecentPage<R>>;
  /** These three are called in the tick in which the subscriber becomes live, falls behind or ends. */
  readonly onLive: (subscription: Subscription<R, F>) => void;
  readonly onBehind: (subscription: Subscription<R, F>) => void;
  readonly onEnd: (subscription: Subscription<R, F>) => void;
};

type Step<R extends Recorded> = IteratorResult<Change<R>, undefined>;

const ageMs = (time: Date, now: Date): number => Math.max(0, now.getTime() - time.getTime());

const DONE = { value: undefined, done: true } as const;

export function createSubscription<R extends Recorded, F extends ChangeFilter>(
  options: Options<R, F>,
): Subscription<R, F> {
  const { clock, filter, bufferLimit, readAheadBelow, onLive, onBehind, onEnd } = options;
  let state: 'behind' | 'live' | 'ended' = 'behind';
  let taken = options.after;
  let read = options.after;
  let buffer: Change<R>[] = [];
  let waiting: PromiseWithResolvers<Step<R>>[] = [];
  let failure: RequestError | undefined;
  let isReading = false;
  /** Whether it takes changes: false until it does, and after its buffer was taken back. */
  let isTaking = false;
  let takes = 0;
  let lastTaken: Date | undefined;
  let worstMs = 0;

  const take = (): Step<R> => {
    const value = buffer.shift()!;
    taken = buffer.length === 0 ? read : value.position;
    takes++;
    lastTaken = value.occurredAt;
    worstMs = Math.max(worstMs, ageMs(lastTaken, clock.now()));
    isTaking = true;
    if (state === 'behind' && buffer.length < readAheadBelow) void catchUp();
    return { value, done: false };
  };

  const serve = (): void => {
    while (waiting.length > 0 && buffer.length > 0) waiting.shift()!.resolve(take());
  };

  const fallBehind = (): void => {
    state = 'behind';
    onBehind(subscription);
  };

  const end = (error?: RequestError): void => {
    if (state === 'ended') return;
    state = 'ended';
    failure = error;
    const asked = waiting;
    waiting = [];
    for (const { resolve, reject } of asked) {
      if (failure) reject(failure);
      else resolve(DONE);
      failure = undefined;
    }
    onEnd(subscription);
  };

  const lagMs = (now: Date): number | null => {
    if (state === 'live' && buffer.length === 0) return 0;
    const oldest = buffer[0]?.occurredAt ?? lastTaken;
    return oldest ? ageMs(oldest, now) : null;
  };

  const isWanted = (): boolean =>
    state === 'behind' && (waiting.length > 0 || (isTaking && buffer.length < readAheadBelow));

  /** Reads pages for as long as they are wanted. No await lies between the last page and being live. */
  const catchUp = async (): Promise<void> => {
    if (isReading) return;
    isReading = true;
    try {
      while (isWanted()) {
        const from = read;
        const reading = options.read(from, isWanted);
        const page = reading instanceof Promise ? await reading : reading;
        if (read === from && isWanted()) accept(page);
      }
    } catch (error) {
      subscription.fail(error as RequestError);
    } finally {
      isReading = false;
    }
  };

  const accept = (page: RecentPage<R>): void => {
    buffer.push(...page.changes);
    read = page.through;
    if (buffer.length === 0) taken = read;
    if (page.isLive) {
      state = 'live';
      onLive(subscription);
    }
    serve();
  };

  const stream: ChangeStream<R> = {
    upcoming: () => buffer,
    lag: () => ({ nowMs: lagMs(clock.now()), worstMs }),
    [Symbol.asyncIterator]: () => stream,
    next() {
      if (waiting.length === 0 && buffer.length > 0) return Promise.resolve(take());
      if (state === 'ended') {
        const error = failure;
        failure = undefined;
        return error ? Promise.reject(error) : Promise.resolve(DONE);
      }
      const step = Promise.withResolvers<Step<R>>();
      waiting.push(step);
      if (state === 'behind') void catchUp();
      return step.promise;
    },
    async return() {
      buffer = [];
      end();
      failure = undefined;
      return DONE;
    },
    async throw(error) {
      await stream.return();
      throw error;
    },
  };

  const subscription: Subscription<R, F> = {
    filter,
    stream,
    push(change, before) {
      if (state !== 'live' || !isAfter(change.position, read)) return;
      if (buffer.length >= bufferLimit) return fallBehind();
      if (buffer.length === 0) taken = later(taken, before);
      buffer.push(change);
      read = change.position;
      serve();
    },
    giveBack() {
      if (state === 'ended') return;
      buffer = [];
      read = taken;
      isTaking = false;
      if (state === 'live') fallBehind();
    },
    finish: () => end(),
    fail(error) {
      buffer = [];
      end(error);
    },
    taken: () => taken,
    progress: () => ({ takes, isIdle: waiting.length > 0 || (state === 'live' && buffer.length === 0) }),
    buffered: () => buffer.length,
    lagMs,
    isLive: () => state === 'live',
  };
  return subscription;
}

/** What a watcher may set, and what it gets. */
import type { WatchTransport } from './transport/choose-transport.ts';
import type { ServiceAccess } from './request/execute.ts';
import type { AnyDocument } from './request/print-document.ts';
import type { ResumableDocument } from './request/read-document.ts';
import type { GraphqlFault } from './request/watch-error.ts';

export type WatchState = 'connecting' | 'live' | 'behind' | 'reconnecting' | 'reloading' | 'ended';

/** Keeps the place of a stream, for example over a reload of the page. */
export type CursorStore = {
  load(): string | null | Promise<string | null>;
  /** Called with the cursor of a result when the next result is asked for: that is when the result is handled. */
  save(cursor: string): void | Promise<void>;
};

export type WatchOptions<Data, Variables> = ServiceAccess & {
  /** A subscription whose field takes `after` from a variable, and whose change selects `cursor`. */
  readonly document: AnyDocument<Data, Variables>;
  readonly variables?: NoInfer<Variables> | undefined;
  /**
   * Where to begin when the store has no cursor: a cursor, or a function that loads your list and returns the cursor of that
   * moment. The function is called again when a cursor is too old. Default: now; then a connection that is lost before the first
   * change loses what happens meanwhile.
   */
  readonly after?: string | null | (() => string | Promise<string>) | undefined;
  readonly store?: CursorStore | undefined;
  /** Default: auto. */
  readonly transport?: WatchTransport | undefined;
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal | undefined;
  /** Called when the state changes. `reason`: the error that caused it. */
  readonly onState?: ((state: WatchState, reason?: unknown) => void) | undefined;
  /** Milliseconds before the next attempt, after so many failures in a row (from 1). Default: 0.1 s, doubling up to 10 s, ±50 %. */
  readonly delayMs?: ((failures: number) => number) | undefined;
};

export type WatchResult<Data> = {
  readonly data: Data;
  /** Errors of fields that are null in `data`. */
  readonly errors?: readonly GraphqlFault[];
  /** The place after this result. */
  readonly cursor: string;
};

export type Results<Data> = AsyncIterableIterator<WatchResult<Data>, undefined, undefined>;

/** The same without the types of the document. */
export type FollowOptions = Omit<WatchOptions<never, never>, 'document' | 'variables' | 'signal'> & {
  readonly document: ResumableDocument;
  readonly variables?: object | undefined;
  readonly signal: AbortSignal;
};

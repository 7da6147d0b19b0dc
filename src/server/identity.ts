/** The caller of a request, as the server knows it before GraphQL runs. */
import type { Caller } from '../access/caller.ts';
import type { RequestError } from '../errors.ts';

export type Identity = {
  readonly caller: Caller;
  /** Calls `onEnd` when the API key ends and `onRead` each time it was read again (key-watch.ts). Returns how to stop. */
  readonly watchKey: (onEnd: () => void, onRead?: (caller: Caller) => void) => () => void;
};

/** Finds the caller of an API key; null when the key is not valid. Throws SERVICE_UNAVAILABLE while it cannot be looked up. */
export type Identify = (apiKey: string) => Promise<Identity | null>;

/** `identity`: null for a client without a valid API key. `refused`: the error that it gets instead of an answer, or null. */
export type Authentication = { readonly identity: Identity | null; readonly refused: RequestError | null };

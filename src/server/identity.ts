/** The caller of a request, as the server knows it before GraphQL runs. */
import type { Caller } from '../access/caller.ts';
import type { RequestError } from '../errors.ts';

export type Identity = {
  readonly caller: Caller;
  /**
   * Calls `onEnd` when the API key ends, or the organization that its holder acts in is deleted, and `onRead` each time the key was
   * read again (key-watch.ts). Returns how to stop.
   */
  readonly watchKey: (onEnd: () => void, onRead?: (caller: Caller) => void) => () => void;
};

/**
 * Finds the caller of an API key; null when the key is not valid. `organization`: the id or external id of the organization that
 * it acts in; null: its own. Throws SERVICE_UNAVAILABLE while either cannot be looked up, and what ActIn throws.
 */
export type Identify = (apiKey: string, organization: string | null) => Promise<Identity | null>;

/** `identity`: null for a client without a valid API key. `refused`: the error that it gets instead of an answer, or null. */
export type Authentication = { readonly identity: Identity | null; readonly refused: RequestError | null };

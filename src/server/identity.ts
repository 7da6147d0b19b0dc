/** Who asks, as the server knows it before GraphQL runs. */
import type { Caller } from '../access/caller.ts';
import type { RequestError } from '../errors.ts';

export type Identity = {
  readonly caller: Caller;
  /** Tells when the key ends, and what it says each time it was read anew (key-watch.ts). Returns how to stop watching. */
  readonly watchKey: (onEnd: () => void, onRead?: (caller: Caller) => void) => () => void;
};

/** Who holds the key; null when nobody does. Throws SERVICE_UNAVAILABLE while that cannot be looked up. */
export type Identify = (apiKey: string) => Promise<Identity | null>;

/** Who asks; null: somebody without a key. `refused`: what that client hears instead of an answer. */
export type Authentication = { readonly identity: Identity | null; readonly refused: RequestError | null };

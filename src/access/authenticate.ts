/**
 * Finds the caller behind an API key, or behind the token of a portal session, which is a key like any other here. Keys are stored
 * as SHA-256 and found by that hash. An API key has 238 bits of entropy, so it needs no slow hash; and the timing of an index
 * look-up of a hash tells a guesser nothing.
 *
 * A found key is remembered for CACHE_MS, counted from before it was read: a revocation in any process is seen within
 * that time, without a message between processes. Expiry is checked at every call.
 */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import { hashApiKey, isApiKeyText } from '../domain/api-keys/api-key.ts';
import type { Caller } from './caller.ts';
import { createKeyLookup } from './key-lookup.ts';
import { createLastUse } from './last-use.ts';

export type Authenticator = {
  /** Returns the holder of the key; null when the key is unknown, revoked or expired. Rejects when the database does. */
  authenticate(apiKey: string): Promise<Caller | null>;
  /** Makes the next use read the key and its portal sessions anew, so that this process sees its own revocation at once. */
  forget(apiKeyId: string): void;
  /** Writes the lastUsedAt values that are not written yet. */
  close(): Promise<void>;
};

type Options = {
  readonly database: Database;
  readonly clock: Clock;
  /** Hears of a failed write of lastUsedAt; the next write tries it again. */
  readonly onError?: (error: Error) => void;
};

/** A key that was found. It is kept after CACHE_MS too: it still shows that the key is not a guess. */
type Entry = { readonly caller: Caller; readonly readAtMs: number };
/** A key that is being read. */
type Asking = { readonly caller: Promise<Caller | null>; readonly readAtMs: number };

const CACHE_MS = 2_000;
const MAX_CACHED_KEYS = 10_000;

/** Authenticates for one process. Close it before the database. */
export function createAuthenticator({ database, clock, onError = () => {} }: Options): Authenticator {
  const entries = new Map<string, Entry>();
  const asking = new Map<string, Asking>();
  const lookup = createKeyLookup(database);
  const lastUse = createLastUse({ database, clock, onError });
  const isFresh = ({ readAtMs }: Entry | Asking) => clock.monotonicMs() - readAtMs < CACHE_MS;

  function remember(name: string, caller: Caller | null, readAtMs: number): void {
    entries.delete(name); // So that the order of the map is the order of reading.
    // Only found keys are remembered: the number of guesses has no bound.
    if (caller) entries.set(name, { caller, readAtMs });
    if (entries.size > MAX_CACHED_KEYS) entries.delete(entries.keys().next().value!);
  }

  function ask(name: string, hash: Buffer): Promise<Caller | null> {
    const readAtMs = clock.monotonicMs();
    const caller = lookup.find(hash, entries.has(name));
    asking.set(name, { caller, readAtMs });
    const isLatest = () => asking.get(name)?.caller === caller;
    const end = () => isLatest() && asking.delete(name);
    caller.then((found) => {
      if (isLatest()) remember(name, found, readAtMs);
      end();
    }, end);
    return caller;
  }

  function recall(apiKey: string): Caller | Promise<Caller | null> {
    const hash = hashApiKey(apiKey);
    const name = hash.toString('base64');
    const known = entries.get(name);
    if (known && isFresh(known)) return known.caller;
    const asked = asking.get(name);
    return asked && isFresh(asked) ? asked.caller : ask(name, hash);
  }

  return {
    async authenticate(apiKey) {
      if (!isApiKeyText(apiKey)) return null;
      const caller = await recall(apiKey);
      if (!caller || (caller.expiresAt && caller.expiresAt <= clock.now())) return null;
      if (caller.portalOf === undefined) lastUse.note(caller.apiKeyId);
      return caller;
    },
    forget(apiKeyId) {
      for (const [name, { caller }] of entries) {
        if (caller.apiKeyId === apiKeyId || caller.portalOf === apiKeyId) entries.delete(name);
      }
      asking.clear(); // A key that is being read may be this one, read before it was revoked.
    },
    close: () => lastUse.close(),
  };
}

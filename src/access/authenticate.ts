/**
 * API key -> Caller. Keys are stored as SHA-256 and found by that hash: a key of ours has 238 bits of entropy, so it needs
 * no slow hash, and an index look-up of a hash tells a guesser nothing by its timing.
 *
 * A found key is remembered for CACHE_MS, counted from before it was read: a revocation anywhere is seen that soon, with
 * no word between processes. Expiry is judged at every call.
 */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import { hashApiKey } from '../domain/api-key.ts';
import type { ApiScope } from '../domain/scope.ts';
import type { Caller } from './caller.ts';
import { createLastUse } from './last-use.ts';

export type Authenticator = {
  /** The holder of the key; null when it is unknown, revoked or expired. Rejects when the database does. */
  authenticate(apiKey: string): Promise<Caller | null>;
  /** Reads the key anew at its next use: this process sees its own revocation at once. */
  forget(apiKeyId: string): void;
  /** Writes what is not yet written of lastUsedAt. */
  close(): Promise<void>;
};

type Options = {
  readonly database: Database;
  readonly clock: Clock;
  /** A write of lastUsedAt that failed; it is tried again with the next. */
  readonly onError?: (error: Error) => void;
};

/** `found` is undefined while the key is being read. */
type Entry = { readonly caller: Promise<Caller | null>; readonly readAtMs: number; found?: Caller };

const CACHE_MS = 2_000;
const MAX_CACHED_KEYS = 10_000;
const MAX_KEY_LENGTH = 255;

/** Authenticates for one process. Close it before the database. */
export function createAuthenticator({ database, clock, onError = () => {} }: Options): Authenticator {
  const entries = new Map<string, Entry>();
  const lastUse = createLastUse({ database, clock, onError });

  function recall(apiKey: string): Promise<Caller | null> {
    const hash = hashApiKey(apiKey);
    const name = hash.toString('base64');
    const known = entries.get(name);
    if (known && clock.monotonicMs() - known.readAtMs < CACHE_MS) return known.caller;

    const entry: Entry = { caller: findCaller(database, hash), readAtMs: clock.monotonicMs() };
    entries.delete(name); // So that the order of the map is the order of reading.
    entries.set(name, entry);
    if (entries.size > MAX_CACHED_KEYS) entries.delete(entries.keys().next().value!);
    const drop = () => {
      if (entries.get(name) === entry) entries.delete(name);
    };
    // Only found keys are remembered. Guesses are not: there is no end to them.
    entry.caller.then((caller) => {
      if (caller) entry.found = caller;
      else drop();
    }, drop);
    return entry.caller;
  }

  return {
    async authenticate(apiKey) {
      if (apiKey === '' || apiKey.length > MAX_KEY_LENGTH) return null;
      const caller = await recall(apiKey);
      if (!caller || (caller.expiresAt && caller.expiresAt <= clock.now())) return null;
      lastUse.note(caller.apiKeyId);
      return caller;
    },
    forget(apiKeyId) {
      // A key that is being read may be this one, read before it was revoked.
      for (const [name, { found }] of entries) {
        if (!found || found.apiKeyId === apiKeyId) entries.delete(name);
      }
    },
    close: () => lastUse.close(),
  };
}

async function findCaller({ pool }: Database, hash: Buffer): Promise<Caller | null> {
  const { rows } = await pool.query<Row>({ name: 'find-caller', text: FIND_CALLER, values: [hash] });
  const row = rows[0];
  if (!row) return null;
  const scopes = new Set(row.scopes);
  return Object.freeze({ ...row, scopes, isPlatformAdmin: scopes.has('PLATFORM_ADMIN') });
}

type Row = Omit<Caller, 'scopes' | 'isPlatformAdmin'> & { readonly scopes: readonly ApiScope[] };

const FIND_CALLER = `
  select k.id as "apiKeyId", k.prefix as "apiKeyPrefix", k.organization_id as "organizationId", k.scopes::text[],
         k.rate_limit_per_minute as "rateLimitPerMinute",
         o.rate_limit_per_minute as "organizationRateLimitPerMinute", k.public_key as "publicKey",
         k.expires_at as "expiresAt"
    from api_keys k join organizations o on o.id = k.organization_id
   where k.hash = $1 and k.revoked_at is null`;

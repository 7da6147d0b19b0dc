/**
 * Looks API keys up by their hashes. Keys that this process has never found share one connection of the read pool,
 * MOST_HASHES in a statement, however many clients guess at once. Keys that it has found before are read on the
 * connections for publishing. So neither guessers nor slow lists keep a publisher waiting.
 */
import { createBatch } from '../database/batch.ts';
import type { Database } from '../database/client.ts';
import type { Reader } from '../database/statement.ts';
import type { ApiScope } from '../domain/api-keys/scope.ts';
import type { Caller } from './caller.ts';

export type KeyLookup = {
  /** The holder of the key with this hash, read after the call; null when the key is unknown or revoked. */
  find(hash: Buffer, isKnown: boolean): Promise<Caller | null>;
};

const MOST_HASHES = 100;

export function createKeyLookup({ pool, reads }: Pick<Database, 'pool' | 'reads'>): KeyLookup {
  const known = lookups(pool);
  const guessed = lookups(reads);
  return { find: (hash, isKnown) => (isKnown ? known : guessed).add(hash) };
}

const lookups = (sql: Reader) =>
  createBatch<Buffer, Caller | null>({
    parallel: 1,
    maxWeight: MOST_HASHES,
    weigh: () => 1,
    run: (hashes) => findCallers(sql, hashes),
  });

async function findCallers(sql: Reader, hashes: readonly Buffer[]): Promise<(Caller | null)[]> {
  const { rows } = await sql.query<Row>({ name: 'find_callers', text: FIND_CALLERS, values: [hashes] });
  const found = new Map(rows.map(({ hash, ...row }) => [hash.toString('base64'), toCaller(row)]));
  return hashes.map((hash) => found.get(hash.toString('base64')) ?? null);
}

type CallerFacts = Omit<Caller, 'scopes' | 'isPlatformAdmin' | 'portalOf'> & {
  readonly scopes: readonly ApiScope[];
  readonly portalOf: string | null;
};
type Row = CallerFacts & { readonly hash: Buffer };

function toCaller({ portalOf, ...facts }: CallerFacts): Caller {
  const scopes = new Set(facts.scopes);
  const isPlatformAdmin = scopes.has('PLATFORM_ADMIN');
  return Object.freeze({ ...facts, scopes, isPlatformAdmin, ...(portalOf !== null && { portalOf }) });
}

// A portal session ends before the API key of its maker expires, by its own date. It ends when that key is revoked or deleted.
const FIND_CALLERS = `
  select k.hash, k.id as "apiKeyId", k.prefix as "apiKeyPrefix", k.organization_id as "organizationId", k.scopes::text[],
         k.rate_limit_per_minute as "rateLimitPerMinute",
         o.rate_limit_per_minute as "organizationRateLimitPerMinute", k.public_key as "publicKey",
         k.expires_at as "expiresAt", null as "portalOf"
    from api_keys k join organizations o on o.id = k.organization_id
   where k.hash = any($1::bytea[]) and k.revoked_at is null and o.deleted_at is null
  union all
  select s.hash, s.id, s.prefix, s.organization_id, s.scopes::text[], s.rate_limit_per_minute, o.rate_limit_per_minute, null,
         s.expires_at, s.api_key_id
    from portal_sessions s
    join api_keys k on k.id = s.api_key_id
    join organizations o on o.id = s.organization_id
   where s.hash = any($1::bytea[]) and s.revoked_at is null and k.revoked_at is null and o.deleted_at is null`;

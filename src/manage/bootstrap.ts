/** What a deployment needs before its first request: an organization, a key to begin with, a signing key, event types. */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import { lockNumber } from '../database/locks.ts';
import type { Sql } from '../database/statement.ts';
import { silently, type Tell, type TellingTransaction } from '../database/telling.ts';
import { apiKeyPrefix, hashApiKey, makeApiKey } from '../domain/api-keys/api-key.ts';
import type { IdGenerator } from '../domain/ksuid.ts';
import type { Seal } from '../domain/seal/seal.ts';
import { apiKeyCreated } from '../domain/service-event.ts';
import { audit, START, type AuditEntry } from './audit.ts';
import { createEventTypes } from './event-types.ts';
import { organizationChange } from './organizations.ts';
import { ensureSigningKey } from './signing-keys.ts';

export type Bootstrapped = {
  /** The first organization. */
  readonly organizationId: string;
  /** The PLATFORM_ADMIN key, only if it was stored just now: print it, nobody can read it again. */
  readonly newApiKey: string | null;
};

type Options = {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: IdGenerator;
  readonly seal: Seal;
  /** Stored as it is; a key that differs from earlier ones is added to them. Undefined: made, if no key was ever stored. */
  readonly bootstrapApiKey: string | undefined;
  readonly eventCatalogs: readonly string[];
  /** Default: one that publishes nothing. */
  readonly tellingTransaction?: TellingTransaction;
};

const FIRST_ORGANIZATION = 'first_organization';
const BOOTSTRAP = { name: 'Bootstrap', scopes: ['PLATFORM_ADMIN'] };

/**
 * Adds what is missing and leaves the rest alone: safe at every start, of several processes at once. The key is stored last,
 * so that a process that dies on the way leaves no key behind that nobody has seen.
 */
export async function bootstrap(options: Options): Promise<Bootstrapped> {
  const { database, eventCatalogs, tellingTransaction = silently(database) } = options;
  await createEventTypes(options).loadCatalogs({ author: START }, eventCatalogs);
  return tellingTransaction(async (tx, tell) => {
    await tx.query('select pg_advisory_xact_lock($1)', [lockNumber('bootstrap', database.connector.schema)]);
    const organizationId = await ensureOrganization(tx, options);
    await ensureSigningKey(tx, options);
    return { organizationId, newApiKey: await ensureApiKey(tx, tell, options, organizationId) };
  });
}

/** The id of the first organization; undefined before the first start. */
export async function findFirstOrganization(sql: Sql): Promise<string | undefined> {
  const { rows } = await sql.query('select value from settings where name = $1', [FIRST_ORGANIZATION]);
  return rows[0]?.value;
}

async function ensureOrganization(tx: Sql, { clock, ids }: Options): Promise<string> {
  const first = await findFirstOrganization(tx);
  if (first !== undefined) return first;
  const [id, name, now] = [ids.next(), 'Default', clock.now()];
  await tx.query('insert into organizations (id, name, created_at) values ($1, $2, $3)', [id, name, now]);
  await tx.query('insert into settings (name, value) values ($1, $2)', [FIRST_ORGANIZATION, id]);
  await audit(tx, { author: START, ids, now }, [organizationChange(id, null, { name })]);
  return id;
}

async function ensureApiKey(tx: Sql, tell: Tell, options: Options, organizationId: string): Promise<string | null> {
  const { bootstrapApiKey, clock, ids } = options;
  if (bootstrapApiKey === undefined && (await hasApiKey(tx))) return null;
  const key = bootstrapApiKey ?? makeApiKey(clock.randomBytes);
  const [id, now] = [ids.next(), clock.now()];
  const values = [id, organizationId, BOOTSTRAP.name, apiKeyPrefix(key), hashApiKey(key), BOOTSTRAP.scopes, now];
  const { rowCount } = await tx.query(INSERT_API_KEY, values);
  if (rowCount === 0) return null;
  const after = { ...BOOTSTRAP, rateLimitPerMinute: null, publicKey: null, expiresAt: null };
  const change: AuditEntry = { organizationId, type: 'ApiKey', id, before: null, after };
  await audit(tx, { author: START, ids, now }, [change]);
  await tell([apiKeyCreated({ id, organizationId, name: BOOTSTRAP.name }, { ...BOOTSTRAP, expiresAt: null })]);
  return key;
}

/** Revoked keys count: a restart gives no new key to a deployment whose keys were all revoked. */
async function hasApiKey(tx: Sql): Promise<boolean> {
  const { rows } = await tx.query("select exists (select from api_keys where 'PLATFORM_ADMIN' = any(scopes)) as found");
  return rows[0].found;
}

// A key that was stored before, even one revoked since, stays what it is.
const INSERT_API_KEY = `
  insert into api_keys (id, organization_id, name, prefix, hash, scopes, created_at)
  values ($1, $2, $3, $4, $5, $6, $7)
  on conflict (hash) do nothing`;

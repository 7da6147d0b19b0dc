/** API keys: create and revoke. Only the hash of a key is stored; its text is returned once, here. */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import { remember, type Effect } from '../database/effect.ts';
import type { Sql } from '../database/statement.ts';
import { silently, type TellingTransaction } from '../database/telling.ts';
import {
  checkApiKeyInput,
  chooseEnd,
  chooseRateLimit,
  type ApiKeyInput,
  type Grantor,
} from '../domain/api-keys/api-key-input.ts';
import { apiKeyPrefix, hashApiKey, makeApiKey } from '../domain/api-keys/api-key.ts';
import { isId, type IdGenerator } from '../domain/ksuid.ts';
import { API_SCOPES } from '../domain/api-keys/scope.ts';
import { apiKeyCreated, apiKeyDeleted } from '../domain/service-event.ts';
import { fail, RequestError, succeed, userError, type Result, type UserError } from '../errors.ts';
import { audit, type AuditedCaller, type AuditEntry } from './audit.ts';
import { keyLimitReached } from './quota.ts';
import { notFound, reach, refuseOrganization, type Principal } from '../domain/reach.ts';

type CreateInput = ApiKeyInput & {
  /** Default: the caller's organization. */
  readonly organizationId?: string | null | undefined;
};

/** The creator of a key, and the most that the key may be given. */
type Creator = AuditedCaller &
  Grantor & {
    /** The API key of the caller. Undefined: the operator of the deployment asks, without a key. */
    readonly apiKeyId?: string;
  };

export type ApiKeys = {
  /**
   * Makes a key that can do no more than its creator, no faster, and no longer; a platform admin gives any rate limit. REQUIRED,
   * INVALID, TOO_LONG, NOT_FOUND (of the organization), TOO_MANY (maxApiKeys are neither revoked nor expired). Throws
   * UNAUTHENTICATED when the creator's key was revoked meanwhile.
   */
  create(caller: Creator, input: CreateInput, effect?: Effect): Promise<Result<{ apiKeyId: string; secret: string }>>;
  /**
   * Ends a key for good, whatever its scopes, so that every manager of keys can end a leaked one. But only a platform admin
   * ends a key with PLATFORM_ADMIN. Revoking twice is fine. NOT_FOUND, INVALID.
   */
  revoke(caller: AuditedCaller, input: { readonly id: string }, effect?: Effect): Promise<Result<{ apiKeyId: string }>>;
};

type Options = {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: IdGenerator;
  /** The default of new keys. */
  readonly rateLimitPerMinute: number;
  /** The limit of an organization; revoked and expired keys do not count. */
  readonly maxApiKeys: number;
  /** Called with a revoked key, so that this process need not wait until its cache of keys is old. */
  readonly onRevoked?: (apiKeyId: string) => void;
  /** Default: one that publishes nothing. */
  readonly tellingTransaction?: TellingTransaction;
};

export function createApiKeys(options: Options): ApiKeys {
  const { database, clock, ids, maxApiKeys, onRevoked = () => {} } = options;
  const { tellingTransaction = silently(database) } = options;

  return {
    async create(caller, input, effect) {
      const organizationId = input.organizationId ?? caller.organizationId;
      const now = clock.now();
      const errors = [
        ...checkApiKeyInput(input, caller, now),
        ...(await findNamedOrganization(database, caller, organizationId)),
      ];
      if (errors.length > 0) return fail(...errors);
      const id = ids.next();
      const key = makeApiKey(clock.randomBytes);
      const scopes = API_SCOPES.filter((scope) => input.scopes.includes(scope));
      const limit = chooseRateLimit(caller, input, options.rateLimitPerMinute);
      const publicKey = input.publicKey?.toLowerCase() ?? null;
      return tellingTransaction(async (tx, tell) => {
        if (caller.apiKeyId !== undefined) await requireUnrevoked(tx, caller.apiKeyId);
        const reached = await keyLimitReached(tx, organizationId, now, maxApiKeys);
        if (reached !== undefined) return fail(tooManyKeys(reached));
        const secrets = [apiKeyPrefix(key), hashApiKey(key)];
        const expiresAt = chooseEnd(caller, input);
        const rules = [scopes, limit, publicKey, now, expiresAt];
        await tx.query(INSERT, [id, organizationId, input.name, ...secrets, ...rules]);
        const after = { name: input.name, scopes, rateLimitPerMinute: limit, publicKey, expiresAt };
        const change: AuditEntry = { organizationId, type: 'ApiKey', id, before: null, after };
        await audit(tx, { author: caller.author, ids, now }, [change]);
        await tell([apiKeyCreated({ id, organizationId, name: input.name }, { scopes, expiresAt })]);
        return succeed(await remember(tx, effect, { apiKeyId: id, secret: key }));
      });
    },

    async revoke(caller, { id }, effect) {
      const outcome = await tellingTransaction<Result<{ apiKeyId: string }>>(async (tx, tell) => {
        const found = isId(id) ? await tx.query<Revocable>(FIND, [id, reach(caller)]) : undefined;
        const key = found?.rows[0];
        if (!key) return fail(notFound('API key', id));
        if (key.isPlatformAdmin && !caller.isPlatformAdmin) return fail(ABOVE_CALLER);
        const now = clock.now();
        const revokedAt = key.revokedAt ?? now;
        await tx.query(REVOKE, [id, revokedAt]);
        const [before, after] = [{ revokedAt: key.revokedAt }, { revokedAt }];
        const change: AuditEntry = { organizationId: key.organizationId, type: 'ApiKey', id, before, after };
        await audit(tx, { author: caller.author, ids, now }, [change]);
        if (key.revokedAt === null) await tell([apiKeyDeleted({ ...key, id })]);
        return succeed(await remember(tx, effect, { apiKeyId: id }));
      });
      if (outcome.ok) onRevoked(id);
      return outcome;
    },
  };
}

/** Why an input may not name this organization; empty when the caller reaches it, and it is there. */
export async function findNamedOrganization(
  { prisma }: Pick<Database, 'prisma'>,
  caller: Principal,
  id: string,
): Promise<UserError[]> {
  const refusal = refuseOrganization(caller, id, 'organizationId');
  if (refusal) return [refusal];
  if (id === caller.organizationId) return [];
  const found = await prisma().organization.findUnique({ where: { id, deletedAt: null }, select: { id: true } });
  return found ? [] : [notFound('organization', id, 'organizationId')];
}

/** A process may trust a revoked key for moments longer. During these it must not create what outlives it. */
export async function requireUnrevoked(tx: Sql, apiKeyId: string): Promise<void> {
  const { rowCount } = await tx.query('select from api_keys where id = $1 and revoked_at is null for share', [
    apiKeyId,
  ]);
  if (rowCount === 1) return;
  throw new RequestError(
    'UNAUTHENTICATED',
    'This API key was revoked a moment ago, so it creates nothing any more. Use another one.',
  );
}

const INSERT = `
  insert into api_keys (id, organization_id, name, prefix, hash, scopes, rate_limit_per_minute, public_key, created_at,
    expires_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`;

type Revocable = {
  readonly organizationId: string;
  readonly name: string;
  readonly isPlatformAdmin: boolean;
  readonly revokedAt: Date | null;
};

const FIND = `
  select organization_id as "organizationId", name, 'PLATFORM_ADMIN' = any(scopes) as "isPlatformAdmin",
         revoked_at as "revokedAt"
    from api_keys where id = $1 and ($2::text is null or organization_id = $2)
     for update`;

const REVOKE = 'update api_keys set revoked_at = $2 where id = $1';

const ABOVE_CALLER = userError(
  'INVALID',
  'id',
  'Expected a key without PLATFORM_ADMIN, got a key with it: only a key that has it too may revoke it.',
);

const tooManyKeys = (most: number): UserError =>
  userError(
    'TOO_MANY',
    'organizationId',
    `Expected an organization with fewer than ${most} API keys that are neither revoked nor expired, got one with that ` +
      'many. Revoke a key that is no longer used, or ask the operator to raise the limit.',
  );

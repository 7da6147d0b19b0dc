/** API keys: create and revoke. Only the hash of a key is stored; its text is returned once, here. */
import { Point } from '@noble/ed25519';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import { remember, type Effect } from '../database/effect.ts';
import { apiKeyPrefix, hashApiKey, makeApiKey } from '../domain/api-key.ts';
import { isId, type IdGenerator } from '../domain/ksuid.ts';
import { API_SCOPES, grants, type ApiScope } from '../domain/scope.ts';
import { checkText } from '../domain/text.ts';
import { fail, succeed, userError, type Result, type UserError } from '../errors.ts';
import { notFound, reach, type ManagingCaller } from './reach.ts';

type CreateInput = {
  readonly name: string;
  readonly scopes: readonly ApiScope[];
  /** Operations per minute. Null: unlimited. Undefined: the default of the deployment, or the creator's own if it is lower. */
  readonly rateLimitPerMinute?: number | null | undefined;
  /** Null and undefined: never. */
  readonly expiresAt?: Date | null | undefined;
  /** Hex Ed25519 key; when set, mutations made with the new key must be signed. */
  readonly publicKey?: string | null | undefined;
  /** Default: the caller's organization. */
  readonly organizationId?: string | null | undefined;
};

/** Who creates a key, and what the key may at most be given. */
type Creator = ManagingCaller & {
  readonly scopes: ReadonlySet<ApiScope>;
  /** Null: unlimited. */
  readonly rateLimitPerMinute: number | null;
};

export type ApiKeys = {
  /**
   * A key that can do no more than its creator, and no faster; a platform admin gives any rate limit. REQUIRED, INVALID,
   * TOO_LONG, NOT_FOUND (of the organization).
   */
  create(caller: Creator, input: CreateInput, effect?: Effect): Promise<Result<{ apiKeyId: string; secret: string }>>;
  /**
   * Ends a key for good, whatever it may do, so that whoever manages keys can end a leaked one; but one with PLATFORM_ADMIN
   * only for a platform admin. Revoking twice is fine. NOT_FOUND, INVALID.
   */
  revoke(
    caller: ManagingCaller,
    input: { readonly id: string },
    effect?: Effect,
  ): Promise<Result<{ apiKeyId: string }>>;
};

type Options = {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: IdGenerator;
  /** Default of new keys. */
  readonly rateLimitPerMinute: number;
  /** This process need not wait for its cache of keys. */
  readonly onRevoked?: (apiKeyId: string) => void;
};

const MAX_NAME = 128;
const MAX_RATE_LIMIT = 1_000_000;
/** The last moment that RFC 3339 can write. */
const MAX_EXPIRY_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

export function createApiKeys(options: Options): ApiKeys {
  const { database, clock, ids, onRevoked = () => {} } = options;

  async function findOrganization(caller: ManagingCaller, id: string): Promise<UserError[]> {
    if (id === caller.organizationId) return [];
    const mayAsk = caller.isPlatformAdmin && isId(id);
    const found = mayAsk
      ? await database.prisma.organization.findUnique({ where: { id }, select: { id: true } })
      : null;
    return found ? [] : [notFound('organization', id, 'organizationId')];
  }

  return {
    async create(caller, input, effect) {
      const organizationId = input.organizationId ?? caller.organizationId;
      const now = clock.now();
      const errors = [
        ...checkText('name', input.name, { most: MAX_NAME, required: true }),
        ...checkScopes(caller.scopes, input.scopes),
        ...checkRateLimit(mostRate(caller), input.rateLimitPerMinute),
        ...checkExpiry(input.expiresAt, now),
        ...checkPublicKey(input.publicKey),
        ...(await findOrganization(caller, organizationId)),
      ];
      if (errors.length > 0) return fail(...errors);
      const id = ids.next();
      const key = makeApiKey(clock.randomBytes);
      const scopes = API_SCOPES.filter((scope) => input.scopes.includes(scope));
      const limit = chooseRateLimit(caller, input, options);
      const publicKey = input.publicKey?.toLowerCase() ?? null;
      return database.transaction(async (tx) => {
        const secrets = [apiKeyPrefix(key), hashApiKey(key)];
        const rules = [scopes, limit, publicKey, now, input.expiresAt ?? null];
        await tx.query(INSERT, [id, organizationId, input.name, ...secrets, ...rules]);
        return succeed(await remember(tx, effect, { apiKeyId: id, secret: key }));
      });
    },

    async revoke(caller, { id }, effect) {
      const outcome = await database.transaction<Result<{ apiKeyId: string }>>(async (tx) => {
        const found = isId(id) ? await tx.query<Revocable>(FIND, [id, reach(caller)]) : undefined;
        const key = found?.rows[0];
        if (!key) return fail(notFound('API key', id));
        if (key.isPlatformAdmin && !caller.isPlatformAdmin) return fail(ABOVE_CALLER);
        await tx.query(REVOKE, [id, clock.now()]);
        return succeed(await remember(tx, effect, { apiKeyId: id }));
      });
      if (outcome.ok) onRevoked(id);
      return outcome;
    },
  };
}

const INSERT = `
  insert into api_keys (id, organization_id, name, prefix, hash, scopes, rate_limit_per_minute, public_key, created_at,
    expires_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`;

type Revocable = { readonly isPlatformAdmin: boolean };

const FIND = `
  select 'PLATFORM_ADMIN' = any(scopes) as "isPlatformAdmin"
    from api_keys where id = $1 and ($2::text is null or organization_id = $2)`;

const REVOKE = 'update api_keys set revoked_at = coalesce(revoked_at, $2) where id = $1';

const ABOVE_CALLER = userError(
  'INVALID',
  'id',
  'Expected a key without PLATFORM_ADMIN, got one that has it: only a key that has it too may revoke it.',
);

function checkScopes(own: ReadonlySet<ApiScope>, asked: readonly ApiScope[]): UserError[] {
  if (asked.length === 0) {
    return [userError('REQUIRED', 'scopes', `Expected at least one scope of ${API_SCOPES.join(', ')}.`)];
  }
  const lacking = API_SCOPES.filter((scope) => asked.includes(scope) && !grants(own, scope));
  if (lacking.length === 0) return [];
  const message = `Expected scopes that your own key has; it lacks ${lacking.join(', ')}.`;
  return [userError('INVALID', 'scopes', message)];
}

/** The highest limit that a caller may give; null: unlimited. */
const mostRate = ({ isPlatformAdmin, rateLimitPerMinute }: Creator): number | null =>
  isPlatformAdmin ? null : rateLimitPerMinute;

function chooseRateLimit(caller: Creator, { rateLimitPerMinute }: CreateInput, defaults: Options): number | null {
  if (rateLimitPerMinute !== undefined) return rateLimitPerMinute;
  return Math.min(defaults.rateLimitPerMinute, mostRate(caller) ?? Infinity);
}

function checkRateLimit(most: number | null, asked: number | null | undefined): UserError[] {
  if (asked === undefined || (asked === null && most === null)) return [];
  const ceiling = Math.min(most ?? MAX_RATE_LIMIT, MAX_RATE_LIMIT);
  if (asked !== null && Number.isInteger(asked) && asked >= 1 && asked <= ceiling) return [];
  const reason = most === null ? '' : ', no more than your own key has';
  const got = asked === null ? 'null, which is unlimited' : asked;
  const message = `Expected 1 to ${ceiling} operations per minute${reason}, got ${got}.`;
  return [userError('INVALID', 'rateLimitPerMinute', message)];
}

function checkExpiry(expiresAt: Date | null | undefined, now: Date): UserError[] {
  if (expiresAt == null) return [];
  const ms = expiresAt.getTime();
  if (ms > now.getTime() && ms <= MAX_EXPIRY_MS) return [];
  const shown = ms <= MAX_EXPIRY_MS ? expiresAt.toISOString() : 'a time after the year 9999';
  return [userError('INVALID', 'expiresAt', `Expected a time after ${now.toISOString()}, got ${shown}.`)];
}

/** RFC 8032 points only, and none of the few whose signatures anybody can make. */
function checkPublicKey(hex: string | null | undefined): UserError[] {
  if (hex == null) return [];
  const refuse = (got: string) => [
    userError('INVALID', 'publicKey', `Expected an Ed25519 public key as 64 hex characters, got ${got}.`),
  ];
  if (!/^[0-9a-f]{64}$/i.test(hex)) return refuse(`${hex.length} characters that are not one`);
  try {
    return Point.fromHex(hex.toLowerCase()).isSmallOrder()
      ? refuse('a point of small order, which proves nothing')
      : [];
  } catch {
    return refuse('bytes that are no point of the curve');
  }
}

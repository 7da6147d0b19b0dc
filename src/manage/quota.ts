/**
 * Whether an organization may have one more of something. The answer is exact, whichever processes ask: each asks in the
 * transaction that adds, and locks the organization's row until it ends, so the next one counts what it added. The lock lets
 * others insert rows that name the organization, so publishing does not wait for it. Nothing is added to an organization that was
 * deleted meanwhile: its erasure may be over, and would leave what is new.
 */
import type { Sql } from '../database/statement.ts';
import { RequestError, userError, type UserError } from '../errors.ts';

/**
 * The limit that it has reached with its API keys that are neither revoked nor expired; undefined: there is room for one more.
 * `most`: the limit of organizations that have none of their own.
 */
export const keyLimitReached = (
  tx: Sql,
  organizationId: string,
  now: Date,
  most: number,
): Promise<number | undefined> =>
  limitReached(tx, organizationId, { of: 'apiKeys', most, count: COUNT_KEYS, values: [now] });

/** The same for webhook targets that are not deleted, whatever their status. */
export const targetLimitReached = (tx: Sql, organizationId: string, most: number): Promise<number | undefined> =>
  limitReached(tx, organizationId, { of: 'targets', most, count: COUNT_TARGETS, values: [] });

type OwnLimits = { readonly apiKeys: number | null; readonly targets: number | null };

type Counting = {
  /** Undefined: no organization has a limit of its own. */
  readonly of?: keyof OwnLimits;
  readonly most: number;
  readonly count: string;
  readonly values: unknown[];
};

async function limitReached(tx: Sql, organizationId: string, counting: Counting): Promise<number | undefined> {
  const own = await lockLimits(tx, organizationId);
  const limit = (counting.of && own[counting.of]) ?? counting.most;
  // A statement of its own: its snapshot is taken when the lock is held.
  const { rows } = await tx.query<{ count: number }>(counting.count, [organizationId, limit, ...counting.values]);
  return rows[0]!.count < limit ? undefined : limit;
}

/** Throws BAD_USER_INPUT when the organization was deleted meanwhile. */
async function lockLimits(tx: Sql, organizationId: string): Promise<OwnLimits> {
  const { rows } = await tx.query<OwnLimits>(LOCK_LIMITS, [organizationId]);
  if (rows[0]) return rows[0];
  const message = `Expected an organization that is not deleted, got ${organizationId}, which was deleted a moment ago.`;
  throw new RequestError('BAD_USER_INPUT', message);
}

/** Each costs PostgreSQL a transaction a second, also while it waits. */
const MOST_OPEN_REPLAYS = 100;

/** The same for replays that have not ended. Every organization has this limit. */
export const replayLimitReached = (tx: Sql, organizationId: string): Promise<number | undefined> =>
  limitReached(tx, organizationId, { most: MOST_OPEN_REPLAYS, count: COUNT_REPLAYS, values: [] });

/** Each has a rate limit of its own, so their number bounds what one API key can ask by way of them. */
const MOST_OPEN_SESSIONS = 1_000;

/** The same for portal sessions that are neither revoked nor over. Every organization has this limit. */
export const sessionLimitReached = (tx: Sql, organizationId: string, now: Date): Promise<number | undefined> =>
  limitReached(tx, organizationId, { most: MOST_OPEN_SESSIONS, count: COUNT_SESSIONS, values: [now] });

const LOCK_LIMITS = `
  select max_api_keys as "apiKeys", max_targets as targets from organizations
   where id = $1 and deleted_at is null for no key update`;

// Each counts up to the limit at most, in an index that holds few other rows (migrations 20261128020000 and 20261129210000).
const COUNT_KEYS = `
  select count(*)::int as count from (
    select from api_keys
     where organization_id = $1 and revoked_at is null and coalesce(expires_at, 'infinity') > $3 limit $2) as live`;

const COUNT_TARGETS = `
  select count(*)::int as count from (
    (select from webhook_targets where organization_id = $1 and deleted_at is null and status <> 'DISABLED' limit $2)
    union all
    (select from webhook_targets where organization_id = $1 and deleted_at is null and status = 'DISABLED' limit $2)
  ) as kept`;

const COUNT_REPLAYS = `
  select count(*)::int as count from (
    select from replays where organization_id = $1 and ended_at is null limit $2) as open`;

const COUNT_SESSIONS = `
  select count(*)::int as count from (
    select from portal_sessions
     where organization_id = $1 and revoked_at is null and expires_at > $3 limit $2) as open`;

export const tooManySessions = (most: number): UserError =>
  userError(
    'TOO_MANY',
    null,
    `Expected an organization with fewer than ${most} open portal sessions, got one with that many. Revoke one, or make them ` +
      'shorter (expiresInSeconds).',
  );

export const tooManyTargets = (most: number): UserError =>
  userError(
    'TOO_MANY',
    null,
    `Expected an organization with fewer than ${most} webhook targets, got one with that many. Delete a target that is no ` +
      'longer used, or ask the operator to raise the limit.',
  );

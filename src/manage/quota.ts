/**
 * Whether an organization may have one more of something. The answer is exact, whichever processes ask: each asks in the
 * transaction that adds, and locks the organization's row until it ends, so the next one counts what it added. The lock lets
 * others insert rows that name the organization, so publishing does not wait for it.
 */
import type { Sql } from '../database/statement.ts';

/** Whether it has fewer than `most` API keys that are neither revoked nor expired. */
export const hasRoomForKey = (tx: Sql, organizationId: string, now: Date, most: number): Promise<boolean> =>
  hasRoom(tx, organizationId, most, COUNT_KEYS, [now]);

/** Whether it has fewer than `most` webhook targets that are not deleted, whatever their status. */
export const hasRoomForTarget = (tx: Sql, organizationId: string, most: number): Promise<boolean> =>
  hasRoom(tx, organizationId, most, COUNT_TARGETS);

async function hasRoom(tx: Sql, organizationId: string, most: number, count: string, values: unknown[] = []) {
  await tx.query('select from organizations where id = $1 for no key update', [organizationId]);
  // A statement of its own: its snapshot is taken when the lock is held.
  const { rows } = await tx.query<{ count: number }>(count, [organizationId, most, ...values]);
  return rows[0]!.count < most;
}

// Each counts up to the limit at most, in an index that holds few other rows (migration 20261128020000).
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

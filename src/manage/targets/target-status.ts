/** What else happens when a person changes a target's status, in the same transaction. */
import type { Sql } from '../../database/statement.ts';
import { isId } from '../../domain/ksuid.ts';
import type { TargetStatus } from '../../domain/targets/target.ts';
import { recordTargetChange } from '../../live/changes/target-changes.ts';
import { reach, type Principal } from '../../domain/reach.ts';

type Target = { readonly id: string; readonly organizationId: string };
type Step = { readonly from: TargetStatus | null; readonly to: TargetStatus; readonly now: Date };

/**
 * Locks the health of a target that is to become ACTIVE. Call it before the target's own row is locked: a worker that
 * disables the target takes the locks in this order (pipeline/deliver/settle/health-sql.ts).
 */
export async function lockHealth(tx: Sql, caller: Principal, id: string): Promise<void> {
  if (isId(id)) await tx.query(LOCK_HEALTH, [id, reach(caller)]);
}

/**
 * Records a changed status; returns whether it has changed. A target that becomes ACTIVE starts a new row of failures: the
 * old one must not disable it again.
 */
export async function recordStatus(tx: Sql, { id, organizationId }: Target, { from, to, now }: Step): Promise<boolean> {
  if (from === to) return false;
  const change = { previousStatus: from, status: to, reason: null, occurredAt: now };
  await recordTargetChange(tx, { organizationId, targetId: id, ...change });
  if (from !== null && to === 'ACTIVE') await tx.query(START_ANEW, [id]);
  return true;
}

const LOCK_HEALTH = `
  select from target_health h join webhook_targets t on t.id = h.target_id
   where h.target_id = $1 and ($2::text is null or t.organization_id = $2)
     for update of h`;

const START_ANEW = `
  update target_health set failure_count = 0, failing_since = null, is_told_failing = false where target_id = $1`;

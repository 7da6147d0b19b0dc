/**
 * Attempts that the statistics cannot count from changes, because subscribers are told nothing of them. Each is a row of
 * uncounted_attempts, which the roll-up (upkeep/statistics) deletes in the transaction that counts it. They are few: an
 * answer has to come after its delivery ended, or after another worker recorded the attempt.
 */
import type { PoolClient } from 'pg';
import type { Verdict } from '../judge.ts';

/** Notes an attempt of which no change tells. It is no news of the delivery, so it has no latency. */
export async function noteAttempt(tx: PoolClient, { claim, result, outcome }: Verdict, now: Date): Promise<void> {
  await tx.query(NOTE, [
    claim.organizationId,
    claim.targetId,
    claim.eventType,
    claim.number,
    now,
    claim.progress.trigger,
    outcome,
    result.durationMs,
    result.kind === 'response' ? result.status : null,
  ]);
}

/**
 * Takes an attempt back that was counted as a failure, and that the caller is about to correct to a success. It was counted in
 * the step in which it was recorded: moments after its end, which is what its row can tell.
 */
export async function discountAttempt(tx: PoolClient, { claim }: Verdict): Promise<void> {
  const { organizationId, targetId, eventType, deliveryId, number } = claim;
  await tx.query(DISCOUNT, [organizationId, targetId, eventType, deliveryId, number]);
}

const COLUMNS = `weight, organization_id, target_id, event_type, attempt_number, occurred_at, trigger, outcome, duration_ms,
  response_status`;

const NOTE = `insert into uncounted_attempts (${COLUMNS}) values (1, $1, $2, $3, $4, $5, $6, $7, $8, $9)`;

const DISCOUNT = `
  insert into uncounted_attempts (${COLUMNS})
  select -1, $1, $2, $3, a.number, a.started_at + a.duration_ms * interval '1 ms', a.trigger, a.outcome, a.duration_ms,
    a.response_status
  from delivery_attempts a where a.delivery_id = $4 and a.number = $5 and a.outcome <> 'DELIVERED'`;

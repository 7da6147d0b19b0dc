/**
 * The rows of a delivery, for all code that changes its state: the columns that a change copies, the lock, and
 * cancelling. Deliveries are locked before their jobs, in the order of their ids.
 */
import type { Queue } from '../database/queue.ts';
import type { Sql } from '../database/statement.ts';
import type { DeliveryStatus } from '../domain/delivery.ts';
import { recordDeliveryChanges } from './delivery-changes.ts';

/** A delivery whose row is locked. */
export type LockedDelivery = {
  readonly id: string;
  readonly organizationId: string;
  readonly targetId: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly status: DeliveryStatus;
  readonly jobId: string | null;
};

/** The columns of a LockedDelivery, from the table alias `d`. */
export const LOCKED_DELIVERY = `
  d.id, d.organization_id as "organizationId", d.target_id as "targetId", d.event_id as "eventId",
  d.event_type as "eventType", d.status, d.job_id as "jobId"`;

/** Locks and returns the deliveries that are still open: another statement may have ended some since their ids were read. */
export async function lockOpenDeliveries(tx: Sql, ids: readonly string[]): Promise<LockedDelivery[]> {
  return (await tx.query<LockedDelivery>(LOCK_OPEN, [ids])).rows;
}

const LOCK_OPEN = `
  select ${LOCKED_DELIVERY}
    from deliveries d
   where d.id = any($1) and d.status in ('PENDING', 'RETRYING')
   order by d.id
     for update`;

type Cancelling = {
  readonly queue: Pick<Queue, 'discard'>;
  readonly now: Date;
  /** More jobs to remove, besides those of the deliveries. */
  readonly jobIds?: readonly string[];
};

/** Cancels locked deliveries: updates their rows, removes their jobs, and appends one change for each. */
export async function cancelLocked(
  tx: Sql,
  deliveries: readonly LockedDelivery[],
  { queue, now, jobIds = [] }: Cancelling,
): Promise<void> {
  await tx.query(CANCEL, [deliveries.map(({ id }) => id), now]);
  await queue.discard(tx, [...new Set([...deliveries.flatMap(({ jobId }) => jobId ?? []), ...jobIds])]);
  await recordDeliveryChanges(
    tx,
    deliveries.map(({ id, organizationId, targetId, eventId, eventType, status }) => ({
      organizationId,
      deliveryId: id,
      targetId,
      eventId,
      eventType,
      previousStatus: status,
      status: 'CANCELLED',
      attemptNumber: null,
      occurredAt: now,
    })),
  );
}

const CANCEL = `
  update deliveries
     set status = 'CANCELLED', job_id = null, next_attempt_at = null, resume_at = null, held = false, updated_at = $2
   where id = any($1)`;

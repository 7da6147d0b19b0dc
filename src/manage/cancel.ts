/**
 * Cancels open deliveries: the rows, their jobs and one change each, in the transaction that locked the rows. Deliveries
 * are locked before their jobs, as the pipeline does.
 */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import { DEADLOCK } from '../database/sql-state.ts';
import { IN_INDEX_ORDER, sqlState, type Sql } from '../database/statement.ts';
import type { Queue } from '../database/queue.ts';
import type { DeliveryStatus } from '../domain/delivery.ts';
import { recordDeliveryChanges } from '../live/delivery-changes.ts';
import type { Channel } from '../live/doorbell.ts';

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

/** The columns of a LockedDelivery, of the table alias `d`. */
export const LOCKED_DELIVERY = `
  d.id, d.organization_id as "organizationId", d.target_id as "targetId", d.event_id as "eventId",
  d.event_type as "eventType", d.status, d.job_id as "jobId"`;

export async function cancelLocked(
  tx: Sql,
  queue: Queue,
  deliveries: readonly LockedDelivery[],
  now: Date,
): Promise<void> {
  await tx.query(CANCEL, [deliveries.map(({ id }) => id), now]);
  await queue.discard(
    tx,
    deliveries.flatMap(({ jobId }) => jobId ?? []),
  );
  await recordDeliveryChanges(
    tx,
    deliveries.map(({ id, organizationId, targetId, eventId, eventType, status }) => ({
      ...{ organizationId, deliveryId: id, targetId, eventId, eventType },
      ...{ previousStatus: status, status: 'CANCELLED', attemptNumber: null, occurredAt: now },
    })),
  );
}

const CANCEL = `
  update deliveries
     set status = 'CANCELLED', job_id = null, next_attempt_at = null, resume_at = null, held = false, updated_at = $2
   where id = any($1)`;

type Options = {
  readonly database: Database;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly ring: (channel: Channel) => void;
};

type Target = { readonly id: string; readonly organizationId: string };

// Small transactions: a change is final for readers of the stream only when every older transaction has ended.
const BATCH_SIZE = 1_000;

/**
 * Cancels all open deliveries of a target that gets no new ones any more. What is published at the same moment, or left
 * over by a process that died here, is cancelled when its attempt comes up.
 */
export async function cancelOfTarget(options: Options, target: Target): Promise<void> {
  let lastId: string | undefined = '';
  while (lastId !== undefined) {
    lastId = await pastDeadlocks(() => cancelBatch(options, target, lastId!));
    options.ring('changes');
  }
}

/** Returns the id after which the next batch begins; undefined when there is none. */
function cancelBatch({ database, queue, clock }: Options, target: Target, after: string): Promise<string | undefined> {
  return database.transaction(async (tx) => {
    await tx.query(IN_INDEX_ORDER);
    const next = await tx.query<{ id: string }>(NEXT_OPEN, [target.id, after, BATCH_SIZE]);
    const ids = next.rows.map(({ id }) => id);
    const open = await tx.query<LockedDelivery>(LOCK_OPEN, [ids, target.organizationId]);
    if (open.rows.length > 0) await cancelLocked(tx, queue, open.rows, clock.now());
    return ids.at(BATCH_SIZE - 1);
  });
}

const MOST_DEADLOCKS = 10;

/** Workers lock the deliveries they settle in the order of their outcomes: now and then, in a ring with a batch of ours. */
async function pastDeadlocks<T>(work: () => Promise<T>): Promise<T> {
  for (let deadlocks = 0; ; deadlocks++) {
    try {
      return await work();
    } catch (error) {
      if (sqlState(error) !== DEADLOCK || deadlocks === MOST_DEADLOCKS) throw error;
    }
  }
}

// By target, indexed_status and id; those without an indexed_status are above the pending floor
// (pipeline/pending-floor.ts). Starting after the last batch reads no row twice.
const NEXT_OPEN = `
  select id from (
    (select id from deliveries where target_id = $1 and indexed_status = 'PENDING' and id > $2
       order by id nulls first limit $3)
    union all
    (select id from deliveries where target_id = $1 and indexed_status = 'RETRYING' and id > $2
       order by id nulls first limit $3)
    union all
    (select id from deliveries where target_id = $1 and indexed_status is null and status = 'PENDING' and id > $2
       and id >= pending_floor() order by id nulls first limit $3)
  ) as open
  order by id limit $3`;

// What was settled in between is not open any more.
const LOCK_OPEN = `
  select ${LOCKED_DELIVERY}
    from deliveries d
   where d.id = any($1) and d.organization_id = $2 and d.status in ('PENDING', 'RETRYING')
   order by d.id
     for update`;

/**
 * The rows of a delivery, for all code that changes its state: the columns that a change copies, the lock, cancelling, and
 * one more delivery of an event. Deliveries are locked before their jobs, in the order of their ids.
 */
import type { Queue } from '../database/queue.ts';
import type { Sql } from '../database/statement.ts';
import { isOpen, type DeliveryStatus } from '../domain/delivery.ts';
import { dueAtOnce } from '../database/priority.ts';
import { INTO_DELIVERY_CHANGES, recordDeliveryChanges } from './changes/delivery-changes.ts';
import { lockChainsOf } from './order/lock-chains.ts';
import { countQueued, release } from './order/release.ts';

/** A delivery whose row is locked. */
export type LockedDelivery = {
  readonly id: string;
  readonly organizationId: string;
  readonly targetId: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly status: DeliveryStatus;
  readonly jobId: string | null;
  readonly held: boolean;
  /** Whether it was made for a chain. */
  readonly isOrdered: boolean;
};

/** The columns of a LockedDelivery, from the table alias `d`. */
export const LOCKED_DELIVERY = `
  d.id, d.organization_id as "organizationId", d.target_id as "targetId", d.event_id as "eventId",
  d.event_type as "eventType", d.status, d.job_id as "jobId", d.held, d.ordered as "isOrdered"`;

/**
 * Locks and returns the deliveries that are still open: another statement may have ended some since their ids were read. Locks
 * their chains first, so it goes before all writes of its transaction.
 */
export async function lockOpenDeliveries(tx: Sql, ids: readonly string[]): Promise<LockedDelivery[]> {
  await lockChainsOf(tx, ids);
  return (await tx.query<LockedDelivery>(LOCK_OPEN, [ids])).rows;
}

const LOCK_OPEN = `
  select ${LOCKED_DELIVERY}
    from deliveries d
   where d.id = any($1) and d.status in ('PENDING', 'RETRYING')
   order by d.id
     for update`;

/** Whether a delivery `d` is FAILED and holds others up: its target says HOLD. */
export const HOLDS_OTHERS = `(
  d.ordered and d.status = 'FAILED' and exists (select from ordered_deliveries o where o.delivery_id = d.id))`;

type Cancelling = {
  readonly queue: Pick<Queue, 'discard' | 'insertingFrom'>;
  readonly now: Date;
  /** More jobs to remove, besides those of the deliveries. */
  readonly jobIds?: readonly string[];
};

/**
 * Cancels locked deliveries: updates their rows, removes their jobs, and appends one change for each. Their chains must be locked
 * before them: what waited for them alone is released. Returns how many of the released ones have a job: those of a target that is
 * not ACTIVE are held.
 */
export async function cancelLocked(
  tx: Sql,
  deliveries: readonly LockedDelivery[],
  { queue, now, jobIds = [] }: Cancelling,
): Promise<number> {
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
  const ordered = deliveries.filter(({ isOrdered }) => isOrdered);
  const idsOf = (chosen: readonly LockedDelivery[]) => chosen.map(({ id }) => id);
  await lockChainsOf(tx, idsOf(ordered)); // A FAILED one may have come into the chain of a replay since the locks were taken.
  const ended = { ids: idsOf(ordered), heads: idsOf(ordered.filter((delivery) => !isBlocked(delivery))) };
  return countQueued(await release(tx, ended, { queue, now }));
}

/** Whether an ordered delivery waits for others of its chain. */
export const isBlocked = ({ status, jobId, held }: Pick<LockedDelivery, 'status' | 'jobId' | 'held'>): boolean =>
  isOpen(status) && jobId === null && !held;

const CANCEL = `
  update deliveries
     set status = 'CANCELLED', job_id = null, next_attempt_at = null, resume_at = null, held = false, updated_at = $2
   where id = any($1)`;

/** One more delivery of an event that was published before. */
export type AddedDelivery = {
  readonly id: string;
  readonly eventId: string;
  readonly targetId: string;
  /** Null when the target is paused: the delivery is held. */
  readonly jobId: string | null;
};

type Adding = {
  readonly queue: Pick<Queue, 'insertion'>;
  readonly now: Date;
  /** How many attempts the schedule gives to each delivery. */
  readonly maxAttempts: number;
  /** The priority of their jobs; see database/priority.ts. */
  readonly priority: number;
  /** The replay that makes them, and lists them. Default: none. */
  readonly replayId?: string;
};

/** Inserts deliveries with their jobs, due now, and one change for each. The events and the targets must exist until the commit. */
export async function addDeliveries(
  tx: Sql,
  deliveries: readonly AddedDelivery[],
  { queue, now, maxAttempts, priority, replayId }: Adding,
): Promise<void> {
  const column = <T>(read: (delivery: AddedDelivery) => T): T[] => deliveries.map(read);
  const values = [
    column(({ id }) => id),
    column(({ eventId }) => eventId),
    column(({ targetId }) => targetId),
    column(({ jobId }) => jobId),
    maxAttempts,
    now,
    replayId,
  ];
  const startAfter = dueAtOnce(now);
  const jobs = deliveries.flatMap(({ id, jobId }) =>
    jobId === null ? [] : [{ id: jobId, deliveryId: id, startAfter, priority }],
  );
  // Made before: from here on both statements are on their way, and neither is sent when the transaction has ended.
  const insertion = jobs.length > 0 ? [queue.insertion(jobs)] : [];
  await Promise.all(
    [{ name: 'insert_chosen_deliveries', text: ADD, values }, ...insertion].map((statement) => tx.query(statement)),
  );
}

/**
 * Lists new deliveries under the tags of their events: for a statement that has inserted them as `delivery`. `event` is where
 * the events are. An event without tags writes nothing.
 */
export const tagDeliveries = (event: string): string => `
    insert into delivery_tags (organization_id, tag, delivery_id)
    select delivery.organization_id, tag, delivery.id
    from delivery
    join ${event} on event.id = delivery.event_id and event.tags is not null
    cross join unnest(event.tags) as tag`;

const ADD = `
  with delivery as (
    insert into deliveries (id, organization_id, event_id, target_id, event_type, status, max_attempts, next_attempt_at,
      job_id, held, replay_id, created_at, updated_at)
    select new.id, event.organization_id, event.id, new.target_id, event.event_type, 'PENDING', $5::int, $6::timestamptz,
      new.job_id, new.job_id is null, $7, $6, $6
    from unnest($1::text[], $2::text[], $3::text[], $4::uuid[]) as new (id, event_id, target_id, job_id)
    join events event on event.id = new.event_id
    returning id, organization_id, event_id, target_id, event_type, created_at
  ), listed as (
    insert into replay_deliveries (replay_id, delivery_id) select $7, id from delivery where $7::text is not null
  ), tagged as (${tagDeliveries('events event')}
  )
  ${INTO_DELIVERY_CHANGES}
  select organization_id, id, target_id, event_id, event_type, null, 'PENDING', null, created_at from delivery`;

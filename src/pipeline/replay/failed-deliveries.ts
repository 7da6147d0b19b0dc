/**
 * What a replay of mode FAILED looks at, and does: each FAILED delivery gets one more attempt, as by a manual retry. To a target
 * that wants order they go one after another, in a chain of the replay. A delivery that holds others up keeps its own place.
 */
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/client.ts';
import type { Sql } from '../../database/statement.ts';
import type { Queue } from '../../database/queue.ts';
import { firstIdFrom } from '../../domain/ksuid.ts';
import { isOfType, type ReplayScope } from '../../domain/replay/scope.ts';
import { recordDeliveryChanges } from '../../live/changes/delivery-changes.ts';
import { holdOffErasure } from '../../database/hold-off-erasure.ts';
import { retryPriority } from '../../database/priority.ts';
import { replayChainOf, type DeliveryOrdering } from '../../domain/order.ts';
import { queuedBy } from '../../live/order/append.ts';
import { rejoining } from '../../live/order/rejoin.ts';
import { HOLDS_OTHERS, LOCKED_DELIVERY, type LockedDelivery } from '../../live/delivery-rows.ts';
import type { Candidate, Replayed, Window } from './candidate.ts';

type Look = {
  readonly organizationId: string;
  readonly scope: Omit<ReplayScope, 'mode'>;
  /** Only deliveries between these ids. */
  readonly after: string;
  readonly before: string;
  readonly limit: number;
  /** Begins at the end of the range. */
  readonly newestFirst?: boolean;
};

/** Looks at the next FAILED deliveries of the target, or of the organization, in the order in which they were made. */
export async function lookAtFailed(sql: Sql, look: Look): Promise<Window> {
  const { organizationId, scope, after, before, limit, newestFirst = false } = look;
  const { targetId, from, until, eventTypes, customerId } = scope;
  // No delivery is made before its event.
  const start = firstIdFrom(from);
  const { rows } = await sql.query<FailedRow>({
    name: `find_${newestFirst ? 'newest_' : ''}failed_of_${targetId === null ? 'organization' : 'target'}`,
    text: failedOf(
      targetId === null ? 'organization_id' : 'target_id',
      newestFirst ? 'desc nulls last' : 'nulls first',
    ),
    values: [targetId ?? organizationId, after > start ? after : start, before, limit],
  });
  const isWanted = ({ publishedAt, eventType, customerId: customer }: FailedRow): boolean =>
    publishedAt >= from &&
    publishedAt < until &&
    isOfType(eventTypes, eventType) &&
    (customerId === null || customerId === customer);
  const candidates = rows.map((row): Candidate => {
    const { id, publishedAt } = row;
    return { id, publishedAt, verdict: !isWanted(row) ? 'pass' : row.isErased ? 'skip' : 'replay' };
  });
  const isFull = rows.length === limit;
  return { candidates, isFull, isLast: !isFull };
}

type FailedRow = {
  readonly id: string;
  readonly publishedAt: Date;
  readonly eventType: string;
  readonly customerId: string | null;
  readonly isErased: boolean;
};

const failedOf = (owner: 'organization_id' | 'target_id', order: string): string => `
  select d.id, d.event_type as "eventType", coalesce(e.created_at, d.created_at) as "publishedAt",
    e.customer_id as "customerId", e.erased_at is not null as "isErased"
  from (
    select id, event_id, event_type, created_at from deliveries
    where ${owner} = $1 and indexed_status = 'FAILED' and id > $2 and id < $3
    order by id ${order} limit $4
  ) d
  left join events e on e.id = d.event_id
  order by d.id ${order}`;

type Retrying = {
  readonly database: Pick<Database, 'connector'>;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly now: Date;
};

/**
 * Retries those of the deliveries that are still FAILED, if their target is ACTIVE and their event is not erased, and says
 * how many. Their attempts come after everything fresh, in their turn among the retries. The lock of the replay must be held.
 */
export async function retryFailed(
  tx: Sql,
  replayId: string,
  ids: readonly string[],
  { database, queue, clock, now }: Retrying,
): Promise<Replayed> {
  const { rows: failed } = await tx.query<FailedEvent>({ name: 'find_failed_events', text: EVENTS_OF, values: [ids] });
  const erased = await holdOffErasure(
    tx,
    failed.map(({ eventId }) => eventId),
  );
  const chosen = failed.flatMap(({ id, eventId }) => (erased.has(eventId) ? [] : id));
  const { rows: locked } = await tx.query<LockedFailed>({ name: 'lock_failed', text: LOCK_FAILED, values: [chosen] });
  // A statement of its own: it sees what became of them until their rows were locked.
  const { rows: holding } = await tx.query<{ id: string }>({
    name: 'find_failed_in_chains',
    text: IN_CHAINS,
    values: [locked.map(({ id }) => id)],
  });
  const inChains = new Set(holding.map(({ id }) => id));
  const placed = locked.map((delivery) => {
    const { id, ordering, orderingKey } = delivery;
    const chain = inChains.has(id)
      ? null
      : replayChainOf(database.connector.schema, { id: replayId }, ordering, orderingKey);
    return { ...delivery, chain, jobId: clock.uuid() };
  });
  const chained = placed.flatMap(({ chain, ...delivery }) => (chain ? [{ ...delivery, chain }] : []));
  const others = placed.filter(({ chain }) => chain === null);
  const rejoined =
    chained.length > 0
      ? [await tx.query(rejoining(chained, { queue, now, priority: retryPriority(now), replayId }))]
      : [];
  if (others.length > 0) await retryAtOnce(tx, replayId, others, { queue, now });
  return { made: locked.length, queued: queuedBy(rejoined) + others.length };
}

/** Retries locked deliveries that wait for no other. */
async function retryAtOnce(
  tx: Sql,
  replayId: string,
  locked: readonly (LockedDelivery & { readonly jobId: string })[],
  { queue, now }: Pick<Retrying, 'queue' | 'now'>,
): Promise<void> {
  const jobs = locked.map(({ id, jobId }) => ({ id: jobId, deliveryId: id, startAfter: now }));
  const deliveryIds = locked.map(({ id }) => id);
  await tx.query({
    name: 'renew_failed',
    text: RETRY,
    values: [deliveryIds, jobs.map(({ id }) => id), now, replayId],
  });
  await queue.insert(tx, jobs);
  await recordDeliveryChanges(
    tx,
    locked.map(({ id, organizationId, targetId, eventId, eventType }) => ({
      organizationId,
      deliveryId: id,
      targetId,
      eventId,
      eventType,
      previousStatus: 'FAILED',
      status: 'RETRYING',
      attemptNumber: null,
      occurredAt: now,
    })),
  );
}

type LockedFailed = LockedDelivery & {
  readonly ordering: DeliveryOrdering;
  readonly orderingKey: string | null;
};

type FailedEvent = { readonly id: string; readonly eventId: string };

const EVENTS_OF = 'select id, event_id as "eventId" from deliveries where id = any($1)';

// Locks the target's row too: if the target were deleted before the commit, its deletion would miss the delivery.
const LOCK_FAILED = `
  select ${LOCKED_DELIVERY}, t.ordering,
         case when t.ordering = 'KEY' then (select ordering_key from events where id = d.event_id) end as "orderingKey"
    from deliveries d join webhook_targets t on t.id = d.target_id
   where d.id = any($1) and d.status = 'FAILED' and t.status = 'ACTIVE' and t.deleted_at is null
   order by d.id
     for update of d for share of t`;

/** Those that hold others up. */
const IN_CHAINS = `select d.id from deliveries d where d.id = any($1) and ${HOLDS_OTHERS}`;

const RETRY = `
  with retried as (
    update deliveries d
       set status = 'RETRYING', next_trigger = 'MANUAL', next_attempt_at = $3, resume_at = null, job_id = new.job_id,
           held = false, updated_at = $3
      from unnest($1::text[], $2::uuid[]) as new (id, job_id)
     where d.id = new.id
    returning d.id
  )
  insert into replay_deliveries (replay_id, delivery_id) select $4, id from retried on conflict do nothing`;

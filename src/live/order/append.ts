/**
 * Appends new deliveries to the ends of their chains. The first delivery of an empty chain is its head: it has a job, or is held
 * where its target is paused. The others wait, with neither: no claim, no lane and no sweep sees them.
 */
import type { QueryResult } from 'pg';
import { dueAtOnce } from '../../database/priority.ts';
import type { Queue } from '../../database/queue.ts';
import type { Statement } from '../../database/statement.ts';
import type { Chain } from '../../domain/order.ts';
import { INTO_DELIVERY_CHANGES } from '../changes/delivery-changes.ts';
import { tagDeliveries } from '../delivery-rows.ts';

/** A delivery of an event that was published before it, or by the same transaction. */
export type ChainedDelivery = {
  readonly id: string;
  readonly eventId: string;
  readonly targetId: string;
  /** Its job if it is the head; null when the target is paused. */
  readonly jobId: string | null;
  /** The priority of that job; see database/priority.ts. */
  readonly priority: number;
  readonly chain: Chain;
};

type Appending = {
  readonly queue: Pick<Queue, 'insertingFrom'>;
  readonly now: Date;
  /** How many attempts the schedule gives to each delivery. */
  readonly maxAttempts: number;
  /** The replay that makes them, and lists them. Default: none. */
  readonly replayId?: string;
};

/**
 * The statement that inserts the deliveries in this order, with one change for each. The locks of their chains must be held. Its
 * result says how many of them are queued: `queuedBy`.
 */
export function appending(deliveries: readonly ChainedDelivery[], options: Appending): Statement {
  const { queue, now, maxAttempts, replayId = null } = options;
  const column = <T>(read: (delivery: ChainedDelivery) => T): T[] => deliveries.map(read);
  return {
    name: 'insert_ordered_deliveries',
    text: append(queue),
    values: [
      column(({ id }) => id),
      column(({ eventId }) => eventId),
      column(({ targetId }) => targetId),
      column(({ jobId }) => jobId),
      column(({ priority }) => priority),
      column(({ chain }) => chain.chain),
      column(({ chain }) => chain.lock),
      maxAttempts,
      now,
      dueAtOnce(now),
      replayId,
    ],
  };
}

/**
 * The parts of a statement that put deliveries at the ends of their chains. `asked`: their source, with id, target_id, chain,
 * lock_number and ordinal. `new` has these columns, and is_head.
 */
// The chain is looked at from its end: at its beginning lie the rows of those that have left, until the next vacuum.
export const takingPlaces = (asked: string): string => `
  new as materialized (
    select asked.*,
      row_number() over (partition by target_id, chain order by ordinal) = 1 and not exists (
        select from (
          select o.place from ordered_deliveries o where o.target_id = asked.target_id and o.chain = asked.chain
          order by o.place desc limit 1
        ) as last
      ) as is_head
    from ${asked}
  ), place as (
    insert into ordered_deliveries (delivery_id, target_id, chain, lock_number)
    select id, target_id, chain, lock_number from new order by ordinal
  )`;

/** What such a statement shows of the deliveries that it has put into chains. */
export const QUEUED_COUNT = 'count(job_id)::int as "queuedInChains"';

/**
 * How many deliveries such statements have queued,
 * among the results of a transaction. The others wait for the ones before them.
 */
export const queuedBy = (results: readonly QueryResult[]): number =>
  results.reduce((sum, { rows }) => sum + (rows[0]?.queuedInChains ?? 0), 0);

const ASKED = `
      unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::int[], $6::bigint[], $7::bigint[])
      with ordinality as asked (id, event_id, target_id, job_id, priority, chain, lock_number, ordinal)`;

// A delivery that waits is marked as released: so it has its status in an index from the start (upkeep/pending-floor.ts).
const append = (queue: Pick<Queue, 'insertingFrom'>): string => `
  with ${takingPlaces(ASKED)}, delivery as (
    insert into deliveries (id, organization_id, event_id, target_id, event_type, status, max_attempts, next_attempt_at,
      job_id, held, released, ordered, replay_id, created_at, updated_at)
    select new.id, event.organization_id, event.id, new.target_id, event.event_type, 'PENDING', $8::int,
      case when is_head then $9::timestamptz end, case when is_head then new.job_id end, is_head and new.job_id is null,
      not is_head, true, $11::text, $9::timestamptz, $9::timestamptz
    from new join events event on event.id = new.event_id
    order by new.ordinal
    returning id, organization_id, event_id, target_id, event_type, created_at, job_id
  ), listed as (
    insert into replay_deliveries (replay_id, delivery_id) select $11, id from delivery where $11::text is not null
  ), tagged as (${tagDeliveries('events event')}
  ), job as (
    ${queue.insertingFrom(
      `select delivery.job_id, delivery.id, new.priority, $10::timestamptz from delivery join new on new.id = delivery.id
       where delivery.job_id is not null`,
      false,
    )}
  ), change as (
    ${INTO_DELIVERY_CHANGES}
    select organization_id, id, target_id, event_id, event_type, null, 'PENDING', null, created_at from delivery
  )
  select ${QUEUED_COUNT} from delivery`;

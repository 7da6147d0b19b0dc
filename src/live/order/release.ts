/**
 * Release: in the transaction that ends the head of a chain, the next delivery becomes the head.
 *
 *     delivery ends ──▶ leaves its chain ──was the head──▶ the next one gets a job, or is held where its target is not ACTIVE
 *
 * A delivery has ended when it is DELIVERED or CANCELLED, or FAILED where the target says SKIP. A FAILED one of a target that
 * says HOLD keeps its place. A release is one change: the status as before, and no attempt.
 */
import { dueAtOnce, freshPriority, retryPriority, TAKEN_PRIORITY } from '../../database/priority.ts';
import type { Queue } from '../../database/queue.ts';
import type { Sql, Statement } from '../../database/statement.ts';
import { INTO_DELIVERY_CHANGES } from '../changes/delivery-changes.ts';

/** A delivery that is a head now. `jobId` is null when it is held, because its target is not ACTIVE. */
export type Released = { readonly deliveryId: string; readonly jobId: string | null };

type Ended = {
  /** Deliveries that may have ended in this transaction; those that have not are passed over. */
  readonly ids: readonly string[];
  /** Those of them that were the heads of their chains. */
  readonly heads: readonly string[];
};

type Releasing = {
  readonly queue: Pick<Queue, 'insertingFrom'>;
  readonly now: Date;
};

/** The statement that releases the next ones. Its rows are Released. The locks of the chains must be held. */
export const releasing = ({ ids, heads }: Ended, options: Releasing): Statement => ({
  name: 'release_deliveries',
  text: releaseText(options.queue, GONE, QUEUED),
  values: [ids, heads, ...valuesOf(options)],
});

/** What a statement shows of deliveries `d` and their targets `t`, and of what it joins to them. */
type Shown = { readonly columns: string; readonly join: string };

/** The same, with jobs that are claimed for this process. `claim`: what the claim needs, with the columns of Released. */
export const releasingClaimed = ({ ids, heads }: Ended, claim: Shown, options: Releasing): Statement => ({
  name: 'release_claimed_deliveries',
  text: releaseText(options.queue, GONE, { areClaimed: true, shown: claim }),
  values: [ids, heads, options.now, dueAtOnce(options.now), TAKEN_PRIORITY, TAKEN_PRIORITY],
});

/**
 * The statement that takes what has ended from the beginning of a chain, and releases the first that is left, unless it is a head
 * already. For a chain that lost its head.
 */
export const mending = (
  chain: { readonly targetId: string; readonly chain: string },
  options: Releasing,
): Statement => ({
  name: 'release_lost_deliveries',
  text: releaseText(options.queue, LOST, QUEUED),
  values: [chain.targetId, chain.chain, ...valuesOf(options)],
});

const valuesOf = ({ now }: Releasing): unknown[] => [now, dueAtOnce(now), freshPriority(now), retryPriority(now)];

/** How many of them are sent now. */
export const countQueued = (released: readonly Released[]): number =>
  released.filter(({ jobId }) => jobId !== null).length;

/** Releases the next ones; returns those that were released. */
export async function release(tx: Sql, ended: Ended, options: Releasing): Promise<Released[]> {
  if (ended.ids.length === 0) return [];
  return (await tx.query<Released>(releasing(ended, options))).rows;
}

/** Whether a delivery `d` of a target `t` has left its chain by right. */
export const HAS_ENDED = `(
    d.status in ('DELIVERED', 'CANCELLED') or d.status = 'FAILED' and (t.after_failure = 'SKIP' or t.deleted_at is not null))`;

const GONE = `
  gone as (
    delete from ordered_deliveries o using deliveries d, webhook_targets t
    where o.delivery_id = any($1::text[]) and d.id = o.delivery_id and t.id = o.target_id and ${HAS_ENDED}
    returning o.delivery_id, o.target_id, o.chain, o.place
  ), freed as (
    select target_id, chain, min(place) as place from gone where delivery_id = any($2::text[]) group by target_id, chain
  )`;

/** How many deliveries that ended in their places one statement takes from a chain. */
const MOST_LOST = 1_000;

const LOST = `
  gone as (
    delete from ordered_deliveries o
    where o.target_id = $1::text and o.chain = $2::bigint
      and o.place = any(array(
        select place from ordered_deliveries where target_id = $1::text and chain = $2::bigint order by place limit ${MOST_LOST}))
      and not exists (
        select from deliveries d join webhook_targets t on t.id = d.target_id where d.id = o.delivery_id and not ${HAS_ENDED})
    returning o.delivery_id
  ), freed as (select $1::text as target_id, $2::bigint as chain, 0::bigint as place)`;

/** How jobs are inserted, and what the statement shows of released deliveries. */
type Sending = { readonly areClaimed: boolean; readonly shown: Shown };

const QUEUED: Sending = {
  areClaimed: false,
  shown: { columns: 'd.id as "deliveryId", d.job_id as "jobId"', join: '' },
};

/** `gone`: the parts that say which deliveries left their chains, and after which place each chain goes on. */
const releaseText = (queue: Pick<Queue, 'insertingFrom'>, gone: string, { areClaimed, shown }: Sending): string => `
  with ${gone}, next as materialized (
    select n.delivery_id, t.status = 'ACTIVE' and t.deleted_at is null as is_active
    from freed f
    join webhook_targets t on t.id = f.target_id
    cross join lateral (
      select o.delivery_id from ordered_deliveries o
      where o.target_id = f.target_id and o.chain = f.chain and o.place > f.place
        and not exists (select from gone g where g.delivery_id = o.delivery_id)
      order by o.place limit 1
    ) as n
  ), released as (
    update deliveries d
    set job_id = case when next.is_active then gen_random_uuid() end, held = not next.is_active, next_attempt_at = $3::timestamptz,
      updated_at = $3::timestamptz
    from next
    where d.id = any(array(select delivery_id from next)) and d.id = next.delivery_id
      and d.status in ('PENDING', 'RETRYING') and d.job_id is null and not d.held
    returning d.*
  ), change as (
    ${INTO_DELIVERY_CHANGES}
    select organization_id, id, target_id, event_id, event_type, status, status, null, $3::timestamptz from released order by id
  ), job as (
    ${queue.insertingFrom(
      `select job_id, id, case when status = 'PENDING' and replay_id is null then $5::int else $6::int end, $4::timestamptz
       from released
       where job_id is not null`,
      areClaimed,
    )}
  )
  select ${shown.columns} from released d join webhook_targets t on t.id = d.target_id ${shown.join}`;

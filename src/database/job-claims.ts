/**
 * Statements on claimed jobs that pg-boss lacks, and the insertion of jobs.
 *
 *     created ──claim──▶ active ──removal──▶ (none)
 *        ▲                │  │
 *        └── giving back ─┘  └─ no touch for a heartbeat ─▶ retry ──rescue──▶ retry, ahead of all others
 *
 * A job that is given back was not begun, so it takes its old turn. Only a job in state `retry` was interrupted. A worker
 * that is killed leaves those that it had begun and those that waited in its memory alike: nobody can tell them apart
 * without a write for each start, so both are rescued.
 *
 * Each claim of a job has its own retry_count, and every statement here names it: a stale claim changes nothing.
 */
import { RESCUED_PRIORITY, retryPriority, TAKEN_PRIORITY } from './priority.ts';
import type { Job, NewJob } from './job.ts';
import type { Statement } from './statement.ts';

/** After so many claims a job takes its turn again: it may be what kills its workers. */
const MOST_RESCUES = 10;

const pairs = (jobs: readonly Job[]): string[] => jobs.map(({ id, retryCount }) => `${id}:${retryCount}`);
const ids = (jobs: readonly Job[]): string[] => jobs.map(({ id }) => id);

/** How often a job was given back; those claims of it were not interrupted. */
const GIVEN_BACK = `coalesce((data ->> 'givenBack')::int, 0)`;
const CLAIMED = `
  name = $1 and id = any($2::uuid[]) and state = 'active' and (id::text || ':' || retry_count::text) = any($3::text[])`;

/**
 * Inserts jobs, and claims those of them that are due: as if they were inserted and claimed one after the other, but each
 * row is written once, and none enters the index of jobs that wait. Returns the ids of those that are claimed.
 */
export const insertingClaimed = (schema: string, queue: string, jobs: readonly NewJob[]): Statement => ({
  name: 'insert_claimed_jobs',
  text: insertion(schema, true),
  values: valuesOf(queue, jobs),
});

/**
 * Inserts jobs as pg-boss does. Its own statement reads them from JSON and looks for a conflict of each: nearly twice the work
 * for PostgreSQL (67 us a job and 35).
 */
export const insertingQueued = (schema: string, queue: string, jobs: readonly NewJob[]): Statement => ({
  name: 'insert_queued_jobs',
  text: insertion(schema, false),
  values: valuesOf(queue, jobs),
});

const NEW_JOBS = 'select * from unnest($2::uuid[], $3::text[], $4::int[], $5::timestamptz[])';

const insertion = (schema: string, areClaimed: boolean): string => `
    with inserted as (${insertingFrom(schema, '$1', NEW_JOBS, areClaimed)})
    select id from inserted where state = 'active'`;

const valuesOf = (queue: string, jobs: readonly NewJob[]): unknown[] => [
  queue,
  jobs.map(({ id }) => id),
  jobs.map(({ deliveryId }) => deliveryId),
  jobs.map(({ priority, startAfter }) => priority ?? retryPriority(startAfter)),
  jobs.map(({ startAfter }) => startAfter),
];

/**
 * The SQL that inserts a job for each row of `source`: id, delivery, priority, date. `areClaimed`: those that are due are inserted
 * as claimed. `queue`: SQL for its name.
 */
export const insertingFrom = (schema: string, queue: string, source: string, areClaimed: boolean): string => `
      insert into ${schema}.job_common (id, name, data, priority, state, start_after, created_on, started_on, heartbeat_on,
        keep_until, expire_seconds, deletion_seconds, retry_limit, retry_delay, retry_backoff, retry_delay_max, policy,
        heartbeat_seconds)
      select new.id, q.name, jsonb_build_object('deliveryId', new.delivery_id), new.priority,
        (case when is_claimed then 'active' else 'created' end)::${schema}.job_state, new.start_after, now,
        case when is_claimed then now end, case when is_claimed then now end,
        new.start_after + q.retention_seconds * interval '1 s', q.expire_seconds, q.deletion_seconds, q.retry_limit,
        q.retry_delay, q.retry_backoff, q.retry_delay_max, q.policy, q.heartbeat_seconds
      from (${source}) as new (id, delivery_id, priority, start_after)
      join ${schema}.queue q on q.name = ${queue}
      cross join lateral (select ${schema}.job_now() as now) as clock
      cross join lateral (select ${areClaimed ? 'new.start_after <= now' : 'false'} as is_claimed) as claiming
      returning id, state`;

/** Skips locked jobs: they are being removed or given back, and waiting for them has ended in deadlocks. */
export const touching = (schema: string, queue: string, jobs: readonly Job[]): Statement => ({
  name: 'touch_jobs',
  text: `
    update ${schema}.job_common set heartbeat_on = ${schema}.job_now()
    where name = $1 and id = any(array(
      select id from ${schema}.job_common where ${CLAIMED} for no key update skip locked))`,
  values: [queue, ids(jobs), pairs(jobs)],
});

/**
 * Gives claimed jobs back. A job that was claimed by the transaction that inserted it had its priority for that claim only:
 * `priority` replaces it. Before `startAfter` nobody may claim the job; by then it is a retry like any other.
 */
export const givingBack = (
  schema: string,
  queue: string,
  jobs: readonly Job[],
  { priority, startAfter }: { readonly priority?: number; readonly startAfter?: Date },
): Statement => ({
  name: 'give_back_jobs',
  text: `
    update ${schema}.job_common
    set state = 'created', heartbeat_on = null, start_after = coalesce($5::timestamptz, start_after),
      data = data || jsonb_build_object('givenBack', ${GIVEN_BACK} + 1),
      priority = case when $5::timestamptz is not null or priority = ${TAKEN_PRIORITY} then $4::int else priority end
    where ${CLAIMED}`,
  values: [queue, ids(jobs), pairs(jobs), startAfter ? retryPriority(startAfter) : priority, startAfter],
});

export const rescuing = (schema: string, queue: string): Statement => ({
  name: 'rescue_jobs',
  text: `
    update ${schema}.job_common set priority = $2
    where name = $1 and id = any(array(
      select id from ${schema}.job_common
      where state = 'retry' and priority < $2 and retry_count - ${GIVEN_BACK} < $3 for no key update skip locked))`,
  values: [queue, RESCUED_PRIORITY, MOST_RESCUES],
});

/**
 * Statements on claimed jobs that pg-boss lacks.
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
import type { Job } from './job.ts';
import type { Statement } from './statement.ts';

/** After so many claims a job takes its turn again: it may be what kills its workers. */
const MOST_RESCUES = 10;

const pairs = (jobs: readonly Job[]): string[] => jobs.map(({ id, retryCount }) => `${id}:${retryCount}`);
const ids = (jobs: readonly Job[]): string[] => jobs.map(({ id }) => id);

/** How often a job was given back; those claims of it were not interrupted. */
const GIVEN_BACK = `coalesce((data ->> 'givenBack')::int, 0)`;
const CLAIMED = `
  name = $1 and id = any($2::uuid[]) and state = 'active' and (id::text || ':' || retry_count::text) = any($3::text[])`;

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

/**
 * Holds deliveries: they wait without a job, because their target is paused, disabled, deferred or takes no more at
 * present. So a backlog of any length does not slow the claims down. `take` gives held deliveries jobs again, oldest
 * first, and claims these in the same transaction: so they come to the worker that has room for them, and not to a worker
 * that would hold them again.
 */
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/client.ts';
import { LOCK_NOT_AVAILABLE } from '../../database/sql-state.ts';
import { IN_INDEX_ORDER, BY_JOB_ID, sqlState } from '../../database/statement.ts';
import { dueAtOnce } from '../../database/priority.ts';
import type { Job } from '../../database/job.ts';
import type { Queue } from '../../database/queue.ts';
import type { TargetLimits, TargetStatus } from '../../domain/targets/target.ts';
import { cancelLocked, lockOpenDeliveries } from '../../live/delivery-rows.ts';
import { cancelNextOf } from '../../live/open-deliveries.ts';
import { limitingWaits } from '../../live/order/lock-chains.ts';

/**
 * Asks for up to `room` held deliveries of a target, if it is active and not deferred; when its deferral is over, for
 * one, as a probe.
 */
export type Wanted = { readonly targetId: string; readonly room: number };

/** A target with held deliveries, and whether it can take them now. */
export type HeldTarget = TargetLimits & {
  readonly targetId: string;
  readonly status: TargetStatus;
  readonly deleted: boolean;
};

/** What keeps requests from a target: its deferral, and its limits as they are now. */
export type Restraint = TargetLimits & { readonly isDeferred: boolean };

export type Taken = {
  readonly jobs: Job[];
  /** The jobs that are sent to a deferred target to test whether it answers again. */
  readonly probes: ReadonlySet<Job>;
  /** How many deliveries were taken, in the order of `wanted`. */
  readonly found: number[];
};

export type Holder = {
  /** Takes the deliveries of claimed jobs out of the queue, until `take` brings them back. */
  hold(jobs: readonly Job[]): Promise<void>;
  /** Claims held deliveries; a delivery that is not due yet is only queued. */
  take(wanted: readonly Wanted[]): Promise<Taken>;
  /** Removes jobs that are not their delivery's next attempt any more. */
  drop(jobs: readonly Job[]): Promise<void>;
  /**
   * Cancels deliveries of deleted targets and erased events, and removes their claimed jobs. Returns how many deliveries have a
   * job now, which waited for them in their chains. While another session holds a lock that it needs it does nothing: nobody
   * touches the jobs, so they are claimed again later.
   */
  cancel(deliveryIds: readonly string[], jobs: readonly Job[]): Promise<number>;
  /** Returns the targets that have held deliveries, without deferred targets. */
  held(): Promise<HeldTarget[]>;
  /** Returns those of the targets that are deferred, or have limits of their own. */
  restrained(targetIds: readonly string[]): Promise<Map<string, Restraint>>;
  /**
   * Cancels the next open deliveries of a deleted target (live/open-deliveries.ts): not only those that are held, because what
   * waits for them in their chains would be released one by one. Does nothing while another session holds a lock that it needs.
   */
  cancelNextOf(targetId: string): Promise<void>;
};

type Options = {
  readonly database: Database;
  readonly queue: Queue;
  readonly clock: Clock;
  /** The longest time that an attempt can take. */
  readonly timeoutMs: number;
};

/** A probe that is not settled this long after its timeout counts as lost, and another probe is sent. */
const PROBE_GRACE_MS = 5_000;
/** Claims and sweeps of all organizations wait while one of them cancels. */
const LOCK_WAIT_MS = 250;

export function createHolder({ database, queue, clock, timeoutMs }: Options): Holder {
  return {
    async hold(jobs) {
      const values = [jobs.map(({ deliveryId }) => deliveryId), jobs.map(({ id }) => id)];
      await database.transact([{ name: 'hold_deliveries', text: HOLD, values }, BY_JOB_ID, await queue.removal(jobs)]);
    },
    take: (wanted) =>
      database.transaction(async (tx) => {
        const now = clock.now();
        const probedUntil = new Date(now.getTime() + timeoutMs + PROBE_GRACE_MS);
        const values = [wanted.map(({ targetId }) => targetId), wanted.map(({ room }) => room), now, probedUntil];
        const [, { rows }] = await Promise.all([
          tx.query(IN_INDEX_ORDER),
          tx.query<TakenRow>({ name: 'take_held_deliveries', text: TAKE, values }),
        ]);
        const jobs = await queue.insertClaimed(
          tx,
          rows.map(({ id, jobId, dueAt, isDated }) => {
            return { id: jobId, deliveryId: id, startAfter: isDated ? dueAt : dueAtOnce(dueAt) };
          }),
        );
        const countOf = (id: string) => rows.filter(({ targetId }) => targetId === id).length;
        const probing = new Set(rows.flatMap(({ id, isProbe }) => (isProbe ? id : [])));
        const probes = new Set(jobs.filter(({ deliveryId }) => probing.has(deliveryId)));
        return { jobs, probes, found: wanted.map(({ targetId }) => countOf(targetId)) };
      }),
    async drop(jobs) {
      await database.transact([BY_JOB_ID, await queue.removal(jobs)]);
    },
    cancel: (deliveryIds, jobs) =>
      database
        .transaction(async (tx) => {
          await tx.query(limitingWaits(LOCK_WAIT_MS));
          const open = await lockOpenDeliveries(tx, deliveryIds);
          return cancelLocked(tx, open, { queue, now: clock.now(), jobIds: jobs.map(({ id }) => id) });
        })
        .catch(unlessBusy(0)),
    async held() {
      return (await database.pool.query({ name: 'find_held_targets', text: HELD_TARGETS, values: [clock.now()] })).rows;
    },
    async restrained(targetIds) {
      const values = [targetIds, clock.now()];
      const { rows } = await database.pool.query({ name: 'find_restrained_targets', text: RESTRAINED_TARGETS, values });
      return new Map(rows.map(({ id, ...restraint }) => [id, restraint]));
    },
    async cancelNextOf(targetId) {
      await cancelNextOf({ database, queue, clock, lockWaitMs: LOCK_WAIT_MS }, targetId, '').catch(
        unlessBusy(undefined),
      );
    },
  };
}

/** Returns a function that returns `value` instead of failing because others hold a lock. */
const unlessBusy =
  <T>(value: T) =>
  (error: unknown): T => {
    if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error;
    return value;
  };

// Holds nothing for a job that is not the delivery's any more, because a person retried it meanwhile.
const HOLD = `
  update deliveries d set held = true, job_id = null
  from unnest($1::text[], $2::uuid[]) as claimed (delivery_id, job_id)
  where d.id = claimed.delivery_id and d.job_id = claimed.job_id`;

type TakenRow = {
  readonly id: string;
  readonly targetId: string;
  readonly jobId: string;
  readonly dueAt: Date;
  /** True for a retry of the schedule, which must not be made before `dueAt`. */
  readonly isDated: boolean;
  readonly isProbe: boolean;
};

// The worker that moves the end of a past deferral sends the probe: a worker that asks at the same time finds it moved.
const TAKE = `
  with probed as (
    update webhook_targets t set deferred_until = $4::timestamptz
    where t.id = any($1::text[]) and t.deferred_until <= $3::timestamptz and t.status = 'ACTIVE' and t.deleted_at is null
      and exists (select from deliveries d where d.target_id = t.id and d.held and d.next_attempt_at <= $3::timestamptz)
    returning t.id
  )
  update deliveries d set held = false, released = true, job_id = gen_random_uuid()
  from (
    select waiting.id, probed.id is not null as is_probe
    from unnest($1::text[], $2::int[]) as wanted (target_id, room)
    join webhook_targets t on t.id = wanted.target_id and t.status = 'ACTIVE' and t.deleted_at is null
    left join probed on probed.id = t.id
    cross join lateral (
      select d.id from deliveries d
      where d.target_id = wanted.target_id and d.held and (probed.id is null or d.next_attempt_at <= $3::timestamptz)
      order by d.id
      limit case when t.deferred_until is null then wanted.room when probed.id is null then 0 else 1 end
      for update skip locked
    ) as waiting
  ) as taken
  where d.id = taken.id
  returning d.id, d.target_id as "targetId", d.job_id as "jobId", d.next_attempt_at as "dueAt",
    d.attempt_count > 0 and d.next_trigger = 'SCHEDULE' as "isDated", taken.is_probe as "isProbe"`;

// Jumps from target to target in the index of held deliveries, so a backlog of any length costs one step.
const HELD_TARGETS = `
  with recursive held as (
    (select target_id from deliveries where held order by target_id limit 1)
    union all
    select (select d.target_id from deliveries d where d.held and d.target_id > held.target_id order by d.target_id limit 1)
    from held where held.target_id is not null
  )
  select t.id as "targetId", t.status, t.deleted_at is not null as deleted, t.max_concurrency as "maxConcurrency",
    t.rate_limit_per_second as "rateLimitPerSecond"
  from held join webhook_targets t on t.id = held.target_id
  where t.deferred_until is null or t.deferred_until <= $1::timestamptz or t.deleted_at is not null`;

const RESTRAINED_TARGETS = `
  select id, coalesce(deferred_until > $2, false) as "isDeferred", max_concurrency as "maxConcurrency",
    rate_limit_per_second as "rateLimitPerSecond"
  from webhook_targets
  where id = any($1) and (deferred_until > $2 or max_concurrency is not null or rate_limit_per_second is not null)`;

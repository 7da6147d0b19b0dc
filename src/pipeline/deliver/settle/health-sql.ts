/**
 * SQL that updates the health of targets by their settled attempts. It is part of the statement that settles them, and
 * follows a part `moved` whose rows are the attempts.
 *
 * The attempts of a target count in the order in which they are settled. Its row in target_health is locked until the
 * commit, so the batches of all workers follow each other. Within a batch, attempts count in the order in which they
 * ended.
 *
 *     success     the run of failures is over: failure_count 0, failing_since null
 *     failure     failure_count + 1; failing_since is when the first failure of the run ended
 *     either      last_success_at, last_failure_at (with its reason) and last_attempt_at only move forward
 *     PROXY_ERROR only last_attempt_at: the service failed, not the target
 *
 * So the result is the same as for one attempt after another, however they were batched.
 *
 * Then an ACTIVE target becomes DISABLED, with the reason and one change, if it answered an attempt with 410 Gone (RFC
 * 9110, 15.5.11: "likely to be permanent"), or if it has failed for long:
 *
 *     failure_count >= DISABLE_AFTER_FAILURES, and
 *     last_failure_at - the later of failing_since and last_success_at >= DISABLE_AFTER
 *
 * The time counts from the first failure too, not only from the last success: a target that got nothing for a week did
 * not fail for a week.
 *
 * The same statement finds out what the service has to tell of its targets by events of its own (tell-of-targets.ts):
 *
 *     target.failing        failure_count has reached half of DISABLE_AFTER_FAILURES, in a run of which it was not told yet,
 *                           unless the target is DISABLED: it is past failing, and attempts under way end after that
 *     target.recovered      a success after target.failing
 *     target.disabled       the change above
 *     delivery.exhausted    a delivery is FAILED, with the count since the last such event
 *
 * The first and the last are told at most once an hour for each target. Attempts on deliveries of service events count for the
 * health, and cause none of these but target.disabled, which a target causes once. When something is to be told, and the
 * transaction was not made to tell, it ends with UNTOLD: settle.ts makes it again.
 *
 * Rows of target_health are locked in the order of their ids, so that two workers never deadlock, and before the row in
 * webhook_targets (manage/targets.ts does the same).
 */
import { ERASED_ERROR } from '../../../domain/erasure.ts';
import type { IdGenerator } from '../../../domain/ksuid.ts';

const ENDED_AT = `started_at + duration_ms * interval '1 ms'`;

const LOCKED = `
  locked as materialized (
    select target_id, failure_count, failing_since, is_told_failing, told_failing_at, exhausted_count, told_exhausted_at
    from target_health where target_id = any(array(select target_id from news)) order by target_id
    for update
  )`;

/** SQLSTATE of a transaction that was not made to tell, and has something to tell (migration 20261129050000). */
export const UNTOLD = 'HC001';

/** The SQL for a batch without failures. */
export const RECORD_SUCCESSES = `
  news as (
    select target_id, max(${ENDED_AT}) as last_success_at, max(started_at) as last_attempt_at
    from moved group by target_id
  ), ${LOCKED}, health as (
    update target_health h
    set failure_count = 0, failing_since = null, last_success_at = greatest(h.last_success_at, news.last_success_at),
      last_attempt_at = greatest(h.last_attempt_at, news.last_attempt_at)
    from news join locked using (target_id)
    where h.target_id = news.target_id
  )`;

/** A column of its result, always null: a success after target.failing raises UNTOLD. `types`: the place of `serviceTypes`. */
export const raiseRecovered = (types: string): string => `
  case when exists (
    select from locked where is_told_failing and exists (
      select from moved where moved.target_id = locked.target_id and event_type <> all(${types}::text[]))
  ) then raise_untold() end as told`;

/**
 * The places of the statement's parameters: the time; the settings of the rule; two arrays, with the id of each target that
 * has a failed attempt, and the id that its row of the audit log would get (see `auditIds`); the types of service events, null
 * when nothing is told; after how many failures a target is failing; and whether the transaction was made to tell.
 */
type Places = {
  readonly now: string;
  readonly disableAfterMs: string;
  readonly disableAfterFailures: string;
  readonly failedTargets: string;
  readonly auditIds: string;
  readonly serviceTypes: string;
  readonly failingAfter: string;
  readonly isTelling: string;
};

/** Returns the values of `failedTargets` and `auditIds`. Only a failed attempt disables its target. */
export function auditIds(failedTargets: readonly string[], ids: IdGenerator): [string[], string[]] {
  const targetIds = [...new Set(failedTargets)];
  return [targetIds, targetIds.map(() => ids.next())];
}

/**
 * Returns the SQL for any batch. The disabled targets are in its part `disabled`, and what is to be told in `told`. The row of
 * the audit log (manage/audit.ts) looks like that of an update to DISABLED, with the service as the actor.
 */
export const recordOutcomes = (places: Places): string => `
  ranked as (
    select target_id, ordinal, outcome, response_status, error, started_at, status, ${ENDED_AT} as ended_at,
      event_type <> all(${places.serviceTypes}::text[]) as is_told,
      outcome not in ('DELIVERED', 'PROXY_ERROR') as is_failure,
      max(ordinal) filter (where outcome = 'DELIVERED') over (partition by target_id) as last_success
    from moved
  ), news as (
    select target_id, last_success is not null as succeeded,
      count(*) filter (where is_failure and ordinal > coalesce(last_success, 0))::int as failures,
      min(ended_at) filter (where is_failure and ordinal > coalesce(last_success, 0)) as failing_since,
      max(ended_at) filter (where outcome = 'DELIVERED') as last_success_at,
      max(ended_at) filter (where is_failure) as last_failure_at,
      (array_agg(error order by ended_at desc, ordinal desc) filter (where is_failure))[1]
        as last_failure_reason,
      max(started_at) as last_attempt_at, bool_or(response_status = 410) is true as is_gone,
      bool_or(is_told and outcome = 'DELIVERED') is true as has_told_success,
      bool_or(is_told and is_failure) is true as has_told_failure,
      count(*) filter (where is_told and is_failure and status = 'FAILED')::int as exhausted
    from ranked group by target_id, last_success
  ), ${LOCKED}, judged as (
    select news.*, run.failure_count, locked.failing_since as failed_since,
      locked.exhausted_count + news.exhausted as exhausted_since,
      has_told_failure and not is_told_failing and t.status <> 'DISABLED'
        and run.failure_count >= ${places.failingAfter}::int
        and coalesce(told_failing_at <= ${hourBefore(places.now)}, true) as tells_failing,
      has_told_success and is_told_failing as tells_recovered,
      exhausted > 0 and coalesce(told_exhausted_at <= ${hourBefore(places.now)}, true) as tells_exhausted
    from news join locked using (target_id) join webhook_targets t on t.id = target_id
    cross join lateral (
      select failures + case when succeeded then 0 else locked.failure_count end as failure_count) as run
  ), health as (
    update target_health h
    set failure_count = news.failure_count,
      failing_since = case when news.succeeded then news.failing_since else least(h.failing_since, news.failing_since) end,
      last_success_at = greatest(h.last_success_at, news.last_success_at),
      last_failure_at = greatest(h.last_failure_at, news.last_failure_at),
      last_failure_reason = case when h.last_failure_at > news.last_failure_at then h.last_failure_reason
        else coalesce(news.last_failure_reason, h.last_failure_reason) end,
      last_attempt_at = greatest(h.last_attempt_at, news.last_attempt_at),
      is_told_failing = (h.is_told_failing or tells_failing) and not tells_recovered,
      told_failing_at = case when tells_failing then ${places.now}::timestamptz else h.told_failing_at end,
      exhausted_count = case when tells_exhausted then 0 else exhausted_since end,
      told_exhausted_at = case when tells_exhausted then ${places.now}::timestamptz else h.told_exhausted_at end
    from judged news
    where h.target_id = news.target_id
    returning h.*, is_gone, failures > 0 as is_failing, failed_since, exhausted_since, tells_failing,
      tells_recovered, tells_exhausted
  ), ${disable(places)}, ${toTell(places)}`;

const hourBefore = (now: string): string => `${now}::timestamptz - interval '1 hour'`;

const disable = ({ now, disableAfterMs, disableAfterFailures, failedTargets, auditIds }: Places): string => `
  disabled as (
    update webhook_targets t
    set status = 'DISABLED', updated_at = ${now}::timestamptz, disabled_reason = case
      when health.is_gone then 'The target answered 410 Gone, which asks for no more requests.'
      else format('%s attempts in a row failed since %s, the last one with: %s', health.failure_count,
        to_char(health.failing_since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), ${LAST_ERROR})
      end || ' Once the target receives again, set its status to ACTIVE. '
        || 'A replay of mode MISSED then sends what was published meanwhile.'
    from health
    where t.id = health.target_id and t.status = 'ACTIVE' and t.deleted_at is null
      and (health.is_gone or health.is_failing and health.failure_count >= ${disableAfterFailures}::int
        and health.last_failure_at - greatest(health.failing_since, health.last_success_at)
          >= ${disableAfterMs}::float8 * interval '1 ms')
    returning t.id, t.organization_id, t.disabled_reason
  ), disabling as (
    insert into target_changes (organization_id, target_id, previous_status, status, reason, occurred_at)
    select organization_id, id, 'ACTIVE', 'DISABLED', disabled_reason, ${now}::timestamptz from disabled order by id
  ), audited as (
    insert into audit_log (id, organization_id, at, actor, operation, subject_type, subject_id, before, after)
    select entry.id, organization_id, ${now}::timestamptz, 'SERVICE', 'disableFailingTarget', 'WebhookTarget', disabled.id,
      '{"status":"ACTIVE","disabledReason":null}'::json,
      json_build_object('status', 'DISABLED', 'disabledReason', disabled_reason)
    from disabled
    join unnest(${failedTargets}::text[], ${auditIds}::text[]) as entry (target_id, id) on entry.target_id = disabled.id
  )`;

/** Null where the event of the last failure was erased while it was sent. */
const LAST_ERROR = `coalesce(health.last_failure_reason, '${ERASED_ERROR}')`;

const toTell = ({ serviceTypes }: Places): string => `
  told as (
    select target_id as "targetId", failure_count as "failureCount", coalesce(failing_since, failed_since) as "failingSince",
      replace(disabled_reason, ', the last one with: ' || ${LAST_ERROR}, '.') as "disabledReason", tells_failing as "isFailing", tells_recovered as "isRecovered",
      case when tells_exhausted then exhausted_since end as exhausted
    from health left join disabled on disabled.id = target_id and ${serviceTypes}::text[] is not null
    where tells_failing or tells_recovered or tells_exhausted or disabled.id is not null
    order by target_id
  )`;

/**
 * Two columns of the statement's result: the ids of the targets that were disabled, and what is to be told of targets. Both
 * are null when there is nothing, as nearly always.
 */
export const consequences = ({ isTelling }: Pick<Places, 'isTelling'>): string => `
  (select array_agg(id) from disabled) as "disabledTargets",
  case when exists (select from told) then
    case when ${isTelling}::bool then (select json_agg(told) from told) else raise_untold() end
  end as told`;

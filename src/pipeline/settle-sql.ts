/**
 * The settle statement. Parallel arrays come in, one element per verdict; the ids of the deliveries that moved come out.
 * Rows of target_health are locked in the order of their ids, so that two workers never wait for each other in a ring.
 */
export const SETTLE = `
  with verdict as (
    select *
    from unnest($1::text[], $2::int[], $3::uuid[], $4::delivery_status[], $5::delivery_status[], $6::int[],
        $7::timestamptz[], $8::uuid[], $9::attempt_trigger[], $10::attempt_outcome[], $11::int[], $12::text[], $13::text[],
        $14::bool[], $15::text[], $16::int[], $17::timestamptz[], $18::bool[])
      with ordinality as v (delivery_id, number, job_id, previous_status, status, schedule_step, next_attempt_at,
        next_job_id, trigger, outcome, response_status, response_headers, response_body, response_body_truncated, error,
        duration_ms, started_at, resent, ordinal)
  ), moved as (
    update deliveries d
    set status = v.status, attempt_count = v.number, schedule_step = v.schedule_step, next_trigger = 'SCHEDULE',
      next_attempt_at = v.next_attempt_at, resume_at = null, job_id = v.next_job_id, last_attempt_at = v.started_at,
      delivered_at = case when v.status = 'DELIVERED' then $19::timestamptz end, updated_at = $19::timestamptz
    from verdict v
    where d.id = any($1::text[]) and d.id = v.delivery_id and d.job_id = v.job_id and d.attempt_count = v.number - 1
      and d.status = v.previous_status
    returning d.id, d.organization_id, d.target_id, d.event_id, d.event_type, v.*
  ), attempt as (
    insert into delivery_attempts (delivery_id, number, trigger, outcome, response_status, response_headers, response_body,
      response_body_truncated, error, duration_ms, started_at, resent)
    select delivery_id, number, trigger, outcome, response_status, response_headers, response_body,
      response_body_truncated, error, duration_ms, started_at, resent
    from moved
  ), change as (
    insert into delivery_changes (organization_id, delivery_id, target_id, event_id, event_type, previous_status, status,
      attempt_number, occurred_at)
    select organization_id, delivery_id, target_id, event_id, event_type, previous_status, status, number, $19::timestamptz
    from moved order by ordinal
  ), ranked as (
    select *, max(ordinal) filter (where outcome = 'DELIVERED') over (partition by target_id) as last_success
    from moved
  ), news as (
    select target_id, last_success is not null as succeeded,
      count(*) filter (where outcome <> 'DELIVERED' and ordinal > coalesce(last_success, 0)) as failures,
      max(started_at + duration_ms * interval '1 ms') filter (where outcome = 'DELIVERED') as last_success_at,
      max(started_at + duration_ms * interval '1 ms') filter (where outcome <> 'DELIVERED') as last_failure_at,
      (array_agg(error order by ordinal desc) filter (where outcome <> 'DELIVERED'))[1] as last_failure_reason,
      max(started_at) as last_attempt_at
    from ranked group by target_id, last_success
  ), locked as materialized (
    select target_id from target_health where target_id in (select target_id from news) order by target_id for update
  ), health as (
    update target_health h
    set failure_count = news.failures + case when news.succeeded then 0 else h.failure_count end,
      last_success_at = greatest(h.last_success_at, news.last_success_at),
      last_failure_at = greatest(h.last_failure_at, news.last_failure_at),
      last_failure_reason = coalesce(news.last_failure_reason, h.last_failure_reason),
      last_attempt_at = greatest(h.last_attempt_at, news.last_attempt_at)
    from news join locked using (target_id)
    where h.target_id = news.target_id
  )
  select id from moved`;

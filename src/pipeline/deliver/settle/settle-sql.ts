/**
 * The settle statement. Parallel arrays come in, one element per verdict; the ids of the deliveries that moved come out.
 * Nearly every batch of healthy targets has no failure, and then needs less SQL.
 */
import { INTO_ATTEMPT_CHANGES } from '../../../live/changes/delivery-changes.ts';
import { consequences, raiseRecovered, recordOutcomes, RECORD_SUCCESSES } from './health-sql.ts';

const MOVE = `
  with verdict as (
    select *
    from unnest($1::text[], $2::int[], $3::uuid[], $4::delivery_status[], $5::delivery_status[], $6::int[],
        $7::timestamptz[], $8::uuid[], $9::attempt_trigger[], $10::attempt_outcome[], $11::int[], $12::text[], $13::text[],
        $14::bool[], $15::text[], $16::int[], $17::timestamptz[], $18::bool[], $20::int[], $21::text[])
      with ordinality as v (delivery_id, number, job_id, previous_status, status, schedule_step, next_attempt_at,
        next_job_id, trigger, outcome, response_status, response_headers, response_body, response_body_truncated, error,
        duration_ms, started_at, resent, latency_ms, request, ordinal)
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
      response_body_truncated, error, duration_ms, started_at, resent, request)
    select delivery_id, number, trigger, outcome, response_status, response_headers, response_body,
      response_body_truncated, error, duration_ms, started_at, resent, request
    from moved
  ), change as (
    ${INTO_ATTEMPT_CHANGES}
    select organization_id, delivery_id, target_id, event_id, event_type, previous_status, status, number, $19::timestamptz,
      trigger, outcome, duration_ms, latency_ms, response_status
    from moved order by ordinal
  )`;

/** The statement for verdicts that are all successes. It has one more parameter: the types of service events, or null. */
export const SETTLE_SUCCESSES = `${MOVE}, ${RECORD_SUCCESSES}
  select id, ${raiseRecovered('$22')} from moved`;

const PLACES = {
  now: '$19',
  disableAfterMs: '$22',
  disableAfterFailures: '$23',
  failedTargets: '$24',
  auditIds: '$25',
  serviceTypes: '$26',
  failingAfter: '$27',
  isTelling: '$28',
};

/** The statement for any verdicts. It has seven more parameters, which `Places` describes. */
export const SETTLE_OUTCOMES = `${MOVE},
  ${recordOutcomes(PLACES)}
  select id, ${consequences(PLACES)} from moved`;

/** The rows that claims are made of, and how they are read. */
import type { DeliveryStatus, Progress } from '../../domain/delivery.ts';
import type { TargetLimits } from '../../domain/targets/target.ts';

export type ClaimedRow = TargetLimits & {
  deliveryId: string;
  organizationId: string;
  targetId: string;
  eventId: string;
  eventType: string;
  createdAt: Date;
  status: DeliveryStatus;
  isOrdered: boolean;
  attemptCount: number;
  scheduleStep: number;
  maxAttempts: number;
  trigger: Progress['trigger'];
  resumeAt: Date | null;
  jobId: string | null;
  targetStatus: string;
  targetDeleted: boolean;
  deferredUntil: Date | null;
};

/** A delivery that was released a moment ago. `body`: null when it is too long to be read ahead. */
export type SuccessorRow = ClaimedRow & {
  readonly bodyBytes: number;
  readonly body: string | null;
  readonly traceparent: string | null;
};

/** Bytes of bodies that a claim reads ahead, into the cache. Larger ones are read when their attempts begin. */
export const READ_AHEAD_BYTES = 2 * 1_024 * 1_024;

/** The columns of a ClaimedRow, of a delivery `d` and its target `t`. */
export const CLAIMED = `
  d.id as "deliveryId", d.organization_id as "organizationId", d.target_id as "targetId", d.event_id as "eventId",
    d.event_type as "eventType", d.created_at as "createdAt", d.status, d.ordered as "isOrdered", d.attempt_count as "attemptCount", d.schedule_step as "scheduleStep",
    d.max_attempts as "maxAttempts", d.next_trigger as trigger, d.resume_at as "resumeAt", d.job_id as "jobId",
    t.max_concurrency as "maxConcurrency", t.rate_limit_per_second as "rateLimitPerSecond",
    t.status as "targetStatus", t.deleted_at is not null as "targetDeleted", t.deferred_until as "deferredUntil"`;

export const DELIVERIES = `
  select ${CLAIMED}
  from deliveries d join webhook_targets t on t.id = d.target_id
  where d.id = any($1)`;

// A body that is too long is not read from the TOAST table: its length is known without.
export const BODIES = `
  select id, octet_length(body) as bytes,
    case when sum(octet_length(body)) over (order by octet_length(body), id) <= $2::bigint then body end as body
  from events where id = any($1)`;

export const TRACEPARENTS = 'select id, traceparent from events where id = any($1) and traceparent is not null';

export const BODY = 'select body from events where id = $1';

export const STILL_DUE = `
  select from deliveries d join webhook_targets t on t.id = d.target_id
   where d.id = $1 and d.job_id = $2 and t.deleted_at is null`;

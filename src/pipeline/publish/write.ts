/** Writes the rows of a publish: events and deliveries, with their changes, and jobs, as statements of one transaction. */
import type { Statement } from '../../database/statement.ts';
import { dueAtOnce } from '../../database/priority.ts';
import type { Queue } from '../../database/queue.ts';
import { INTO_DELIVERY_CHANGES } from '../../live/delivery-changes.ts';
import { INTO_EVENT_CHANGES } from '../../live/event-changes.ts';

export type NewEvent = {
  readonly id: string;
  readonly organizationId: string;
  readonly eventType: string;
  readonly customerId: string | null;
  readonly idempotencyKey: string | null;
  readonly body: string;
  readonly createdAt: Date;
};

export type NewDelivery = {
  readonly id: string;
  readonly eventId: string;
  readonly targetId: string;
  /** Null when the target is paused: the delivery is held. */
  readonly jobId: string | null;
  /** Whether the worker of this process sends it: its job is inserted as a claimed one. */
  readonly isTaken: boolean;
  readonly dueAt: Date;
  /** The priority of the job; see database/priority.ts. */
  readonly priority: number;
};

/**
 * A statement that writes only to PostgreSQL's log (WAL). Its COMMIT waits for the disk and the standby, and so for all
 * commits before it. A repeat needs it: the commit of the event that it repeats may never have been confirmed.
 */
export const CONFIRM: Statement = {
  name: 'confirm_commits',
  text: `select pg_logical_emit_message(true, 'hookcast', 'confirm')`,
  values: [],
};

/** What one transaction publishes. */
type NewRows = { readonly events: readonly NewEvent[]; readonly deliveries: readonly NewDelivery[] };

/** Returns the statements. `maxAttempts`: how many attempts the schedule gives to each delivery. */
export async function publicationStatements(
  { events, deliveries }: NewRows,
  maxAttempts: number,
  queue: Queue,
): Promise<Statement[]> {
  const jobsOf = (chosen: readonly NewDelivery[]) =>
    chosen.flatMap(({ id, jobId, dueAt, priority }) =>
      jobId === null ? [] : [{ id: jobId, deliveryId: id, startAfter: dueAtOnce(dueAt), priority }],
    );
  const taken = jobsOf(deliveries.filter(({ isTaken }) => isTaken));
  const queued = jobsOf(deliveries.filter(({ isTaken }) => !isTaken));
  const rows: Statement = {
    name: 'insert_events',
    text: PUBLISH,
    values: [
      events.map((event) => event.id),
      events.map((event) => event.organizationId),
      events.map((event) => event.eventType),
      events.map((event) => event.customerId),
      events.map((event) => event.idempotencyKey),
      events.map((event) => event.body),
      events.map((event) => event.createdAt),
      deliveries.map((delivery) => delivery.id),
      deliveries.map((delivery) => delivery.eventId),
      deliveries.map((delivery) => delivery.targetId),
      deliveries.map((delivery) => delivery.jobId),
      maxAttempts,
    ],
  };
  return [
    rows,
    ...(taken.length > 0 ? [queue.insertionClaimed(taken)] : []),
    ...(queued.length > 0 ? [await queue.insertion(queued)] : []),
  ];
}

// One statement, so that deliveries and changes can copy values from the event.
const PUBLISH = `
  with event as (
    insert into events (id, organization_id, event_type, customer_id, idempotency_key, body, created_at)
    select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
    returning id, organization_id, event_type, customer_id, created_at
  ), published as (${INTO_EVENT_CHANGES}
    select organization_id, id, event_type, customer_id, created_at from event
  ), delivery as (
    insert into deliveries (id, organization_id, event_id, target_id, event_type, status, max_attempts, next_attempt_at,
      job_id, held, created_at, updated_at)
    select new.id, event.organization_id, event.id, new.target_id, event.event_type, 'PENDING', $12::int, event.created_at,
      new.job_id, new.job_id is null, event.created_at, event.created_at
    from unnest($8::text[], $9::text[], $10::text[], $11::uuid[]) as new (id, event_id, target_id, job_id)
    join event on event.id = new.event_id
    returning id, organization_id, event_id, target_id, event_type, created_at
  )
  ${INTO_DELIVERY_CHANGES}
  select organization_id, id, target_id, event_id, event_type, null, 'PENDING', null, created_at from delivery`;

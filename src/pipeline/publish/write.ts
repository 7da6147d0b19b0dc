/** Writes the rows of a publish: events and deliveries, with their changes, and jobs, as statements of one transaction. */
import type { Statement } from '../../database/statement.ts';
import type { Statements } from '../../database/transaction.ts';
import { dueAtOnce } from '../../database/priority.ts';
import type { Queue } from '../../database/queue.ts';
import { INTO_DELIVERY_CHANGES } from '../../live/changes/delivery-changes.ts';
import { INTO_EVENT_CHANGES } from '../../live/changes/event-changes.ts';

export type NewEvent = {
  readonly id: string;
  readonly organizationId: string;
  readonly eventType: string;
  readonly customerId: string | null;
  readonly idempotencyKey: string | null;
  readonly body: string;
  readonly createdAt: Date;
  /** How many subscribed targets do not get it because of their filters; null: none. */
  readonly filteredCount: number | null;
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

type WriteOptions = {
  /** How many attempts the schedule gives to each delivery. */
  readonly maxAttempts: number;
  readonly queue: Pick<Queue, 'insertion' | 'insertionClaimed'>;
  /** Statements that follow in the same transaction. */
  readonly more?: readonly Statement[];
};

/** With more deliveries, the transaction is made and sent in pieces. */
const MOST_AT_ONCE = 1_000;
/** Deliveries of a piece: three milliseconds of the event loop. */
const PIECE_DELIVERIES = 1_000;

/** Returns the statements of the transaction. */
export async function publicationStatements(
  { events, deliveries }: NewRows,
  options: WriteOptions,
): Promise<Statements> {
  const { maxAttempts, more = [] } = options;
  if (deliveries.length <= MOST_AT_ONCE) {
    return [insertEvents(events, deliveries, maxAttempts), ...(await insertJobs(deliveries, options)), ...more];
  }
  return {
    async *[Symbol.asyncIterator]() {
      yield [insertEvents(events, [], maxAttempts)];
      for (let start = 0; start < deliveries.length; start += PIECE_DELIVERIES) {
        const piece = deliveries.slice(start, start + PIECE_DELIVERIES);
        const rows = { name: 'insert_deliveries', text: DELIVERIES, values: [...columnsOf(piece), maxAttempts] };
        yield [rows, ...(await insertJobs(piece, options))];
      }
      yield more;
    },
  };
}

async function insertJobs(deliveries: readonly NewDelivery[], { queue }: WriteOptions): Promise<Statement[]> {
  const jobsOf = (chosen: readonly NewDelivery[]) =>
    chosen.flatMap(({ id, jobId, dueAt, priority }) =>
      jobId === null ? [] : [{ id: jobId, deliveryId: id, startAfter: dueAtOnce(dueAt), priority }],
    );
  const taken = jobsOf(deliveries.filter(({ isTaken }) => isTaken));
  const queued = jobsOf(deliveries.filter(({ isTaken }) => !isTaken));
  return [
    ...(taken.length > 0 ? [queue.insertionClaimed(taken)] : []),
    ...(queued.length > 0 ? [await queue.insertion(queued)] : []),
  ];
}

const columnsOf = (deliveries: readonly NewDelivery[]): unknown[][] => [
  deliveries.map((delivery) => delivery.id),
  deliveries.map((delivery) => delivery.eventId),
  deliveries.map((delivery) => delivery.targetId),
  deliveries.map((delivery) => delivery.jobId),
];

function insertEvents(events: readonly NewEvent[], deliveries: readonly NewDelivery[], maxAttempts: number): Statement {
  return {
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
      events.map((event) => event.filteredCount),
      ...columnsOf(deliveries),
      maxAttempts,
    ],
  };
}

/** The places of its parameters: those of `columnsOf`, and the number of attempts. `event`: where the events are. */
const insertDeliveries = (event: string, [id, eventId, targetId, jobId, maxAttempts]: readonly string[]): string => `
    insert into deliveries (id, organization_id, event_id, target_id, event_type, status, max_attempts, next_attempt_at,
      job_id, held, created_at, updated_at)
    select new.id, event.organization_id, event.id, new.target_id, event.event_type, 'PENDING', ${maxAttempts}::int,
      event.created_at, new.job_id, new.job_id is null, event.created_at, event.created_at
    from unnest(${id}::text[], ${eventId}::text[], ${targetId}::text[], ${jobId}::uuid[])
      as new (id, event_id, target_id, job_id)
    join ${event} on event.id = new.event_id
    returning id, organization_id, event_id, target_id, event_type, created_at`;

const FIRST_CHANGES = `
  ${INTO_DELIVERY_CHANGES}
  select organization_id, id, target_id, event_id, event_type, null, 'PENDING', null, created_at from delivery`;

// One statement, so that deliveries and changes can copy values from the event.
const PUBLISH = `
  with event as (
    insert into events (id, organization_id, event_type, customer_id, idempotency_key, body, created_at, filtered_count)
    select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::int[])
    returning id, organization_id, event_type, customer_id, created_at
  ), published as (${INTO_EVENT_CHANGES}
    select organization_id, id, event_type, customer_id, created_at from event
  ), delivery as (${insertDeliveries('event', ['$9', '$10', '$11', '$12', '$13'])}
  )${FIRST_CHANGES}`;

// For events that the same transaction has inserted.
const DELIVERIES = `
  with delivery as (${insertDeliveries('events event', ['$1', '$2', '$3', '$4', '$5'])}
  )${FIRST_CHANGES}`;

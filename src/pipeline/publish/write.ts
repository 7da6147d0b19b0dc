/** Writes the rows of a publish: events and deliveries, with their changes, and jobs, as statements of one transaction. */
import type { Statement } from '../../database/statement.ts';
import type { Statements } from '../../database/transaction.ts';
import { dueAtOnce } from '../../database/priority.ts';
import type { Queue } from '../../database/queue.ts';
import { INTO_DELIVERY_CHANGES } from '../../live/changes/delivery-changes.ts';
import { INTO_EVENT_CHANGES } from '../../live/changes/event-changes.ts';
import { tagDeliveries } from '../../live/delivery-rows.ts';
import type { Chain } from '../../domain/order.ts';
import { appending, type ChainedDelivery } from '../../live/order/append.ts';

export type NewEvent = {
  readonly id: string;
  readonly organizationId: string;
  readonly eventType: string;
  readonly customerId: string | null;
  readonly idempotencyKey: string | null;
  readonly orderingKey: string | null;
  readonly body: string;
  readonly createdAt: Date;
  /** How many subscribed targets do not get it because of their filters; null: none. */
  readonly filteredCount: number | null;
  /** Default: none. */
  readonly tags?: readonly string[];
  /** The trace context of the publish. Default: none. */
  readonly traceparent?: string | null;
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
  /** The chain that it is appended to; null: it waits for no other. */
  readonly chain: Chain | null;
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
  readonly queue: Pick<Queue, 'insertion' | 'insertionClaimed' | 'insertingFrom'>;
  /** Statements that go before all others of the transaction. Default: none. */
  readonly before?: readonly Statement[];
  /** Called between pieces. Default: the next one waits only for the answer to the one before. */
  readonly turn?: () => Promise<unknown>;
  /** Statements that follow in the same transaction. */
  readonly more?: readonly Statement[];
};

/** With more deliveries, the transaction is made and sent in pieces. */
const MOST_AT_ONCE = 1_000;
/** Deliveries of a piece: three milliseconds of the event loop. */
const PIECE_DELIVERIES = 1_000;

/** Returns the statements of the transaction. */
export async function publicationStatements(
  { events, deliveries: all }: NewRows,
  options: WriteOptions,
): Promise<Statements> {
  const { maxAttempts, before = [], more = [], turn } = options;
  const isTagged = events.some(hasTags);
  const chained = all.filter(isChained);
  const deliveries = chained.length > 0 ? all.filter((delivery) => !isChained(delivery)) : all;
  if (all.length <= MOST_AT_ONCE) {
    const rest = [...appendChained(events, chained, options), ...(await insertJobs(deliveries, options)), ...more];
    return [...before, insertEvents(events, deliveries, maxAttempts), ...rest];
  }
  return {
    async *[Symbol.asyncIterator]() {
      yield [...before, insertEvents(events, [], maxAttempts)];
      for (let start = 0; start < chained.length; start += PIECE_DELIVERIES) {
        yield appendChained(events, chained.slice(start, start + PIECE_DELIVERIES), options);
      }
      for (let start = 0; start < deliveries.length; start += PIECE_DELIVERIES) {
        const piece = deliveries.slice(start, start + PIECE_DELIVERIES);
        const [name, text] = isTagged
          ? ['insert_tagged_deliveries', TAGGED_DELIVERIES]
          : ['insert_deliveries', DELIVERIES];
        const rows = { name, text, values: [...columnsOf(piece), maxAttempts] };
        yield [rows, ...(await insertJobs(piece, options))];
        if (start + PIECE_DELIVERIES < deliveries.length) await turn?.();
      }
      yield more;
    },
  };
}

const isChained = (delivery: NewDelivery): delivery is NewDelivery & ChainedDelivery => delivery.chain !== null;

/** All events of a transaction have one date. */
function appendChained(
  [event]: readonly NewEvent[],
  deliveries: readonly ChainedDelivery[],
  { maxAttempts, queue }: WriteOptions,
): Statement[] {
  return event && deliveries.length > 0 ? [appending(deliveries, { queue, now: event.createdAt, maxAttempts })] : [];
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
    ...(queued.length > 0 ? [queue.insertion(queued)] : []),
  ];
}

const columnsOf = (deliveries: readonly NewDelivery[]): unknown[][] => [
  deliveries.map((delivery) => delivery.id),
  deliveries.map((delivery) => delivery.eventId),
  deliveries.map((delivery) => delivery.targetId),
  deliveries.map((delivery) => delivery.jobId),
];

const hasTags = ({ tags }: NewEvent): boolean => tags !== undefined && tags.length > 0;

/** Events without tags, ordering keys and traces have a statement of their own: they pay for none of these. */
function insertEvents(events: readonly NewEvent[], deliveries: readonly NewDelivery[], maxAttempts: number): Statement {
  const values = [
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
  ];
  const isTagged = events.some(hasTags);
  const isKeyed = events.some(({ orderingKey }) => orderingKey !== null);
  const isTraced = events.some(({ traceparent }) => traceparent != null);
  if (isTagged) values.push(events.map((event) => (hasTags(event) ? toArrayText(event.tags!) : null)));
  if (isKeyed) values.push(events.map(({ orderingKey }) => orderingKey));
  if (isTraced) values.push(events.map(({ traceparent }) => traceparent ?? null));
  const more = [
    ...(isTagged ? ['tags'] : []),
    ...(isKeyed ? ['ordering_key'] : []),
    ...(isTraced ? ['traceparent'] : []),
  ];
  const [tagged, keyed, traced] = [isTagged ? 'tagged_' : '', isKeyed ? 'keyed_' : '', isTraced ? 'traced_' : ''];
  return { name: `insert_${traced}${keyed}${tagged}events`, text: publishing(more), values };
}

/** A list as PostgreSQL writes it: lists of several lengths do not go together in one parameter. */
const toArrayText = (texts: readonly string[]): string =>
  `{${texts.map((text) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`;

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

const EVENT = 'id, organization_id, event_type, customer_id, idempotency_key, body, created_at, filtered_count';

const NEW_EVENTS =
  '$1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::int[]';

const CHANGES_AND_DELIVERIES = `published as (${INTO_EVENT_CHANGES}
    select organization_id, id, event_type, customer_id, created_at from event
  ), delivery as (${insertDeliveries('event', ['$9', '$10', '$11', '$12', '$13'])}
  )`;

const TAGGED_EVENT = `tagged_event as (
    insert into event_tags (organization_id, tag, id, event_type, customer_id, created_at, tags)
    select organization_id, tag, id, event_type, customer_id, created_at, tags from event cross join unnest(tags) as tag
  ), `;

/** One statement, so that deliveries and changes can copy values from the event. `more`: the columns of its last parameters. */
function publishing(more: readonly string[]): string {
  const isTagged = more.includes('tags');
  const columns = [EVENT, ...more].join(', ');
  const values = [NEW_EVENTS, ...more.map((_, index) => `$${14 + index}::text[]`)].join(', ');
  const read = columns.replace(', tags', ', tags::text[]');
  return `
  with event as (
    insert into events (${columns}) select ${read} from unnest(${values}) as new (${columns})
    returning id, organization_id, event_type, customer_id, created_at${isTagged ? ', tags' : ''}
  ), ${isTagged ? TAGGED_EVENT : ''}${CHANGES_AND_DELIVERIES}${isTagged ? TAGGED_FIRST : ''}${FIRST_CHANGES}`;
}

const TAGGED_FIRST = `, tagged_delivery as (${tagDeliveries('event')}
  )`;

const PIECE = `delivery as (${insertDeliveries('events event', ['$1', '$2', '$3', '$4', '$5'])}
  )`;

// For events that the same transaction has inserted.
const DELIVERIES = `
  with ${PIECE}${FIRST_CHANGES}`;

const TAGGED_DELIVERIES = `
  with ${PIECE}, tagged_delivery as (${tagDeliveries('events event')}
  )${FIRST_CHANGES}`;

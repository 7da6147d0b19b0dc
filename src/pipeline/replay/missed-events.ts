/** What a replay of mode MISSED or ALL looks at: the events that its target would receive today. */
import type { Sql } from '../../database/statement.ts';
import { readBodyValues } from '../../domain/filter/body-values.ts';
import { compileFilter, satisfies } from '../../domain/filter/compile-filter.ts';
import type { PayloadFilter } from '../../domain/filter/payload-filter.ts';
import { endOfIdsBefore, firstIdAt, firstIdFrom } from '../../domain/ksuid.ts';
import { isOfType, type ReplayMode, type ReplayScope } from '../../domain/replay/scope.ts';
import { mayBeCopy, mustBeNamed, organizationToldOf } from '../../domain/event-types/service-event-types.ts';
import { receives } from '../publish/fan-out.ts';
import type { Candidate, Window } from './candidate.ts';

/** A target, as far as it decides what it receives. */
export type ReceivingTarget = {
  readonly id: string;
  readonly organizationId: string;
  readonly global: boolean;
  readonly eventTypes: readonly string[];
  readonly customerIds: readonly string[];
  /** JSON of the filter; null: none. */
  readonly filter: string | null;
};

type Look = {
  readonly scope: Pick<ReplayScope, 'mode' | 'from' | 'until' | 'eventTypes' | 'customerId'>;
  readonly target: ReceivingTarget;
  /** Whether the service publishes events of its own, some of which a target must name. */
  readonly serviceEvents: boolean;
  /** Only events after this id. */
  readonly after: string;
  /** Before this time every event is committed. */
  readonly settledBefore: Date;
  /** Older events may be deleted at any moment. */
  readonly keptFrom: Date;
  readonly limit: number;
  /** How many can be replayed now. Bodies and deliveries are read until one more is found. Default: no limit. */
  readonly enough?: number;
  /** Begins at the end of the range. */
  readonly newestFirst?: boolean;
};

/** Looks at the next events of the organization, oldest first unless told otherwise. */
export async function lookAtEvents(sql: Sql, look: Look): Promise<Window> {
  const { scope, target, after, settledBefore, keptFrom, limit, enough = Infinity, newestFirst = false } = look;
  const from = new Date(Math.max(scope.from.getTime(), keptFrom.getTime()));
  const start = firstIdFrom(from);
  const [end, settledEnd] = [endOfIdsBefore(scope.until), firstIdAt(settledBefore)];
  const { rows } = await sql.query<EventRow>({
    name: newestFirst ? 'find_newest_to_replay' : 'find_events_to_replay',
    text: `${EVENTS_BETWEEN} order by id ${newestFirst ? 'desc nulls last' : 'nulls first'} limit $4`,
    values: [target.organizationId, after > start ? after : start, end < settledEnd ? end : settledEnd, limit],
  });
  const isWanted = (event: EventRow): boolean =>
    !event.isTest &&
    event.createdAt >= from &&
    event.createdAt < scope.until &&
    isOfType(scope.eventTypes, event.eventType) &&
    (scope.customerId === null || scope.customerId === event.customerId) &&
    receives(target, event);
  const candidates: Candidate[] = [];
  for (let [found, part] = [0, FIRST_PART]; candidates.length < rows.length && found <= enough; part *= 2) {
    const some = rows.slice(candidates.length, candidates.length + part);
    const subscribed = some.filter(isWanted);
    const erased = new Set(subscribed.filter(({ isErased }) => isErased).map(({ id }) => id));
    const kept = subscribed.filter(({ isErased }) => !isErased);
    const sendable = look.serviceEvents ? await withoutUnnamed(sql, target, kept) : kept;
    const ids = sendable.map(({ id }) => id);
    const wanted = new Set(await satisfying(sql, target.filter, ids));
    const delivered = await findDelivered(sql, target.id, [...wanted]);
    for (const { id, createdAt } of some) {
      const verdict = erased.has(id) ? 'skip' : wanted.has(id) ? judge(scope.mode, delivered.get(id)) : 'pass';
      if (verdict === 'replay') found++;
      candidates.push({ id, publishedAt: createdAt, verdict });
    }
  }
  const isFull = rows.length === limit || candidates.length < rows.length;
  return { candidates, isFull, isLast: !isFull && settledEnd >= end };
}

type EventRow = {
  readonly id: string;
  readonly eventType: string;
  readonly customerId: string | null;
  readonly createdAt: Date;
  readonly isTest: boolean;
  /** There is nothing to send, and no body to ask a filter about. */
  readonly isErased: boolean;
};

const EVENTS_BETWEEN = `
  select id, event_type as "eventType", customer_id as "customerId", created_at as "createdAt", is_test as "isTest",
    erased_at is not null as "isErased"
  from events where organization_id = $1 and id > $2 and id < $3`;

/** Of so many rows bodies and deliveries are read first; then of twice as many, and so on. */
const FIRST_PART = 50;

/** A body may have 256 KiB. */
const BODIES_AT_ONCE = 50;

/** Leaves out the events of the service that the target would have to name, and does not. */
async function withoutUnnamed(
  sql: Sql,
  target: ReceivingTarget,
  events: readonly EventRow[],
): Promise<readonly EventRow[]> {
  const { organizationId } = target;
  const copies = events.filter(({ eventType }) => mayBeCopy(eventType)).map(({ id }) => id);
  const toldOf = new Map<string, string | undefined>();
  for await (const { id, body } of readBodies(sql, copies)) toldOf.set(id, organizationToldOf(body));
  return events.filter((event) =>
    receives(target, { ...event, mustBeNamed: mustBeNamed({ ...event, organizationId }, toldOf.get(event.id)) }),
  );
}

/** Those of the events whose body satisfies the target's filter. */
async function satisfying(sql: Sql, filterText: string | null, ids: readonly string[]): Promise<readonly string[]> {
  if (filterText === null) return ids;
  const filter = compileFilter(JSON.parse(filterText) as PayloadFilter);
  const found: string[] = [];
  for await (const { id, body } of readBodies(sql, ids)) {
    if (satisfies(filter, await readBodyValues(body))) found.push(id);
  }
  return found;
}

async function* readBodies(sql: Sql, ids: readonly string[]): AsyncGenerator<Body> {
  for (let start = 0; start < ids.length; start += BODIES_AT_ONCE) {
    const values = [ids.slice(start, start + BODIES_AT_ONCE)];
    const { rows } = await sql.query<Body>({ name: 'find_bodies_to_replay', text: BODIES, values });
    yield* rows;
  }
}

type Body = { readonly id: string; readonly body: string };

const BODIES = 'select id, body from events where id = any($1)';

type Delivered = { readonly id: string; readonly isOpen: boolean };

function judge(which: ReplayMode, delivered: Delivered | undefined): Candidate['verdict'] {
  if (!delivered) return 'replay';
  if (which === 'MISSED') return 'pass';
  return delivered.isOpen ? 'skip' : 'replay';
}

/** Those of the events that the target has a delivery of, and whether one of these is open. */
async function findDelivered(sql: Sql, targetId: string, ids: readonly string[]): Promise<Map<string, Delivered>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql.query<Delivered>({ name: 'find_delivered', text: DELIVERED, values: [targetId, ids] });
  return new Map(rows.map((row) => [row.id, row]));
}

const DELIVERED = `
  select asked.id, bool_or(d.status in ('PENDING', 'RETRYING')) as "isOpen"
  from unnest($2::text[]) as asked (id)
  join deliveries d on d.event_id = asked.id and d.target_id = $1
  group by asked.id`;

/** Decides which targets receive an event. It reads the facts for a whole batch of events at once, never per event or target. */
import type { Sql } from '../../database/statement.ts';

export type SubscribedTarget = {
  readonly id: string;
  readonly organizationId: string;
  readonly paused: boolean;
  readonly global: boolean;
  readonly eventTypes: readonly string[];
  readonly customerIds: readonly string[];
};

export type KnownEventType = {
  readonly name: string;
  readonly archived: boolean;
  readonly hasSchema: boolean;
  /** A text that differs after each change. */
  readonly version: string;
};

/** What the database knows about the events of a batch. */
export type FanOutFacts = {
  readonly organizationIds: ReadonlySet<string>;
  readonly eventTypes: ReadonlyMap<string, KnownEventType>;
  /** Names to suggest when an event type of the batch is unknown; empty when all are known. */
  readonly suggestions: readonly string[];
  readonly targets: readonly SubscribedTarget[];
  /** Earlier events by organization and idempotency key; see `idempotencySlot`. */
  readonly eventIdsByKey: ReadonlyMap<string, string>;
};

export type FanOutQuestion = {
  readonly organizationId: string;
  readonly eventType: string;
  readonly idempotencyKey: string | null;
};

export const idempotencySlot = (organizationId: string, key: string): string => `${organizationId} ${key}`;

export async function readFanOutFacts(sql: Sql, questions: readonly FanOutQuestion[]): Promise<FanOutFacts> {
  const organizationIds = [...new Set(questions.map((question) => question.organizationId))];
  const eventTypes = [...new Set(questions.map((question) => question.eventType))];
  const keyed = questions.filter(({ idempotencyKey }) => idempotencyKey !== null);
  const [organizations, types, targets, events] = await Promise.all([
    sql.query({ name: 'find_organizations', text: ORGANIZATIONS, values: [organizationIds] }),
    sql.query({ name: 'find_event_types', text: EVENT_TYPES, values: [eventTypes] }),
    sql.query({ name: 'find_subscribed_targets', text: SUBSCRIBED_TARGETS, values: [organizationIds, eventTypes] }),
    keyed.length === 0
      ? { rows: [] }
      : sql.query({
          name: 'find_keyed_events',
          text: KEYED_EVENTS,
          values: [keyed.map((q) => q.organizationId), keyed.map((q) => q.idempotencyKey)],
        }),
  ]);
  const isOneUnknown = types.rows.length < eventTypes.length;
  return {
    suggestions: isOneUnknown ? await readEventTypeNames(sql) : [],
    organizationIds: new Set(organizations.rows.map(({ id }) => id)),
    eventTypes: new Map(types.rows.map((row) => [row.name, row])),
    targets: targets.rows,
    eventIdsByKey: new Map(events.rows.map((row) => [idempotencySlot(row.organization_id, row.key), row.id])),
  };
}

const ORGANIZATIONS = 'select id from organizations where id = any($1)';

const EVENT_TYPES = `
  select name, archived_at is not null as archived, schema is not null as "hasSchema", updated_at::text as version
  from event_types where name = any($1)`;

const SUBSCRIBED_TARGETS = `
  select id, organization_id as "organizationId", status = 'PAUSED' as paused, global,
    event_types as "eventTypes", customer_ids as "customerIds"
  from webhook_targets
  where organization_id = any($1) and deleted_at is null and status <> 'DISABLED'
    and (global or event_types = '{}' or event_types && $2::text[])
  order by id`;

const KEYED_EVENTS = `
  select e.id, e.organization_id, e.idempotency_key as key
  from unnest($1::text[], $2::text[]) as asked (organization_id, key)
  join events e on e.organization_id = asked.organization_id and e.idempotency_key = asked.key`;

/** Whether a target receives an event. A global target receives all. For the others each list restricts, unless it is empty. */
export function receives(target: SubscribedTarget, event: { eventType: string; customerId: string | null }): boolean {
  if (target.global) return true;
  const byType = target.eventTypes.length === 0 || target.eventTypes.includes(event.eventType);
  const byCustomer =
    target.customerIds.length === 0 || (event.customerId !== null && target.customerIds.includes(event.customerId));
  return byType && byCustomer;
}

/** Reads the event types that can be published, to suggest one for a mistyped name. */
async function readEventTypeNames(sql: Sql): Promise<string[]> {
  const { rows } = await sql.query('select name from event_types where archived_at is null order by name');
  return rows.map(({ name }) => name);
}

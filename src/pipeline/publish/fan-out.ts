/** Decides which targets receive an event. It reads the facts for a whole batch of events at once, never per event or target. */
import type { Database } from '../../database/client.ts';
import type { KeyHash } from '../../database/key-hash.ts';
import type { Sql, Statement } from '../../database/statement.ts';
import {
  takesCustomer,
  takesType,
  type SubscribableEvent,
  type TargetSubscription,
} from '../../domain/targets/subscription.ts';
import { findAddresses, findReceivingTargets, targetsOf, type SubscribedTarget } from './subscribed-targets.ts';

export type KnownEventType = {
  readonly name: string;
  readonly archived: boolean;
  readonly hasSchema: boolean;
  /** A text that differs after each change. */
  readonly version: string;
};

/** What the database knows about the events of a batch. */
export type FanOutFacts = {
  readonly readAt: Date;
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
  readonly customerId: string | null;
  readonly idempotencyKey: string | null;
};

export const idempotencySlot = (organizationId: string, key: string): string => `${organizationId} ${key}`;

type FactsOptions = {
  readonly now: Date;
  /** Reads also where and how to send to the targets. */
  readonly hasAddresses: boolean;
  readonly keyHash: Pick<KeyHash, 'of'>;
  /** Lets others have the event loop, between hundreds of targets. Default: for one turn. */
  readonly turn?: () => Promise<unknown>;
};

export async function readFanOutFacts(
  { pool, readTogether }: Pick<Database, 'pool' | 'readTogether'>,
  questions: readonly FanOutQuestion[],
  { now: readAt, hasAddresses, keyHash, turn }: FactsOptions,
): Promise<FanOutFacts> {
  const organizationIds = [...new Set(questions.map((question) => question.organizationId))];
  const eventTypes = [...new Set(questions.map((question) => question.eventType))];
  const customerIds = [...new Set(questions.flatMap(({ customerId }) => customerId ?? []))];
  const slots = slotsOf(questions, keyHash);
  const [organizations, types, targets, events] = await readTogether([
    { name: 'find_organizations', text: ORGANIZATIONS, values: [organizationIds] },
    { name: 'find_event_types', text: EVENT_TYPES, values: [eventTypes] },
    hasAddresses
      ? findAddresses({ organizationIds, eventTypes, customerIds, readAt })
      : findReceivingTargets(organizationIds, eventTypes, customerIds),
    ...(slots.length > 0 ? [findKeyedEvents(slots)] : []),
  ]);
  const isOneUnknown = types!.rows.length < eventTypes.length;
  return {
    readAt,
    suggestions: isOneUnknown ? await readEventTypeNames(pool) : [],
    organizationIds: new Set(organizations!.rows.map(({ id }) => id)),
    eventTypes: new Map(types!.rows.map((row) => [row.name, row])),
    targets: await targetsOf(targets!.rows, turn),
    eventIdsByKey: new Map((events?.rows ?? []).map(({ place, id }) => [slots[place - 1]!.slot, id])),
  };
}

/** What may stand in an event's row for a slot. */
type StoredSlot = { readonly slot: string; readonly organizationId: string; readonly stored: string };

/** The key itself, and its hash: that stands there once the event is erased. */
const slotsOf = (questions: readonly FanOutQuestion[], keyHash: Pick<KeyHash, 'of'>): StoredSlot[] =>
  questions.flatMap(({ organizationId, idempotencyKey: key }) => {
    if (key === null) return [];
    const slot = idempotencySlot(organizationId, key);
    return [key, keyHash.of(organizationId, key)].map((stored) => ({ slot, organizationId, stored }));
  });

const findKeyedEvents = (slots: readonly StoredSlot[]): Statement => ({
  name: 'find_keyed_events',
  text: KEYED_EVENTS,
  values: [slots.map(({ organizationId }) => organizationId), slots.map(({ stored }) => stored)],
});

const ORGANIZATIONS = 'select id from organizations where id = any($1) and deleted_at is null';

const EVENT_TYPES = `
  select name, archived_at is not null as archived, schema is not null as "hasSchema", updated_at::text as version
  from event_types where name = any($1)`;

const KEYED_EVENTS = `
  select e.id, asked.place::int
  from unnest($1::text[], $2::text[]) with ordinality as asked (organization_id, key, place)
  join events e on e.organization_id = asked.organization_id and e.idempotency_key = asked.key`;

/** Whether a target is subscribed to an event. Its filter is not asked here (filters.ts). */
export const receives = (target: TargetSubscription, event: SubscribableEvent): boolean =>
  takesType(target, event) && takesCustomer(target, event);

/** Reads the event types that can be published, to suggest one for a mistyped name. */
async function readEventTypeNames(sql: Sql): Promise<string[]> {
  const { rows } = await sql.query('select name from event_types where archived_at is null order by name');
  return rows.map(({ name }) => name);
}

/** Decides which targets receive an event. It reads the facts for a whole batch of events at once, never per event or target. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from '../../database/client.ts';
import type { KeyHash } from '../../database/key-hash.ts';
import type { Sql, Statement } from '../../database/statement.ts';
import { patternsOf } from '../../domain/event-types/event-type-pattern.ts';
import type { DeliveryOrdering } from '../../domain/order.ts';
import {
  takesCustomer,
  takesType,
  type SubscribableEvent,
  type TargetSubscription,
} from '../../domain/targets/subscription.ts';
import type { TargetAddress } from '../fresh-deliveries.ts';
import { HEADERS_VERSION } from '../headers-version.ts';

export type SubscribedTarget = {
  readonly id: string;
  readonly organizationId: string;
  readonly paused: boolean;
  readonly global: boolean;
  /** Names and patterns; empty: every type. */
  readonly eventTypes: readonly string[];
  readonly customerIds: readonly string[];
  /** Names the text of its filter (filters.ts); null when it has none. */
  readonly filterVersion: string | null;
  readonly ordering: DeliveryOrdering;
  /** A text that differs after each change of what decides which events it gets; null for the ordering NONE. */
  readonly orderVersion: string | null;
  /** Null when it was not asked for, beyond the first MOST_ADDRESSES, and for targets with limits or a deferral. */
  readonly address: TargetAddress | null;
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
  readonly idempotencyKey: string | null;
};

export const idempotencySlot = (organizationId: string, key: string): string => `${organizationId} ${key}`;

type FactsOptions = {
  readonly now: Date;
  /** Reads also where and how to send to the targets. */
  readonly hasAddresses: boolean;
  readonly keyHash: Pick<KeyHash, 'of'>;
};

export async function readFanOutFacts(
  { pool, readTogether }: Pick<Database, 'pool' | 'readTogether'>,
  questions: readonly FanOutQuestion[],
  { now: readAt, hasAddresses, keyHash }: FactsOptions,
): Promise<FanOutFacts> {
  const organizationIds = [...new Set(questions.map((question) => question.organizationId))];
  const eventTypes = [...new Set(questions.map((question) => question.eventType))];
  const entries = entriesOf(eventTypes);
  const slots = slotsOf(questions, keyHash);
  const [organizations, types, targets, events] = await readTogether([
    { name: 'find_organizations', text: ORGANIZATIONS, values: [organizationIds] },
    { name: 'find_event_types', text: EVENT_TYPES, values: [eventTypes] },
    hasAddresses
      ? { name: 'find_addresses', text: ADDRESSES, values: [organizationIds, entries, readAt] }
      : findSubscribedTargets(organizationIds, entries),
    ...(slots.length > 0 ? [findKeyedEvents(slots)] : []),
  ]);
  const isOneUnknown = types!.rows.length < eventTypes.length;
  return {
    readAt,
    suggestions: isOneUnknown ? await readEventTypeNames(pool) : [],
    organizationIds: new Set(organizations!.rows.map(({ id }) => id)),
    eventTypes: new Map(types!.rows.map((row) => [row.name, row])),
    targets: await targetsOf(targets!.rows),
    eventIdsByKey: new Map((events?.rows ?? []).map(({ place, id }) => [slots[place - 1]!.slot, id])),
  };
}

/** An event asks with its name and with all its patterns: one overlap of two lists finds the targets that name either. */
const entriesOf = (eventTypes: readonly string[]): string[] => [
  ...new Set(eventTypes.flatMap((name) => [name, ...patternsOf(name)])),
];

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

export type FanOutRow = Omit<SubscribedTarget, 'address'> &
  Partial<Omit<TargetAddress, 'sealedSecrets'>> & {
    readonly sealedSecrets?: TargetAddress['sealedSecrets'] | null;
    readonly isRestrained?: boolean;
  };

export const toTarget = ({
  id,
  organizationId,
  paused,
  global,
  eventTypes,
  customerIds,
  filterVersion,
  ordering,
  orderVersion,
  url,
  sealedSecrets,
  headersVersion = null,
  certificateVersion = null,
  isRestrained,
}: FanOutRow): SubscribedTarget => ({
  id,
  organizationId,
  paused,
  global,
  eventTypes,
  customerIds,
  filterVersion,
  ordering,
  orderVersion,
  address:
    url === undefined || !sealedSecrets || isRestrained
      ? null
      : { url, sealedSecrets, headersVersion, certificateVersion },
});

const ORDER_VERSION = `case when t.ordering <> 'NONE' then md5(row(t.status, t.ordering, t.global, t.event_types,
      t.customer_ids, t.filter_version, t.deleted_at)::text) end`;

const FAN_OUT_COLUMNS = `t.id, organization_id as "organizationId", status = 'PAUSED' as paused, global,
    event_types as "eventTypes", customer_ids as "customerIds", filter_version as "filterVersion", ordering,
    ${ORDER_VERSION} as "orderVersion"`;

const NAMING = 'event_types && $2::text[]';

/**
 * Targets of a piece. As rows, 10,000 targets hold the event loop for 100 ms, most of it for their lists. As JSON they take a
 * third of that, and a turn for each piece.
 */
const PIECE_TARGETS = 500;

type PieceRow = { readonly piece: string };

const NAMED_OR_ALL = `global or event_types = '{}' or ${NAMING}`;

/** `inner`: further columns. `outer`: those that need to know which of the targets of its organization it is, `t.place`. */
const subscribedTargets = ({ inner = '', outer = '', condition = NAMED_OR_ALL } = {}): string => `
  select json_agg(t order by t.nth)::text as piece
  from (
    select t.* ${outer} from (
      select ${FAN_OUT_COLUMNS} ${inner}, row_number() over (order by organization_id, t.id) as nth,
        row_number() over (partition by organization_id order by t.id) as place
      from webhook_targets t
      where organization_id = any($1) and deleted_at is null and status <> 'DISABLED' and (${condition})
    ) t
  ) t
  group by (nth - 1) / ${PIECE_TARGETS} order by (nth - 1) / ${PIECE_TARGETS}`;

async function targetsOf(rows: readonly PieceRow[]): Promise<SubscribedTarget[]> {
  const targets: SubscribedTarget[] = [];
  for (const [nth, { piece }] of rows.entries()) {
    if (nth > 0) await nextTurn();
    for (const row of JSON.parse(piece) as FanOutRow[]) targets.push(toTarget(row));
  }
  return targets;
}

const SUBSCRIBED_TARGETS = subscribedTargets();

/** Reads none of the thousands of global targets that an organization may have. */
const NAMING_TARGETS = subscribedTargets({ condition: `not global and ${NAMING}` });

/** Of an organization: more than the worker takes over from one publish. The secrets of 10,000 targets take 40 ms to read. */
const MOST_ADDRESSES = 1_000;

const ADDRESSES = subscribedTargets({
  inner: `, url, ${HEADERS_VERSION} as "headersVersion", certificate_version as "certificateVersion",
    coalesce(deferred_until::text, max_concurrency::text, rate_limit_per_second::text) is not null as "isRestrained"`,
  outer: `, case when t.place <= ${MOST_ADDRESSES} then array(
      select s.id || ' ' || encode(s.sealed, 'base64') from target_secrets s
      where s.target_id = t.id and (s.expires_at is null or s.expires_at > $3::timestamptz) order by s.id desc
    ) end as "sealedSecrets"`,
});

/** The targets with these ids, if they still receive, with their filters. */
export const FILTERED_TARGETS = `
  select ${FAN_OUT_COLUMNS}, filter::text
  from webhook_targets t where id = any($1) and deleted_at is null and status <> 'DISABLED'`;

const findSubscribedTargets = (organizationIds: readonly string[], entries: readonly string[]): Statement => ({
  name: 'find_subscribed_targets',
  text: SUBSCRIBED_TARGETS,
  values: [organizationIds, entries],
});

/** Reads in the caller's transaction which targets may receive events of these types, without addresses. */
export async function readSubscribedTargets(
  sql: Sql,
  organizationIds: readonly string[],
  eventTypes: readonly string[],
): Promise<SubscribedTarget[]> {
  if (organizationIds.length === 0) return [];
  const { rows } = await sql.query<PieceRow>(findSubscribedTargets(organizationIds, entriesOf(eventTypes)));
  return targetsOf(rows);
}

/** The same, but only those that name one of the types, or a pattern of it. */
export async function readNamingTargets(
  sql: Sql,
  organizationIds: readonly string[],
  eventTypes: readonly string[],
): Promise<SubscribedTarget[]> {
  if (organizationIds.length === 0) return [];
  const values = [organizationIds, entriesOf(eventTypes)];
  const { rows } = await sql.query<PieceRow>({ name: 'find_naming_targets', text: NAMING_TARGETS, values });
  return targetsOf(rows);
}

/**
 * The statement that looks once more at the targets of events that are published in order. It goes after the locks, and fails
 * with DIVISION_BY_ZERO when a target has changed since it was read.
 */
export const confirmingTargets = (targets: readonly SubscribedTarget[]): Statement => ({
  name: 'confirm_targets',
  text: CONFIRM_TARGETS,
  values: [
    targets.map(({ id }) => id),
    targets.map(({ ordering }) => ordering),
    targets.map(({ orderVersion }) => orderVersion),
  ],
});

const CONFIRM_TARGETS = `
  select 1 / (count(*) = cardinality($1::text[]))::int
  from unnest($1::text[], $2::delivery_ordering[], $3::text[]) as asked (id, ordering, version)
  join webhook_targets t on t.id = asked.id
  where t.ordering = asked.ordering and ${ORDER_VERSION} is not distinct from asked.version`;

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

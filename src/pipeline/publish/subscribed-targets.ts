/** Reads which targets are subscribed to events, a piece in each turn of the event loop: an organization may have 10,000. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Sql, Statement } from '../../database/statement.ts';
import { patternsOf } from '../../domain/event-types/event-type-pattern.ts';
import type { DeliveryOrdering } from '../../domain/order.ts';
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
  /** Null when it was not asked for, beyond MOST_ADDRESSES, and for targets with limits or a deferral. */
  readonly address: TargetAddress | null;
};

/** An event asks with its name and with all its patterns: one overlap of two lists finds the targets that name either. */
const entriesOf = (eventTypes: readonly string[]): string[] => [
  ...new Set(eventTypes.flatMap((name) => [name, ...patternsOf(name)])),
];

export type FanOutRow = Omit<SubscribedTarget, 'address'> &
  Partial<Omit<TargetAddress, 'sealedSecrets'>> & {
    readonly sealedSecrets?: TargetAddress['sealedSecrets'] | null;
    readonly isRestrained?: boolean;
    /** Only PostgreSQL needs these two. */
    readonly place?: number;
    readonly piece?: number;
  };

/** Changes the row itself: 10,000 copies cost a collection of garbage, and it is nobody else's. */
export const toTarget = (row: FanOutRow): SubscribedTarget => {
  const { url, sealedSecrets, headersVersion = null, certificateVersion = null, isRestrained } = row;
  const isKnown = url !== undefined && sealedSecrets && !isRestrained;
  const address = isKnown ? { url, sealedSecrets, headersVersion, certificateVersion } : null;
  return Object.assign(row, { address });
};

const ORDER_VERSION = `case when t.ordering <> 'NONE' then md5(row(t.status, t.ordering, t.global, t.event_types,
      t.customer_ids, t.filter_version, t.deleted_at)::text) end`;

const FAN_OUT_COLUMNS = `t.id, organization_id as "organizationId", status = 'PAUSED' as paused, global,
    event_types as "eventTypes", customer_ids as "customerIds", filter_version as "filterVersion", ordering,
    ${ORDER_VERSION} as "orderVersion"`;

const NAMING = 'event_types && $2::text[]';

/**
 * Values of a piece: each target, and each entry of its lists, is one. As rows, 10,000 targets hold the event loop for 100 ms, most
 * of it for their lists. As JSON they take a third of that, and a turn for each piece.
 */
const PIECE_VALUES = 1_000;

type PieceRow = { readonly targets: string };

const NAMED_OR_ALL = `global or event_types = '{}' or ${NAMING}`;

type SubscribedTargets = {
  /** Of columns of the table, in the place of those that are subscribed to one of the types. */
  readonly condition?: string;
  /** Further columns. */
  readonly columns?: string;
  /** Those that need to know `place`: which of the targets of its organization it is in this order. */
  readonly placed?: { readonly columns: string; readonly order: string };
};

const subscribedTargets = ({ condition = NAMED_OR_ALL, columns = '', placed }: SubscribedTargets = {}): string => `
  select json_agg(t order by t."organizationId", t.id)::text as targets
  from (
    select t.* ${placed?.columns ?? ''} from (
      select ${FAN_OUT_COLUMNS} ${columns},
        ${placed ? `row_number() over (partition by organization_id order by ${placed.order}) as place,` : ''}
        sum(1 + cardinality(event_types) + cardinality(customer_ids)) over (order by organization_id, t.id) / ${PIECE_VALUES} as piece
      from webhook_targets t
      where organization_id = any($1) and deleted_at is null and status <> 'DISABLED' and (${condition})
    ) t
  ) t
  group by piece order by piece`;

export async function targetsOf(
  rows: readonly PieceRow[],
  turn: () => Promise<unknown> = nextTurn,
): Promise<SubscribedTarget[]> {
  const targets: SubscribedTarget[] = [];
  for (const [nth, { targets: text }] of rows.entries()) {
    if (nth > 0) await turn();
    for (const row of JSON.parse(text) as FanOutRow[]) targets.push(toTarget(row));
  }
  return targets;
}

const SUBSCRIBED_TARGETS = subscribedTargets();

/** Reads none of the thousands of global targets that an organization may have. */
const NAMING_TARGETS = subscribedTargets({ condition: `not global and ${NAMING}` });

/** Of an organization: more than the worker takes over from one publish. The secrets of 10,000 targets take 40 ms to read. */
const MOST_ADDRESSES = 1_000;

const RESTRAINED = 'coalesce(deferred_until::text, max_concurrency::text, rate_limit_per_second::text) is not null';

/** Those that take events of these customers: an organization may have thousands of targets of one customer each. */
const takingFrom = (customerIds: string): string =>
  `(${NAMED_OR_ALL}) and (global or customer_ids = '{}' or customer_ids && ${customerIds}::text[])`;

const RECEIVING_TARGETS = subscribedTargets({ condition: takingFrom('$3') });

/** Addresses first of those that the worker can take over. */
const ADDRESSES = subscribedTargets({
  condition: takingFrom('$4'),
  columns: `, url, ${HEADERS_VERSION} as "headersVersion", certificate_version as "certificateVersion",
    ${RESTRAINED} as "isRestrained"`,
  placed: {
    order: `status <> 'ACTIVE', ordering <> 'NONE', ${RESTRAINED}, t.id`,
    columns: `, case when t.place <= ${MOST_ADDRESSES} then array(
      select s.id || ' ' || encode(s.sealed, 'base64') from target_secrets s
      where s.target_id = t.id and (s.expires_at is null or s.expires_at > $3::timestamptz) order by s.id desc
    ) end as "sealedSecrets"`,
  },
});

/** The targets with these ids, if they still receive, with their filters. */
export const FILTERED_TARGETS = `
  select ${FAN_OUT_COLUMNS}, filter::text
  from webhook_targets t where id = any($1) and deleted_at is null and status <> 'DISABLED'`;

/** Their rows are read by `targetsOf`, as those of `findReceivingTargets` are. */
export const findAddresses = ({ organizationIds, eventTypes, customerIds, readAt }: AddressQuestion): Statement => ({
  name: 'find_addresses',
  text: ADDRESSES,
  values: [organizationIds, entriesOf(eventTypes), readAt, customerIds],
});

type AddressQuestion = {
  readonly organizationIds: readonly string[];
  readonly eventTypes: readonly string[];
  readonly customerIds: readonly string[];
  readonly readAt: Date;
};

/** Without addresses. */
export const findReceivingTargets = (
  organizationIds: readonly string[],
  eventTypes: readonly string[],
  customerIds: readonly string[],
): Statement => ({
  name: 'find_receiving_targets',
  text: RECEIVING_TARGETS,
  values: [organizationIds, entriesOf(eventTypes), customerIds],
});

/** Reads in the caller's transaction which targets may receive events of these types, without addresses. */
export async function readSubscribedTargets(
  sql: Sql,
  organizationIds: readonly string[],
  eventTypes: readonly string[],
): Promise<SubscribedTarget[]> {
  if (organizationIds.length === 0) return [];
  const values = [organizationIds, entriesOf(eventTypes)];
  const { rows } = await sql.query<PieceRow>({ name: 'find_subscribed_targets', text: SUBSCRIBED_TARGETS, values });
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

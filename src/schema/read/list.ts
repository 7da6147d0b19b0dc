/** Lists: which rows, in which order, and which of them an operation asks for. */
import { Prisma } from '../../../prisma/generated/client.ts';
import type { ListKind, ListPosition } from './list-cursor.ts';
import {
  API_KEY_COLUMNS,
  ATTEMPT_COLUMNS,
  AUDIT_COLUMNS,
  DELIVERY_COLUMNS,
  EVENT_COLUMNS,
  REPLAY_COLUMNS,
  TARGET_COLUMNS,
} from './rows.ts';
import type { ApiKeyRow, AttemptRow, AuditRow, DeliveryRow, EventRow, ReplayRow, TargetRow } from './rows.ts';

/** The rows of one table in their fixed order. */
export type List<Row> = {
  readonly kind: ListKind;
  readonly table: Prisma.Sql;
  readonly columns: Prisma.Sql;
  /** The column that orders the list, unique among the rows of a parent. */
  readonly key: Prisma.Sql;
  readonly order: 'ascending' | 'descending';
  /** The order of the key in SQL, in either direction. It must be the order of the list's index. */
  readonly ascending: Prisma.Sql;
  readonly descending: Prisma.Sql;
  readonly positionOf: (row: Row) => ListPosition;
};

// Ids sort by creation time, so newest first is the order of the index backwards. No id is null: the indexes of lists have
// NULLS FIRST, and primary keys do not (see the migration).
const newestFirst = {
  key: Prisma.sql`id`,
  order: 'descending',
  ascending: Prisma.sql`asc nulls first`,
  descending: Prisma.sql`desc nulls last`,
} as const;

export const deliveryList: List<DeliveryRow> = {
  kind: 'deliveries',
  table: Prisma.sql`deliveries`,
  columns: DELIVERY_COLUMNS,
  ...newestFirst,
  positionOf: ({ id }) => id,
};

/** Deliveries beside the replays that made or retried them: a row for each pair. `listed_in` is the replay. */
export const replayedList: List<DeliveryRow> = {
  ...deliveryList,
  table: Prisma.sql`(
    select delivery.*, listed.replay_id as listed_in
    from replay_deliveries listed join deliveries delivery on delivery.id = listed.delivery_id
  ) as replayed`,
};

export const eventList: List<EventRow> = {
  kind: 'events',
  table: Prisma.sql`events`,
  columns: EVENT_COLUMNS,
  ...newestFirst,
  positionOf: ({ id }) => id,
};

export const targetList: List<TargetRow> = {
  kind: 'targets',
  table: Prisma.sql`webhook_targets`,
  columns: TARGET_COLUMNS,
  ...newestFirst,
  positionOf: ({ id }) => id,
};

export const replayList: List<ReplayRow> = {
  kind: 'replays',
  table: Prisma.sql`replays`,
  columns: REPLAY_COLUMNS,
  ...newestFirst,
  positionOf: ({ id }) => id,
};

export const apiKeyList: List<ApiKeyRow> = {
  kind: 'apiKeys',
  table: Prisma.sql`api_keys`,
  columns: API_KEY_COLUMNS,
  ...newestFirst,
  positionOf: ({ id }) => id,
};

/** Its indexes have the nulls where the primary key has them. */
export const auditList: List<AuditRow> = {
  kind: 'entries',
  table: Prisma.sql`audit_log`,
  columns: AUDIT_COLUMNS,
  key: Prisma.sql`id`,
  order: 'descending',
  ascending: Prisma.sql`asc`,
  descending: Prisma.sql`desc`,
  positionOf: ({ id }) => id,
};

export const attemptList: List<AttemptRow> = {
  kind: 'attempts',
  table: Prisma.sql`delivery_attempts`,
  columns: ATTEMPT_COLUMNS,
  key: Prisma.sql`number`,
  order: 'ascending',
  ascending: Prisma.sql`asc`,
  descending: Prisma.sql`desc`,
  positionOf: ({ number }) => number,
};

/** What a list belongs to (an organization, a target, …), and the organization it is read in. */
export type Parent = { readonly id: string; readonly organizationId: string };

/** A parent as it stands in a statement: a value, or a column. */
export type ParentSql = { readonly id: Prisma.Sql; readonly organizationId: Prisma.Sql };

/** The part of a list that belongs to one parent and passes a filter. */
export type Selection<Row> = {
  readonly list: List<Row>;
  readonly parent: Parent;
  /**
   * Conditions that together choose the rows of a parent: at least one, and no row may satisfy two. The planner sees
   * them as separate queries, so that each finds its own index.
   */
  readonly where: (parent: ParentSql) => readonly Prisma.Sql[];
  /** Equal for selections that differ only in the parent: they are read together. */
  readonly key: string;
};

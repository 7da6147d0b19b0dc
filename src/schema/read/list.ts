/** Lists: which rows, in which order, and which of them an operation asks for. */
import { Prisma } from '../../../prisma/generated/client.ts';
import { listCursors, type ListCursors } from './list-cursor.ts';
import {
  API_KEY_COLUMNS,
  ATTEMPT_COLUMNS,
  AUDIT_COLUMNS,
  DELIVERY_COLUMNS,
  ERASURE_COLUMNS,
  EVENT_COLUMNS,
  ORGANIZATION_COLUMNS,
  PORTAL_SESSION_COLUMNS,
  REPLAY_COLUMNS,
  TARGET_COLUMNS,
} from './rows.ts';
import type {
  ApiKeyRow,
  AttemptRow,
  AuditRow,
  DeliveryRow,
  ErasureRow,
  EventRow,
  OrganizationRow,
  PortalSessionRow,
  ReplayRow,
  TargetRow,
} from './rows.ts';

/** The rows of one table in their fixed order. */
export type List<Row> = {
  readonly cursors: ListCursors<Row>;
  readonly table: Prisma.Sql;
  readonly columns: Prisma.Sql;
  /** The column that orders the list, unique among the rows of a parent. */
  readonly key: Prisma.Sql;
  readonly order: 'ascending' | 'descending';
  /** The order of the key in SQL, in either direction. It must be the order of the list's index. */
  readonly ascending: Prisma.Sql;
  readonly descending: Prisma.Sql;
  /** Makes a row of the columns. Default: they are the row. */
  readonly toRow?: (columns: never) => Row;
};

type Named = { readonly id: string };

// Ids sort by creation time, so newest first is the order of the index backwards. No id is null: the indexes of lists have
// NULLS FIRST, and primary keys do not (see the migration).
const newestFirst = {
  key: Prisma.sql`id`,
  order: 'descending',
  ascending: Prisma.sql`asc nulls first`,
  descending: Prisma.sql`desc nulls last`,
} as const;

export const deliveryList: List<DeliveryRow> = {
  cursors: listCursors('deliveries', ({ id }: Named) => id),
  table: Prisma.sql`deliveries`,
  columns: DELIVERY_COLUMNS,
  ...newestFirst,
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
  cursors: listCursors('events', ({ id }: Named) => id),
  table: Prisma.sql`events`,
  columns: EVENT_COLUMNS,
  ...newestFirst,
};

export const targetList = {
  cursors: listCursors('targets', ({ id }: Named) => id),
  table: Prisma.sql`webhook_targets`,
  columns: TARGET_COLUMNS,
  ...newestFirst,
} satisfies List<TargetRow>;

export const replayList: List<ReplayRow> = {
  cursors: listCursors('replays', ({ id }: Named) => id),
  table: Prisma.sql`replays`,
  columns: REPLAY_COLUMNS,
  ...newestFirst,
};

export const erasureList: List<ErasureRow> = {
  cursors: listCursors('erasures', ({ id }: Named) => id),
  table: Prisma.sql`erasures`,
  columns: ERASURE_COLUMNS,
  ...newestFirst,
};

export const apiKeyList: List<ApiKeyRow> = {
  cursors: listCursors('apiKeys', ({ id }: Named) => id),
  table: Prisma.sql`api_keys`,
  columns: API_KEY_COLUMNS,
  ...newestFirst,
};

export const portalSessionList: List<PortalSessionRow> = {
  cursors: listCursors('portalSessions', ({ id }: Named) => id),
  table: Prisma.sql`portal_sessions`,
  columns: PORTAL_SESSION_COLUMNS,
  ...newestFirst,
};

/** The order of a primary key, which has its nulls elsewhere. */
const newestByKey = {
  key: Prisma.sql`id`,
  order: 'descending',
  ascending: Prisma.sql`asc`,
  descending: Prisma.sql`desc`,
} as const;

export const organizationList: List<OrganizationRow> = {
  cursors: listCursors('organizations', ({ id }: Named) => id),
  table: Prisma.sql`organizations`,
  columns: ORGANIZATION_COLUMNS,
  ...newestByKey,
};

/** Its indexes have the nulls where the primary key has them. */
export const auditList: List<AuditRow> = {
  cursors: listCursors('entries', ({ id }: Named) => id),
  table: Prisma.sql`audit_log`,
  columns: AUDIT_COLUMNS,
  ...newestByKey,
};

export const attemptList: List<AttemptRow> = {
  cursors: listCursors('attempts', ({ number }: AttemptRow) => number),
  table: Prisma.sql`delivery_attempts`,
  columns: ATTEMPT_COLUMNS,
  key: Prisma.sql`number`,
  order: 'ascending',
  ascending: Prisma.sql`asc`,
  descending: Prisma.sql`desc`,
};

/** What a list belongs to (an organization, a target, …), and the organization it is read in. */
export type Parent = { readonly id: string; readonly organizationId: string };

/** A parent as it stands in a statement: a value, or a column. */
export type ParentSql = { readonly id: Prisma.Sql; readonly organizationId: Prisma.Sql };

/** A stretch of a list: the first `limit` rows from an end or a place on, in one direction. */
export type Stretch = {
  readonly isAscending: boolean;
  /** The order of the key, as the list has it. */
  readonly direction: Prisma.Sql;
  /** The operator that compares a later key of the stretch with an earlier one. */
  readonly beyond: Prisma.Sql;
  /** Whether a key lies behind the place where the stretch begins. */
  readonly within: (key: Prisma.Sql) => Prisma.Sql;
  readonly limit: number;
};

/** The part of a list that belongs to one parent and passes a filter. */
export type Selection<Row> = {
  readonly list: List<Row>;
  readonly parent: Parent;
  /**
   * Conditions that together choose the rows of a parent: at least one, and no row may satisfy two. The planner sees
   * them as separate queries, so that each finds its own index.
   */
  readonly where: (parent: ParentSql) => readonly Prisma.Sql[];
  /**
   * A subquery of the rows in a stretch of the list, in its order. `columns` has the key. Default: those that `where` chooses from
   * the table of the list.
   */
  readonly rows?: (parent: ParentSql, stretch: Stretch, columns: Prisma.Sql) => Prisma.Sql;
  /**
   * Whether each condition of `where` has an index in the order of the list, whatever it is joined with. That index is then walked
   * in its order, also where PostgreSQL expects few rows and would sort them all. Without effect beside `rows`. Default: false.
   */
  readonly isIndexed?: boolean;
  /** Equal for selections that differ only in the parent: they are read together. */
  readonly key: string;
};

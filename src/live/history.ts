/** Reads the history of changes. Every read is an index range with a limit, and reads no more rows than it returns. */
import type pg from 'pg';
import type { Database } from '../database/client.ts';
import { OutcomeUnknown } from '../database/commit.ts';
import { IN_INDEX_ORDER, type Reader, type Statement } from '../database/statement.ts';
import {
  createRowReader,
  floorName,
  type ChangeTable,
  type PlacedChange,
  type ChangeFilter,
  type PositionRow,
  type Recorded,
} from './change.ts';
import { expired, isAfter, isSame, ORIGIN, type StreamPosition } from './cursors/cursor.ts';
import { pageStatement, toPage, type ChangePage, type ChangePageRow } from './subscribers/change-page.ts';
import { mapInTurns } from './timing.ts';

/** The end of the history: `placed` are all final changes after `before`, in order. */
export type Latest<R extends Recorded> = { readonly before: StreamPosition; readonly placed: PlacedChange<R>[] };

export type ChangeBatch<R extends Recorded> = {
  readonly placed: PlacedChange<R>[];
  /** Whether the change at the given position is there, and is the same: it connects this read with the read before. */
  readonly isConnected: boolean;
  /** The server that answered (`server`), to notice another one, which may lack changes. Null unless connected. */
  readonly server: string | null;
  /** Whether committed changes beyond the horizon wait for an older transaction to end. */
  readonly isWaiting: boolean;
};

export type History<R extends Recorded, F extends ChangeFilter> = {
  /** Reads the newest final changes, at most `limit`; with `sql`, those that its snapshot shows. */
  latest(limit: number, sql?: Reader): Promise<Latest<R>>;
  /** When the server that answers was started: no two servers of one database have the same time. */
  server(): Promise<string>;
  /** Finds, in the snapshot, the organization's newest final change, and the change at `position` if it is there and final. */
  newestOf(
    organizationId: string,
    position: StreamPosition,
    sql: Reader,
  ): Promise<[StreamPosition | undefined, StreamPosition | undefined]>;
  /** Reads final changes of all organizations after a position, `limit` at most. */
  readAfter(position: StreamPosition, limit: BatchLimit): Promise<ChangeBatch<R>>;
  /**
   * Reads a page of the changes that the filter wants, at most PAGE_CHANGES, between a position and a later final
   * position. Rejects with CURSOR_EXPIRED as `confirm` does.
   */
  readPage(filter: F, after: StreamPosition, upTo: StreamPosition): Promise<ChangePage<R>>;
  /** Rejects with CURSOR_EXPIRED unless the change at this position is there, and all changes after it are kept. */
  confirm(position: StreamPosition): Promise<void>;
  /**
   * True when the change at this position is there, occurred before `until`, and all changes after it are kept. Also true
   * when the position is ORIGIN and nothing was deleted.
   */
  hasFrom(position: StreamPosition, until: Date): Promise<boolean>;
  /** Whether the organization was deleted: then its changes may be gone, wherever they stood. */
  isDeleted(organizationId: string): Promise<boolean>;
  /** Whether the table has exactly these consecutive changes. Changes that retention has deleted do not count. */
  hasAll(placed: readonly PlacedChange<R>[]): Promise<boolean>;
};

/**
 * The changes of one read. A reader that is behind takes large batches: each waits for a round trip to PostgreSQL, and for its
 * turn in a busy process.
 */
export const BATCH_CHANGES = 256;
export const LARGE_BATCH_CHANGES = 1_024;
export type BatchLimit = typeof BATCH_CHANGES | typeof LARGE_BATCH_CHANGES;

/** The most changes that one read of `hasAll` compares. */
const COMPARED_CHANGES = 1_024;

const SERVER = 'extract(epoch from pg_postmaster_start_time())::text';

const HORIZON = 'pg_snapshot_xmin(pg_current_snapshot())';
const FINAL = `c.xid < ${HORIZON}`;

type Table = ChangeTable<any, any>;

// The limit stands in the text, not in a parameter, so that the prepared statement is planned for few rows.
const latestOf = ({ name, prefix, columns }: Table, limit: number): Statement =>
  statement(
    `find_latest_${prefix}_changes_${limit}`,
    `select ${columns} from ${name} c where ${FINAL} order by c.xid desc, c.seq desc limit ${limit}`,
  );

// Reads the change at the position, the final changes after it, and the first change that is committed but not final.
// "exists" would be planned as a scan of the whole table.
const following = ({ name, columns }: Table, limit: BatchLimit): string => `
  select c.*, ${FINAL} as is_final,
    case when c.xid = $1::xid8 and c.seq = $2::bigint then ${SERVER} end as server
  from (
    (select ${columns} from ${name} c where (c.xid, c.seq) >= ($1::xid8, $2::bigint) and ${FINAL}
      order by c.xid, c.seq limit ${limit + 1})
    union all
    (select ${columns} from ${name} c where c.xid >= ${HORIZON} order by c.xid, c.seq limit 1)
  ) c
  order by c.xid, c.seq`;

const statement = (name: string, text: string, values: unknown[] = []): Statement => ({ name, text, values });

const keptAt = ({ name, prefix, columns }: Table, { xid, seq }: StreamPosition): Statement =>
  statement(`find_${prefix}_change`, `select ${columns} from ${name} c where c.xid = $1::xid8 and c.seq = $2::bigint`, [
    xid,
    seq,
  ]);

// Uses the order of the organization's index. With the order of the primary key, Postgres would read everybody's changes.
const newestOf = ({ name, prefix, columns }: Table, organizationId: string, { xid, seq }: StreamPosition): Statement =>
  statement(
    `find_newest_${prefix}_change`,
    `(select ${columns}, true as is_own from ${name} c where c.organization_id = $1 and ${FINAL}
      order by c.xid desc nulls last, c.seq desc nulls last limit 1)
     union all
     (select ${columns}, false from ${name} c where c.xid = $2::xid8 and c.seq = $3::bigint and ${FINAL})`,
    [organizationId, xid, seq],
  );

const between = ({ name, prefix, columns }: Table, first: StreamPosition, last: StreamPosition): Statement =>
  statement(
    `find_${prefix}_changes_between`,
    `select ${columns} from ${name} c
     where (c.xid, c.seq) >= ($1::xid8, $2::bigint) and (c.xid, c.seq) <= ($3::xid8, $4::bigint)
     order by c.xid, c.seq limit ${COMPARED_CHANGES + 1}`,
    [first.xid, first.seq, last.xid, last.seq],
  );

// The erasure of the whole organization, which is kept when the organization is gone.
const DELETION = `
  select from erasures
   where organization_id = $1 and event_id is null and customer_id is null and tag is null limit 1`;

/** Reads the last position that was deleted, for `toFloor`. */
export const floorOf = (table: Table): Statement =>
  statement(floorName(table), `select value from settings where name = '${floorName(table)}'`);

/** Creates the reader of one history. `epoch` comes from loadEpoch. */
export function createHistory<R extends Recorded, F extends ChangeFilter>(
  { pool, transact: send }: Pick<Database, 'pool' | 'transact'>,
  table: ChangeTable<R, F>,
  epoch: string,
): History<R, F> {
  /** These transactions only read. So one with an unknown outcome counts as failed, and is read again. */
  const transact: Database['transact'] = (statements) =>
    send(statements).catch((error: unknown) => {
      throw error instanceof OutcomeUnknown ? error.cause : error;
    });
  const { prefix, cursors } = table;
  const toPlaced = createRowReader<R, any>(table, epoch);
  const floor = floorOf(table);
  const afterTexts = new Map(
    ([BATCH_CHANGES, LARGE_BATCH_CHANGES] as const).map((limit) => [limit, following(table, limit)]),
  );

  /**
   * Throws CURSOR_EXPIRED unless the history goes on from the position. `kept`: the row at the position. `floors`: the
   * floor, read after the changes that follow the position, or with them.
   */
  const requireConnected = (position: StreamPosition, kept: pg.QueryResult, floors: pg.QueryResult): void => {
    const deleted = toFloor(floors.rows as FloorRow[]);
    if (isAfter(deleted, position)) {
      throw expired(cursors, 'Changes after this cursor were older than the retention and are deleted');
    }
    const [row] = kept.rows as PositionRow[];
    if (row ? isSame(toPlaced(row).position, position) : !isAfter(position, deleted)) return;
    const reason =
      'The change that this cursor names is not in the database: the database was restored to an older state or moved, or a ' +
      'standby took over before the change had reached it';
    throw expired(cursors, reason);
  };

  return {
    async latest(limit, sql = pool) {
      const { rows } = await sql.query<PositionRow>(latestOf(table, limit + 1));
      const placed = await mapInTurns(rows.reverse(), toPlaced);
      if (placed.length > 0) return { before: placed[0]!.position, placed: placed.slice(1) };
      return { before: toFloor((await sql.query<FloorRow>(floor)).rows), placed };
    },

    async server() {
      const { rows } = await pool.query<{ server: string }>(statement('find_server', `select ${SERVER} as server`));
      return rows[0]!.server;
    },

    async newestOf(organizationId, position, sql) {
      const { rows } = await sql.query<OwnRow>(newestOf(table, organizationId, position));
      const [own, there] = [true, false].map((isOwn) => rows.find((row) => row.is_own === isOwn));
      return [own && toPlaced(own).position, there && toPlaced(there).position];
    },

    async readAfter(position, limit) {
      const name = `find_${limit}_${prefix}_changes_after`;
      const asked = statement(name, afterTexts.get(limit)!, [position.xid, position.seq]);
      const { rows } = await pool.query<FollowingRow>(asked);
      const final = rows.filter((row) => row.is_final);
      const placed = await mapInTurns(final, toPlaced);
      const isWaiting = placed.length < rows.length;
      const [first] = placed;
      if (!first || !isSame(first.position, position)) return { placed, isConnected: false, server: null, isWaiting };
      return { placed: placed.slice(1), isConnected: true, server: rows[0]!.server, isWaiting };
    },

    async readPage(filter, after, upTo) {
      const [, page, kept, floors] = await transact([
        IN_INDEX_ORDER,
        pageStatement(table, filter, after),
        keptAt(table, after),
        floor, // Read after the page: all changes above it were there when the page was read.
      ]);
      requireConnected(after, kept!, floors!);
      return toPage(toPlaced, page!.rows as ChangePageRow[], upTo);
    },

    async confirm(position) {
      const [kept, floors] = await transact([keptAt(table, position), floor]);
      requireConnected(position, kept!, floors!);
    },

    async hasFrom(position, until) {
      const [kept, floors] = await transact([keptAt(table, position), floor]);
      if (isAfter(toFloor(floors!.rows as FloorRow[]), position)) return false;
      const [row] = kept!.rows as PositionRow[];
      if (!row) return isSame(position, ORIGIN);
      const placed = toPlaced(row);
      return isSame(placed.position, position) && placed.occurredAt < until;
    },

    async isDeleted(organizationId) {
      const { rowCount } = await pool.query(statement('find_deletion', DELETION, [organizationId]));
      return rowCount === 1;
    },

    async hasAll(placed) {
      // Each part begins with the last change of the part before, so that no other change can stand between them.
      for (let start = 0; start < placed.length; start += COMPARED_CHANGES - 1) {
        const part = placed.slice(start, start + COMPARED_CHANGES);
        const [stored, floors] = await transact([
          between(table, part[0]!.position, part.at(-1)!.position),
          floor, // Read after the changes: all those above it were there when they were read.
        ]);
        const deleted = toFloor(floors!.rows as FloorRow[]);
        const there = await mapInTurns(stored!.rows as PositionRow[], (row) => toPlaced(row).position);
        const [actual, expected] = [there, part.map(({ position }) => position)].map((positions) =>
          positions.filter((position) => isAfter(position, deleted)),
        ) as [StreamPosition[], StreamPosition[]];
        const isEqual = actual.length === expected.length && actual.every((each, nth) => isSame(each, expected[nth]!));
        if (!isEqual) return false;
      }
      return true;
    },
  };
}

type OwnRow = PositionRow & { readonly is_own: boolean };
type FollowingRow = PositionRow & { readonly is_final: boolean; readonly server: string | null };
export type FloorRow = { value: string };

/** Returns the last position that was deleted; ORIGIN when all changes are kept. */
export function toFloor([row]: FloorRow[]): StreamPosition {
  if (!row) return ORIGIN;
  const [xid = '', seq = ''] = row.value.split('.');
  return { xid: BigInt(xid), seq: BigInt(seq) };
}

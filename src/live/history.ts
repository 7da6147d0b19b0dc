/** Reading the history of changes. Every read is an index range with a limit; none asks for more than it returns. */
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
import { pageStatement, toPage, type ChangePage, type ChangePageRow } from './change-page.ts';

/** `placed` are all final changes after `before`, in order. */
export type Latest<R extends Recorded> = { readonly before: StreamPosition; readonly placed: PlacedChange<R>[] };

export type ChangeBatch<R extends Recorded> = {
  readonly placed: PlacedChange<R>[];
  /** Whether the change that was asked from is there, and is the same: it connects this read with the one before. */
  readonly isConnected: boolean;
  /** When the server that answered was started: another one may lack changes. Null unless connected. */
  readonly server: string | null;
  /** Whether committed changes wait beyond the horizon, for an older transaction to end. */
  readonly isWaiting: boolean;
};

export type History<R extends Recorded, F extends ChangeFilter> = {
  /** The newest final changes, at most `limit`; those of the snapshot that `sql` reads in, where one is given. */
  latest(limit: number, sql?: Reader): Promise<Latest<R>>;
  /** Of the snapshot: the organization's newest final change, and the change at `position`, if it is there and final. */
  newestOf(
    organizationId: string,
    position: StreamPosition,
    sql: Reader,
  ): Promise<[StreamPosition | undefined, StreamPosition | undefined]>;
  /** Final changes of everybody after a position, about BATCH_CHANGES at most. */
  readAfter(position: StreamPosition): Promise<ChangeBatch<R>>;
  /**
   * A page of what the filter wants, at most PAGE_CHANGES, between a position and a later final one. Throws
   * CURSOR_EXPIRED as `confirm` does.
   */
  readPage(filter: F, after: StreamPosition, upTo: StreamPosition): Promise<ChangePage<R>>;
  /** Rejects with CURSOR_EXPIRED unless the change at this position is there, and all that followed it is kept. */
  confirm(position: StreamPosition): Promise<void>;
  /**
   * Whether the change at this position is there, occurred before `until`, and all that followed it is kept; or the
   * position is ORIGIN, and nothing was deleted.
   */
  hasFrom(position: StreamPosition, until: Date): Promise<boolean>;
  /** Whether the table has these changes, which follow one another, and no others between them. Retention may have some. */
  hasAll(placed: readonly PlacedChange<R>[]): Promise<boolean>;
};

export const BATCH_CHANGES = 256;
/** Of one read of `hasAll`. */
const COMPARED_CHANGES = 1_024;

const HORIZON = 'pg_snapshot_xmin(pg_current_snapshot())';
const FINAL = `c.xid < ${HORIZON}`;

type Table = ChangeTable<any, any>;

// A limit as text, not as a parameter: a prepared statement must be planned for few rows.
const latestOf = ({ name, prefix, columns }: Table, limit: number): Statement =>
  statement(
    `find_latest_${prefix}_changes_${limit}`,
    `select ${columns} from ${name} c where ${FINAL} order by c.xid desc, c.seq desc limit ${limit}`,
  );

// The change at the position itself, the final ones after it, and the first of those that are committed but not final.
// Not "exists": that is planned as a scan of the whole table.
const following = ({ name, columns }: Table): string => `
  select c.*, ${FINAL} as is_final,
    case when c.xid = $1::xid8 and c.seq = $2::bigint then extract(epoch from pg_postmaster_start_time())::text end as server
  from (
    (select ${columns} from ${name} c where (c.xid, c.seq) >= ($1::xid8, $2::bigint) and ${FINAL}
      order by c.xid, c.seq limit ${BATCH_CHANGES + 1})
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

// In the order of the organization's index; the primary key has another one, and would be read through everybody's changes.
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

/** `epoch`: from loadEpoch. */
export function createHistory<R extends Recorded, F extends ChangeFilter>(
  { pool, transact: send }: Pick<Database, 'pool' | 'transact'>,
  table: ChangeTable<R, F>,
  epoch: string,
): History<R, F> {
  /** Nothing is written, so it does not matter whether the end was confirmed: it failed, and is read again. */
  const transact: Database['transact'] = (statements) =>
    send(statements).catch((error: unknown) => {
      throw error instanceof OutcomeUnknown ? error.cause : error;
    });
  const { prefix, cursors } = table;
  const toPlaced = createRowReader<R, any>(table, epoch);
  const floor = statement(floorName(table), `select value from settings where name = '${floorName(table)}'`);
  const afterText = following(table);

  /** `kept`: what stands at the position; `floors` were read no earlier than what is read from there. */
  const requireConnected = (position: StreamPosition, kept: pg.QueryResult, floors: pg.QueryResult): void => {
    const deleted = toFloor(floors.rows as FloorRow[]);
    if (isAfter(deleted, position)) {
      throw expired(cursors, 'Changes after this cursor are older than the retention, and deleted');
    }
    const [row] = kept.rows as PositionRow[];
    if (row ? isSame(toPlaced(row).position, position) : !isAfter(position, deleted)) return;
    const reason =
      'The change that this cursor names is not in the database: it was restored to an older state, or moved, or a ' +
      'standby took over before the change had reached it';
    throw expired(cursors, reason);
  };

  return {
    async latest(limit, sql = pool) {
      const { rows } = await sql.query<PositionRow>(latestOf(table, limit + 1));
      const placed = rows.reverse().map(toPlaced);
      if (placed.length > 0) return { before: placed[0]!.position, placed: placed.slice(1) };
      return { before: toFloor((await sql.query<FloorRow>(floor)).rows), placed };
    },

    async newestOf(organizationId, position, sql) {
      const { rows } = await sql.query<OwnRow>(newestOf(table, organizationId, position));
      const [own, there] = [true, false].map((isOwn) => rows.find((row) => row.is_own === isOwn));
      return [own && toPlaced(own).position, there && toPlaced(there).position];
    },

    async readAfter(position) {
      const asked = statement(`find_${prefix}_changes_after`, afterText, [position.xid, position.seq]);
      const { rows } = await pool.query<FollowingRow>(asked);
      const placed = rows.filter((row) => row.is_final).map(toPlaced);
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
        floor, // After the page: what it did not see deleted, it has read.
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

    async hasAll(placed) {
      // Each part begins with the change that the one before ended with, so that no other stands between them.
      for (let start = 0; start < placed.length; start += COMPARED_CHANGES - 1) {
        const part = placed.slice(start, start + COMPARED_CHANGES);
        const [stored, floors] = await transact([
          between(table, part[0]!.position, part.at(-1)!.position),
          floor, // After the changes: what it does not cover, they show.
        ]);
        const deleted = toFloor(floors!.rows as FloorRow[]);
        const there = (stored!.rows as PositionRow[]).map((row) => toPlaced(row).position);
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
type FloorRow = { value: string };

/** The last position that was deleted; ORIGIN when all is kept. */
function toFloor([row]: FloorRow[]): StreamPosition {
  if (!row) return ORIGIN;
  const [xid = '', seq = ''] = row.value.split('.');
  return { xid: BigInt(xid), seq: BigInt(seq) };
}

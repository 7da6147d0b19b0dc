/** Reading the history of changes. Every read is an index range with a limit; none asks for more than it returns. */
import type { Database } from '../database/client.ts';
import { IN_INDEX_ORDER, type Statement } from '../database/statement.ts';
import { floorName, type ChangeTable, type Facts, type Filter, type Place, type Recorded } from './change.ts';
import { expired, isAfter, ORIGIN, type Position } from './cursor.ts';
import { pageStatement, toPage, type Page, type PageRow } from './page.ts';

/** `facts` are all final changes after `before`, in order. */
export type Latest<R extends Recorded> = { readonly before: Position; readonly facts: Facts<R>[] };

export type Batch<R extends Recorded> = {
  readonly facts: Facts<R>[];
  /** Whether the change that was asked from is there: it connects this read with the one before. */
  readonly isConnected: boolean;
  /** Whether committed changes wait beyond the horizon, for an older transaction to end. */
  readonly isWaiting: boolean;
};

export type History<R extends Recorded, F extends Filter> = {
  /** The newest final changes, at most `limit`. */
  latest(limit: number): Promise<Latest<R>>;
  /** Final changes of everybody after a position, about BATCH_CHANGES at most. */
  readAfter(position: Position): Promise<Batch<R>>;
  /**
   * A page of what the filter wants, at most PAGE_CHANGES, between a position and a later final one. Throws
   * CURSOR_EXPIRED when changes after the position were deleted.
   */
  readPage(filter: F, after: Position, upTo: Position): Promise<Page<R>>;
  /** Rejects with CURSOR_EXPIRED unless all that followed this position is kept. */
  confirm(position: Position): Promise<void>;
};

export const BATCH_CHANGES = 256;

const HORIZON = 'pg_snapshot_xmin(pg_current_snapshot())';
const FINAL = `c.xid < ${HORIZON}`;

type Table = ChangeTable<any, any>;

// A limit as text, not as a parameter: a prepared statement must be planned for few rows.
const latestOf = ({ name, prefix, columns }: Table, limit: number): Statement =>
  statement(
    `${prefix}_latest_${limit}`,
    `select ${columns} from ${name} c where ${FINAL} order by c.xid desc, c.seq desc limit ${limit}`,
  );

// The change at the position itself, the final ones after it, and the first of those that are committed but not final.
// Not "exists": that is planned as a scan of the whole table.
const following = ({ name, columns }: Table): string => `
  select c.*, ${FINAL} as is_final from (
    (select ${columns} from ${name} c where (c.xid, c.seq) >= ($1::xid8, $2::bigint) and ${FINAL}
      order by c.xid, c.seq limit ${BATCH_CHANGES + 1})
    union all
    (select ${columns} from ${name} c where c.xid >= ${HORIZON} order by c.xid, c.seq limit 1)
  ) c
  order by c.xid, c.seq`;

const statement = (name: string, text: string, values: unknown[] = []): Statement => ({ name, text, values });

export function createHistory<R extends Recorded, F extends Filter>(
  { pool, transact }: Pick<Database, 'pool' | 'transact'>,
  table: ChangeTable<R, F>,
): History<R, F> {
  const { name, prefix, cursors, toFacts } = table;
  const floor = statement(floorName(table), `select value from settings where name = '${floorName(table)}'`);
  const afterText = following(table);
  const keptText = `select 1 from ${name} c where c.xid = $1::xid8 and c.seq = $2::bigint`;

  const requireKept = (position: Position, deleted: Position): void => {
    if (!isAfter(deleted, position)) return;
    throw expired(cursors, 'Changes after this cursor are older than the retention, and deleted');
  };

  return {
    async latest(limit) {
      const { rows } = await pool.query<Place>(latestOf(table, limit + 1));
      const facts = rows.reverse().map(toFacts);
      if (facts.length > 0) return { before: facts[0]!.position, facts: facts.slice(1) };
      return { before: toFloor((await pool.query<FloorRow>(floor)).rows), facts };
    },

    async readAfter({ xid, seq }) {
      const asked = statement(`${prefix}_after`, afterText, [xid, seq]);
      const { rows } = await pool.query<Place & { is_final: boolean }>(asked);
      const facts = rows.filter((row) => row.is_final).map(toFacts);
      const isWaiting = facts.length < rows.length;
      const first = facts[0]?.position;
      const isConnected = first?.xid === xid && first.seq === seq;
      return { facts: isConnected ? facts.slice(1) : facts, isConnected, isWaiting };
    },

    async readPage(filter, after, upTo) {
      const [, page, deleted] = await transact([
        IN_INDEX_ORDER,
        pageStatement(table, filter, after),
        floor, // After the page: what it did not see deleted, it has read.
      ]);
      requireKept(after, toFloor(deleted!.rows as FloorRow[]));
      return toPage(table, page!.rows as PageRow[], upTo);
    },

    async confirm(position) {
      const { xid, seq } = position;
      const [kept, floors] = await transact([statement(`${prefix}_kept`, keptText, [xid, seq]), floor]);
      const deleted = toFloor(floors!.rows as FloorRow[]);
      requireKept(position, deleted);
      if (kept!.rowCount === 0 && isAfter(position, deleted)) {
        const reason = 'The change that this cursor names is not in the database; it was restored to an older state';
        throw expired(cursors, reason);
      }
    },
  };
}

type FloorRow = { value: string };

/** The last position that was deleted; ORIGIN when all is kept. */
function toFloor([row]: FloorRow[]): Position {
  if (!row) return ORIGIN;
  const [xid = '', seq = ''] = row.value.split('.');
  return { xid: BigInt(xid), seq: BigInt(seq) };
}

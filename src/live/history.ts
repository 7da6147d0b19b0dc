/** Reading the history of changes. Every read is an index range with a limit; none asks for more than it returns. */
import { IN_INDEX_ORDER, type Database, type Statement } from '../database/client.ts';
import type { ChangeFilter, Facts } from './change.ts';
import { expired, isAfter, ORIGIN, type Position } from './cursor.ts';
import { pageStatement, toPage, type Page, type PageRow } from './page.ts';
import { COLUMNS, toFacts, type Row } from './row.ts';

/** `facts` are all final changes after `before`, in order. */
export type Latest = { readonly before: Position; readonly facts: Facts[] };

export type Batch = {
  readonly facts: Facts[];
  /** Whether the change that was asked from is there: it connects this read with the one before. */
  readonly isConnected: boolean;
  /** Whether committed changes wait beyond the horizon, for an older transaction to end. */
  readonly isWaiting: boolean;
};

export type History = {
  /** The newest final changes, at most `limit`. */
  latest(limit: number): Promise<Latest>;
  /** Final changes of everybody after a position, about BATCH_CHANGES at most. */
  readAfter(position: Position): Promise<Batch>;
  /**
   * A page of what the filter wants, at most PAGE_CHANGES, between a position and a later final one. Throws
   * CURSOR_EXPIRED when changes after the position were deleted.
   */
  readPage(filter: ChangeFilter, after: Position, upTo: Position): Promise<Page>;
  /** Rejects with CURSOR_EXPIRED unless all that followed this position is kept. */
  confirm(position: Position): Promise<void>;
};

export const BATCH_CHANGES = 256;

const HORIZON = 'pg_snapshot_xmin(pg_current_snapshot())';
const FINAL = `c.xid < ${HORIZON}`;

// A limit as text, not as a parameter: a prepared statement must be planned for few rows.
const latestOf = (limit: number): Statement =>
  statement(
    `stream_latest_${limit}`,
    `select ${COLUMNS} from delivery_changes c where ${FINAL} order by c.xid desc, c.seq desc limit ${limit}`,
  );

// The change at the position itself, the final ones after it, and the first of those that are committed but not final.
// Not "exists": that is planned as a scan of the whole table.
const AFTER = `
  select c.*, ${FINAL} as is_final from (
    (select ${COLUMNS} from delivery_changes c where (c.xid, c.seq) >= ($1::xid8, $2::bigint) and ${FINAL}
      order by c.xid, c.seq limit ${BATCH_CHANGES + 1})
    union all
    (select ${COLUMNS} from delivery_changes c where c.xid >= ${HORIZON} order by c.xid, c.seq limit 1)
  ) c
  order by c.xid, c.seq`;

const FLOOR = `select value from settings where name = 'stream_floor'`;

const KEPT = `select 1 from delivery_changes c where c.xid = $1::xid8 and c.seq = $2::bigint`;

const statement = (name: string, text: string, values: unknown[] = []): Statement => ({ name, text, values });

export function createHistory({ pool, transact }: Pick<Database, 'pool' | 'transact'>): History {
  return {
    async latest(limit) {
      const { rows } = await pool.query<Row>(latestOf(limit + 1));
      const facts = rows.reverse().map(toFacts);
      if (facts.length > 0) return { before: facts[0]!.position, facts: facts.slice(1) };
      const floor = await pool.query<FloorRow>(statement('stream_floor', FLOOR));
      return { before: toFloor(floor.rows), facts };
    },

    async readAfter({ xid, seq }) {
      const { rows } = await pool.query<Row & { is_final: boolean }>(statement('stream_after', AFTER, [xid, seq]));
      const facts = rows.filter((row) => row.is_final).map(toFacts);
      const isWaiting = facts.length < rows.length;
      const first = facts[0]?.position;
      const isConnected = first?.xid === xid && first.seq === seq;
      return { facts: isConnected ? facts.slice(1) : facts, isConnected, isWaiting };
    },

    async readPage(filter, after, upTo) {
      const [, page, floor] = await transact([
        IN_INDEX_ORDER,
        pageStatement(filter, after),
        statement('stream_floor', FLOOR), // After the page: what it did not see deleted, it has read.
      ]);
      requireKept(after, toFloor(floor!.rows as FloorRow[]));
      return toPage(page!.rows as PageRow[], upTo);
    },

    async confirm(position) {
      const { xid, seq } = position;
      const [kept, floors] = await transact([
        statement('stream_kept', KEPT, [xid, seq]),
        statement('stream_floor', FLOOR),
      ]);
      const floor = toFloor(floors!.rows as FloorRow[]);
      requireKept(position, floor);
      if (kept!.rowCount === 0 && isAfter(position, floor)) {
        throw expired('The change that this cursor names is not in the database; it was restored to an older state');
      }
    },
  };
}

function requireKept(position: Position, floor: Position): void {
  if (isAfter(floor, position)) throw expired('Changes after this cursor are older than the retention, and deleted');
}

type FloorRow = { value: string };

/** The last position that was deleted; ORIGIN when all is kept. */
function toFloor([row]: FloorRow[]): Position {
  if (!row) return ORIGIN;
  const [xid = '', seq = ''] = row.value.split('.');
  return { xid: BigInt(xid), seq: BigInt(seq) };
}

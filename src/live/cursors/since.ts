/**
 * Finds the cursor after which everything comes that an organization recorded since a time.
 *
 *     rows in the order of the stream    ──○──○──○──○──○──●──●──○──●──▶
 *                                                    │  └ the first one dated at the time or later
 *                                                    └ the cursor names the last one before it
 *
 * Rows are not in the order of their dates: a change is dated before its row is written, by less than DATED_BEFORE_MS.
 * So the first row of that time is found in two steps:
 *
 *   1. A binary search by transaction id finds a row dated more than DATED_BEFORE_MS before the time. When it was written,
 *      the time had not come. So no row before it is of that time or later, however the dates are mixed.
 *   2. From there the rows are read in their order. They are those of about DATED_BEFORE_MS, and of one organization.
 *
 * As in standing.ts, the answer must not move with every change of other organizations, and retention must not soon overtake
 * it. So it is the later of the organization's own row and of anybody's, and that one is searched for the full minute.
 */
import type { Clock } from '../../clock.ts';
import type { Reader, Read } from '../../database/statement.ts';
import { RequestError } from '../../errors.ts';
import { createRowReader, type ChangeTable, type PositionRow, type Recorded } from '../change.ts';
import { later, type StreamPosition } from './cursor.ts';
import { createCursors, type CursorOptions } from './cursors.ts';
import { floorOf, toFloor, type FloorRow } from '../history.ts';

/** Returns a cursor, as text. Throws BAD_USER_INPUT for a time from which not all changes are kept. */
export type CursorSince = (snapshot: Reader, organizationId: string, time: Date) => Promise<string>;

type AnyTable = ChangeTable<any, any>;

type Options = CursorOptions & {
  readonly table: AnyTable;
  readonly clock: Clock;
  /** From when on all changes are kept. */
  readonly keptFrom: () => Date;
};

/**
 * A change is dated, then its transaction waits for a connection (10 s at most) and for its statements (30 s). The rest is for
 * clocks that differ.
 */
export const DATED_BEFORE_MS = 60_000;
const MINUTE_MS = 60_000;

export function createCursorSince({ table, clock, keptFrom, ...options }: Options): CursorSince {
  const toPlaced = createRowReader<Recorded, any>(table, options.epoch);
  const cursors = createCursors(table.cursors, options);
  const find = async (snapshot: Reader, statement: Read): Promise<StreamPosition | undefined> => {
    const { rows } = await snapshot.query<PositionRow>(statement);
    return rows[0] && toPlaced(rows[0]).position;
  };

  return async (snapshot, organizationId, time) => {
    if (time < keptFrom()) throw tooOld(time, keptFrom());
    const sinceMs = Math.min(time.getTime(), clock.now().getTime());
    const minuteMs = sinceMs - (sinceMs % MINUTE_MS);
    const early = await find(snapshot, olderRow(table, new Date(sinceMs - DATED_BEFORE_MS), organizationId));
    const own = await find(snapshot, lastBefore(table, new Date(sinceMs), organizationId, early));
    const anybodys =
      (await find(snapshot, olderRow(table, new Date(minuteMs - DATED_BEFORE_MS)))) ??
      toFloor((await snapshot.query<FloorRow>(floorOf(table))).rows);
    return cursors.encode(own ? later(own, anybodys) : anybodys, organizationId);
  };
}

function tooOld(time: Date, keptFrom: Date): RequestError {
  const message =
    `\`at\`: expected a time from ${keptFrom.toISOString()} on, which is as far back as the stream goes; got ` +
    `${time.toISOString()}. Read what is older from the list.`;
  return new RequestError('BAD_USER_INPUT', message, { argument: 'at' });
}

const FINAL = 'c.xid < pg_snapshot_xmin(pg_current_snapshot())';
/** The order of the primary key, and that of the organization's index; each with its reverse. */
const EVERYBODYS = { where: FINAL, up: 'c.xid, c.seq', down: 'c.xid desc, c.seq desc' };
const OWN = {
  where: `c.organization_id = $2 and ${FINAL}`,
  up: 'c.xid nulls first, c.seq nulls first',
  down: 'c.xid desc nulls last, c.seq desc nulls last',
};

/**
 * Finds a row dated before `time`, of the organization or of anybody. The next transaction's first row is not dated before it.
 * There is no row when the first row of all is not.
 */
export function olderRow({ name, prefix, columns }: AnyTable, time: Date, organizationId?: string): Read {
  const { where, up, down } = organizationId === undefined ? EVERYBODYS : OWN;
  const first = `from ${name} c where ${where} order by ${up} limit 1`;
  const text = `
    with recursive search (low, high) as (
      select f.xid::text::bigint, (select c.xid from ${name} c where ${where} order by ${down} limit 1)::text::bigint + 1
      from (select c.xid, c.occurred_at ${first}) f where f.occurred_at < $1::timestamptz
      union all
      select case when next.is_older then next.xid::text::bigint else s.low end,
        case when next.is_older then s.high else (s.low + s.high) / 2 end
      from search s
      left join lateral (
        select c.xid, c.occurred_at < $1::timestamptz as is_older
        from ${name} c where ${where} and c.xid >= ((s.low + s.high) / 2)::text::xid8 order by ${up} limit 1
      ) next on true
      where s.high - s.low > 1
    )
    select ${columns} from ${name} c
    where ${where} and c.xid = (select max(low)::text::xid8 from search) order by ${up} limit 1`;
  const values = organizationId === undefined ? [time] : [time, organizationId];
  return { name: `find_${organizationId === undefined ? '' : 'own_'}${prefix}_before`, text, values };
}

/** Finds the organization's last row before its first row of that time, looking from `early` on. */
function lastBefore(
  { name, prefix, columns }: AnyTable,
  time: Date,
  organizationId: string,
  early: StreamPosition | undefined,
): Read {
  const text = `
    with since as (
      select c.xid, c.seq from ${name} c
      where ${OWN.where} and (c.xid, c.seq) >= ($3::xid8, $4::bigint) and c.occurred_at >= $1::timestamptz
      order by ${OWN.up} limit 1
    )
    select ${columns} from ${name} c
    where ${OWN.where}
      and (c.xid, c.seq) < (coalesce((select s.xid from since s), '${NO_XID}'), coalesce((select s.seq from since s), 0))
    order by ${OWN.down} limit 1`;
  const values = [time, organizationId, early?.xid ?? 0n, early?.seq ?? 0n];
  return { name: `find_last_${prefix}_before`, text, values };
}

/** Above all transaction ids. */
const NO_XID = (2n ** 64n - 1n).toString();

/** The statement that reads a page for one subscriber, and what its rows say. */
import type { Statement } from '../../database/statement.ts';
import type { ChangeTable, PlacedChange, ChangeFilter, PositionRow, Recorded } from '../change.ts';
import { isAfter, type StreamPosition } from '../cursors/cursor.ts';

/** A page: `placed` are all changes that a filter wants after the given position, up to `through`. */
export type ChangePage<R extends Recorded> = { readonly placed: PlacedChange<R>[]; readonly through: StreamPosition };

export type ChangePageRow = PositionRow & { readonly nth: string; readonly is_wanted: boolean | null };

export const PAGE_CHANGES = 512;
/** The most rows that one page read looks at, however few of them the filter wants: so no read takes long. */
const WINDOW_CHANGES = 4_096;

/** The order of the organization's index. With the order of the primary key, Postgres would read everybody's changes. */
const orderOf = (table: string): string => `${table}.xid nulls first, ${table}.seq nulls first`;

/** Returns the statement for a page. Each combination of filters has a name of its own, so that it has its own plan. */
export function pageStatement<R extends Recorded, F extends ChangeFilter>(
  table: ChangeTable<R, F>,
  filter: F,
  after: StreamPosition,
): Statement {
  const values: unknown[] = [filter.organizationId, after.xid, after.seq];
  const wanted: string[] = [];
  let name = `page_${table.prefix}`;
  for (const [key, condition] of table.conditions) {
    const value = filter[key];
    if (value === undefined) continue;
    // Without Id: PostgreSQL keeps 63 characters of a name.
    name += `_${key.replace(/Id$/, '').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
    wanted.push(condition(`$${values.push(value)}`));
  }
  // The last row of a full window is always returned, because it says how far the page reaches.
  const text = `
    select w.* from (
      select ${table.columns}, row_number() over (order by ${orderOf('c')}) as nth,
        ${wanted.length === 0 ? 'true' : wanted.join(' and ')} as is_wanted
      from ${table.name} c
      where c.organization_id = $1 and (c.xid, c.seq) > ($2::xid8, $3::bigint)
      order by ${orderOf('c')} limit ${WINDOW_CHANGES}
    ) w
    where w.is_wanted or w.nth = ${WINDOW_CHANGES}
    order by ${orderOf('w')} limit ${PAGE_CHANGES}`;
  return { name, text, values };
}

/** Makes a page of rows. Changes beyond `upTo` may not be final yet: they are left for the next read. */
export function toPage<R extends Recorded>(
  toPlaced: (row: ChangePageRow) => PlacedChange<R>,
  rows: readonly ChangePageRow[],
  upTo: StreamPosition,
): ChangePage<R> {
  const placed: PlacedChange<R>[] = [];
  for (const row of rows) {
    const change = toPlaced(row);
    if (isAfter(change.position, upTo)) return { placed, through: upTo };
    if (row.is_wanted) placed.push(change);
    const isCutShort = placed.length === PAGE_CHANGES || Number(row.nth) === WINDOW_CHANGES;
    if (isCutShort) return { placed, through: change.position };
  }
  return { placed, through: upTo };
}

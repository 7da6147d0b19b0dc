/** The statement that reads a page for one subscriber, and what its rows say. */
import type { Statement } from '../database/client.ts';
import type { ChangeFilter, Facts } from './change.ts';
import { isAfter, type Position } from './cursor.ts';
import { COLUMNS, toFacts, type Row } from './row.ts';

/** `facts` are all changes a filter wants after the position that was asked for, up to `through`. */
export type Page = { readonly facts: Facts[]; readonly through: Position };

export type PageRow = Row & { nth: string; is_wanted: boolean };

export const PAGE_CHANGES = 256;
/** Rows one page read looks at, however few of them the filter wants: every read is as short as any other. */
const WINDOW_CHANGES = 4_096;

/** That of the organization's index. The primary key has another one, and would be read through everybody's changes. */
const orderOf = (table: string): string => `${table}.xid nulls first, ${table}.seq nulls first`;

/** The same rule as `matches` of change.ts. */
const CONDITIONS: readonly (readonly [keyof ChangeFilter, (value: string) => string])[] = [
  ['deliveryId', (value) => `c.delivery_id = ${value}`],
  ['targetId', (value) => `c.target_id = ${value}`],
  ['eventId', (value) => `c.event_id = ${value}`],
  ['status', (value) => `c.status = any (${value}::delivery_status[])`],
  ['eventType', (value) => `c.event_type = any (${value}::text[])`],
];

/** One named statement for each combination of filters, so that each has its own plan. */
export function pageStatement(filter: ChangeFilter, after: Position): Statement {
  const values: unknown[] = [filter.organizationId, after.xid, after.seq];
  const wanted: string[] = [];
  let name = 'stream_page';
  for (const [key, condition] of CONDITIONS) {
    const value = filter[key];
    if (value === undefined) continue;
    name += `_${key}`;
    wanted.push(condition(`$${values.push(value)}`));
  }
  // The last row of a full window comes along, wanted or not: it says how far the page reaches.
  const text = `
    select w.* from (
      select ${COLUMNS}, row_number() over (order by ${orderOf('c')}) as nth,
        ${wanted.length === 0 ? 'true' : wanted.join(' and ')} as is_wanted
      from delivery_changes c
      where c.organization_id = $1 and (c.xid, c.seq) > ($2::xid8, $3::bigint)
      order by ${orderOf('c')} limit ${WINDOW_CHANGES}
    ) w
    where w.is_wanted or w.nth = ${WINDOW_CHANGES}
    order by ${orderOf('w')} limit ${PAGE_CHANGES}`;
  return { name, text, values };
}

/** What lies beyond `upTo` may not be final yet, and is left for the next read. */
export function toPage(rows: readonly PageRow[], upTo: Position): Page {
  const facts: Facts[] = [];
  for (const row of rows) {
    const change = toFacts(row);
    if (isAfter(change.position, upTo)) return { facts, through: upTo };
    if (row.is_wanted) facts.push(change);
    const isCutShort = facts.length === PAGE_CHANGES || Number(row.nth) === WINDOW_CHANGES;
    if (isCutShort) return { facts, through: change.position };
  }
  return { facts, through: upTo };
}

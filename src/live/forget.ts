/** Deletes the oldest changes of a history. */
import type { Sql } from '../database/statement.ts';
import { floorName, type ChangeTable } from './change.ts';
import type { StreamPosition } from './cursors/cursor.ts';

type Table = Pick<ChangeTable<any, any>, 'name' | 'prefix'>;

// Only final changes are deleted, in order. So the floor, the last deleted position, separates what is kept from what is
// gone. Each step begins at the floor: from the start of the table it would walk over the rows that earlier steps
// deleted, until the next vacuum. It deletes by ctid, which never changes here: for a join, the planner would look for
// the first change of the table over the same rows. Order by qualified columns: an output column of the same name would
// sort as text.
const forgetting = (table: Table): string => `
  with gone as (
    select split_part(s.value, '.', 1)::xid8 as xid, split_part(s.value, '.', 2)::bigint as seq
    from settings s where s.name = '${floorName(table)}'
  ), oldest as (
    select c.ctid as place, c.xid, c.seq, c.occurred_at
    from ${table.name} c
    where c.xid < pg_snapshot_xmin(pg_current_snapshot())
      and (c.xid, c.seq) > (coalesce((select g.xid from gone g), '0'), coalesce((select g.seq from gone g), 0))
      and (c.xid, c.seq) <= ($3::xid8, $4::bigint)
    order by c.xid, c.seq
    limit $2
  ), first_kept as (
    select o.xid, o.seq from oldest o where o.occurred_at >= $1 order by o.xid, o.seq limit 1
  ), doomed as (
    select o.place, o.xid, o.seq
    from oldest o
    where not exists (select from first_kept) or (o.xid, o.seq) < (select k.xid, k.seq from first_kept k)
  ), floor as (
    insert into settings as s (name, value)
    select '${floorName(table)}', d.xid || '.' || d.seq from doomed d order by d.xid desc, d.seq desc limit 1
    on conflict (name) do update set value = excluded.value
    where (split_part(s.value, '.', 1)::xid8, split_part(s.value, '.', 2)::bigint)
      < (split_part(excluded.value, '.', 1)::xid8, split_part(excluded.value, '.', 2)::bigint)
  )
  delete from ${table.name} c where c.ctid = any(array(select d.place from doomed d))`;

/** After every change. */
const END: StreamPosition = { xid: 2n ** 64n - 1n, seq: 2n ** 63n - 1n };

/**
 * Deletes changes from before `before`, oldest first and at most `limit`, and moves the floor of the stream up to them:
 * cursors below it are expired. No change after `through` is deleted. Returns how many were deleted; fewer than `limit` means
 * that none is left to delete.
 */
export async function forgetChanges(
  tx: Sql,
  table: Table,
  before: Date,
  limit: number,
  through: StreamPosition = END,
): Promise<number> {
  const { rowCount } = await tx.query(forgetting(table), [before, limit, through.xid, through.seq]);
  return rowCount ?? 0;
}

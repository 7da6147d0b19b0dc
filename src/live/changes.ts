/** Writing the history of changes: appending in the transaction that makes a change, and forgetting the oldest. */
import type { Sql } from '../database/client.ts';
import type { DeliveryStatus } from '../domain/delivery.ts';

/** A status change of one delivery. `previousStatus` is null when the delivery was created. */
export type NewChange = {
  readonly organizationId: string;
  readonly deliveryId: string;
  readonly targetId: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly previousStatus: DeliveryStatus | null;
  readonly status: DeliveryStatus;
  /** The attempt that caused it; null for creation, cancellation and manual retry. */
  readonly attemptNumber: number | null;
  readonly occurredAt: Date;
};

const INSERT = `
  insert into delivery_changes
    (organization_id, delivery_id, target_id, event_id, event_type, previous_status, status, attempt_number, occurred_at)
  select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::delivery_status[],
    $7::delivery_status[], $8::int[], $9::timestamptz[])`;

/**
 * Appends the changes to the history, in this order, in the caller's transaction, which must also be the one that makes
 * them. It must not commit with synchronous_commit off: a change that subscribers saw has to outlive a crash.
 */
export async function recordChanges(tx: Sql, changes: readonly NewChange[]): Promise<void> {
  if (changes.length === 0) return;
  const column = <T>(read: (change: NewChange) => T): T[] => changes.map(read);
  await tx.query({
    name: 'record_changes',
    text: INSERT,
    values: [
      column((change) => change.organizationId),
      column((change) => change.deliveryId),
      column((change) => change.targetId),
      column((change) => change.eventId),
      column((change) => change.eventType),
      column((change) => change.previousStatus),
      column((change) => change.status),
      column((change) => change.attemptNumber),
      column((change) => change.occurredAt.toISOString()),
    ],
  });
}

// Only a final prefix of the history goes, so the floor, the last position that went, separates what is kept from what is
// not. Each step begins there: from the beginning, it would walk over what the steps before it deleted, until the next
// vacuum. And it deletes by place, since nothing moves a change: for a join, the planner would look for the first change of
// the table, over the same rows. Order by qualified columns: an output column of the same name would be text, and sort so.
const FORGET = `
  with gone as (
    select split_part(s.value, '.', 1)::xid8 as xid, split_part(s.value, '.', 2)::bigint as seq
    from settings s where s.name = 'stream_floor'
  ), oldest as (
    select c.ctid as place, c.xid, c.seq, c.occurred_at
    from delivery_changes c
    where c.xid < pg_snapshot_xmin(pg_current_snapshot())
      and (c.xid, c.seq) > (coalesce((select g.xid from gone g), '0'), coalesce((select g.seq from gone g), 0))
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
    select 'stream_floor', d.xid || '.' || d.seq from doomed d order by d.xid desc, d.seq desc limit 1
    on conflict (name) do update set value = excluded.value
    where (split_part(s.value, '.', 1)::xid8, split_part(s.value, '.', 2)::bigint)
      < (split_part(excluded.value, '.', 1)::xid8, split_part(excluded.value, '.', 2)::bigint)
  )
  delete from delivery_changes c where c.ctid = any(array(select d.place from doomed d))`;

/**
 * Deletes changes from before `before`, oldest first and at most `limit`, and moves the floor of the stream up to them:
 * cursors below it are expired. Returns how many went; fewer than `limit` means that it is done.
 */
export async function forgetChanges(tx: Sql, before: Date, limit: number): Promise<number> {
  const { rowCount } = await tx.query(FORGET, [before, limit]);
  return rowCount ?? 0;
}

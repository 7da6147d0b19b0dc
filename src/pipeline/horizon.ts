/**
 * Up to when all events are committed. An event has its id from the moment when its publish is planned, and is seen when that
 * commits; so a younger event may be seen before an older one.
 *
 *     ids of events  ──────────────────┬──────────────┬──▶ now
 *                     all are committed │ perhaps not  │
 *                                       └ now, less the age of the oldest transaction that writes, less PLANNED_BEFORE_MS
 *
 * Every transaction that writes is older than the events which it adds by PLANNED_BEFORE_MS at most: a publish that got no
 * connection in 10 seconds (database/client.ts) is given up. The rest is for clocks that differ. A commit that hangs keeps its
 * age, so events younger than it wait for it, and older ones do not.
 */
import type { Sql } from '../database/statement.ts';

const PLANNED_BEFORE_MS = 20_000;

/** The time before which no event is published any more, and all are seen by the next statement of the transaction. */
export async function settledBefore(tx: Sql, now: Date): Promise<Date> {
  const { rows } = await tx.query<{ ageMs: number }>({ name: 'find_oldest_writer', text: OLDEST_WRITER, values: [] });
  return new Date(now.getTime() - rows[0]!.ageMs - PLANNED_BEFORE_MS);
}

const OLDEST_WRITER = `
  select coalesce(max(extract(epoch from clock_timestamp() - xact_start)) * 1000, 0)::float8 as "ageMs"
  from pg_stat_activity
  where datname = current_database() and backend_xid is not null and pid <> pg_backend_pid()`;

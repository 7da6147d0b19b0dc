import type { Sql } from '../../../src/database/statement.ts';

const BLOCKED = `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;

/** Resolves when `count` connections to the database wait for a lock. */
export async function untilBlocked({ pool }: { readonly pool: Sql }, count = 1): Promise<void> {
  while (((await pool.query(BLOCKED)).rowCount ?? 0) < count);
}

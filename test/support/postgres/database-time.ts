/** The time of Postgres in the hands of a test: in one database, `clock_timestamp()` is what the test says. */
import pg from 'pg';
import type { Database } from '../../../src/database/client.ts';

export type DatabaseTime = AsyncDisposable & {
  /** Moves it, back too. */
  advance(ms: number): Promise<void>;
  /** The connections that these open from now on go by it. */
  rule(database: Pick<Database, 'pool' | 'reads' | 'heartbeat'>): void;
};

export async function holdDatabaseTime(databaseUrl: string): Promise<DatabaseTime> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(`
    create table held_time (now timestamptz not null);
    insert into held_time values ('2026-01-15T10:30:00Z');
    create function public.clock_timestamp() returns timestamptz language sql volatile as 'select now from public.held_time'`);
  return {
    rule({ pool, reads, heartbeat }) {
      for (const each of [pool, reads, heartbeat]) {
        // A function of the system is found first, unless the path says otherwise.
        each.on('connect', (connection) => void connection.query('set search_path = public, pg_catalog'));
      }
    },
    advance: async (ms) => void (await client.query(`update held_time set now = now + $1 * interval '1 ms'`, [ms])),
    [Symbol.asyncDispose]: () => client.end(),
  };
}

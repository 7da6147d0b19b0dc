/** The time of Postgres in the hands of a test: in one database, `clock_timestamp()` is what the test says. */
import pg from 'pg';

export type DatabaseTime = AsyncDisposable & {
  /** Moves it, back too. */
  advance(ms: number): Promise<void>;
};

/** Call it before anything else has connected: connections find the test's function by a search path they begin with. */
export async function holdDatabaseTime(databaseUrl: string): Promise<DatabaseTime> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(`
    create table held_time (now timestamptz not null);
    insert into held_time values ('2026-01-15T10:30:00Z');
    create function public.clock_timestamp() returns timestamptz language sql volatile as 'select now from public.held_time';
    do $$ begin execute format('alter database %I set search_path = public, pg_catalog', current_database()); end $$`);
  return {
    advance: async (ms) => void (await client.query(`update held_time set now = now + $1 * interval '1 ms'`, [ms])),
    [Symbol.asyncDispose]: () => client.end(),
  };
}

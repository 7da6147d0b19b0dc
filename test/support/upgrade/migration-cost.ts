/** What a migration does to large tables: it may change what the catalog says of them, but no row. */
import type pg from 'pg';

/**
 * They hold the history of a deployment, gigabytes maybe. A statement that reads or writes their rows takes minutes, under a
 * lock that stops publishing or delivering; and while its transaction is open, no live stream passes on a change
 * (src/live/tail.ts reads behind the oldest transaction that writes).
 */
export const LARGE_TABLES = ['events', 'deliveries', 'delivery_attempts', 'delivery_changes', 'target_changes'];

/**
 * A publish locks these tables in this order. It and a migration that locks them the other way round would wait for each other, and
 * PostgreSQL would end one of the two: the client of 0.1.0 got INTERNAL_SERVER_ERROR.
 */
const LOCK_ORDER = ['events', 'deliveries', 'delivery_changes'];

/** The tables of LOCK_ORDER that the migration alters, in the order in which it does, where that is another one. */
export function locksOutOfOrder(migration: string): string[] {
  const altered = [...migration.matchAll(/^ALTER TABLE "(\w+)"/gm)].map(([, table]) => LOCK_ORDER.indexOf(table!));
  const places = altered.filter((place) => place >= 0);
  return places.every((place, index) => index === 0 || places[index - 1]! <= place)
    ? []
    : places.map((place) => LOCK_ORDER[place]!);
}

const TRANSACTION = /^((?:\s|--.*\n)*BEGIN;[^]*)\bCOMMIT;\s*$/;

/**
 * Applies the migration, to tables with rows, and returns what is wrong with it, a sentence each. Rows that are read or
 * written are counted by PostgreSQL itself, so a scan that checks a new constraint is seen as well as an update, whatever
 * the statement is called.
 */
export async function migrationFaults(sql: pg.Client, migration: string): Promise<string[]> {
  const [, unfinished] = TRANSACTION.exec(migration) ?? [];
  if (unfinished === undefined) {
    return ['Expected one transaction, BEGIN; … COMMIT;: a process that is killed would leave a part of it behind.'];
  }
  const before = await filesOf(sql);
  await sql.query('select pg_stat_force_next_flush()'); // What this session did before is not of this transaction.
  await sql.query(unfinished);
  const faults = [...(await touchedRows(sql)), ...newFiles(before, await filesOf(sql)), ...(await patientLocks(sql))];
  await sql.query('commit');
  return faults;
}

type Files = ReadonlyMap<string, string>;

/** Table or index, and the file that holds it: another file means that all of it was written. */
async function filesOf(sql: pg.Client): Promise<Files> {
  const { rows } = await sql.query<{ name: string; file: string }>(
    `select r.name, pg_relation_filenode(r.oid)::text as file
       from (select relname as name, oid from pg_class where relname = any($1) and relkind = 'r'
             union all
             select 'the index ' || i.relname || ' of ' || t.relname, i.oid
               from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
              where t.relname = any($1)) as r`,
    [LARGE_TABLES],
  );
  return new Map(rows.map(({ name, file }) => [name, file]));
}

const newFiles = (before: Files, after: Files): string[] =>
  [...after]
    .filter(([name, file]) => before.get(name) !== file)
    .map(([name]) => `It writes ${name} as a whole, and nobody else can write meanwhile.`);

/** Of the transaction that is open. */
async function touchedRows(sql: pg.Client): Promise<string[]> {
  const { rows } = await sql.query<{ name: string; read: number; written: number }>(
    `select relname as name, (seq_scan + seq_tup_read + coalesce(idx_scan, 0))::int as read,
       (n_tup_ins + n_tup_upd + n_tup_del)::int as written
       from pg_stat_xact_user_tables where relname = any($1) order by 1`,
    [LARGE_TABLES],
  );
  return rows.flatMap(({ name, read, written }) => [
    ...(read > 0 ? [`It reads the rows of ${name}: as long as that takes, streams stand still.`] : []),
    ...(written > 0 ? [`It writes rows of ${name}: as long as that takes, streams stand still.`] : []),
  ]);
}

/** A change of the catalog locks its table for a moment. But it waits for who reads it, and everybody else behind it. */
async function patientLocks(sql: pg.Client): Promise<string[]> {
  const { rows } = await sql.query<{ name: string }>(
    `select distinct relname as name from pg_locks join pg_class on pg_class.oid = relation
      where pid = pg_backend_pid() and relname = any($1) and current_setting('lock_timeout') = '0'
        and mode in ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock') order by 1`,
    [LARGE_TABLES],
  );
  return rows.map(
    ({ name }) =>
      `It locks ${name} and waits for ever: while a backup reads the table, nothing is published or delivered. Begin ` +
      `with SET LOCAL lock_timeout = '3s'; the next start of a process tries again.`,
  );
}

/**
 * Indexes on large tables that came after the first release. A migration would stop publishing while it builds one, so they are
 * built beside it: by the first worker, or by `hookcast migrate`.
 *
 *     CREATE INDEX CONCURRENTLY has no transaction id while it reads the table, so live streams go on. A process that dies
 *     leaves an index behind that is not valid: the next builder drops it and begins again.
 */
import type pg from 'pg';
import { DatabaseConnection, type DatabaseConnector } from '../connect/database-connection.ts';
import { UNLIMITED } from '../connect/session.ts';
import { lockNumber } from '../locks.ts';
import type { Sql } from '../statement.ts';

type LateIndex = { readonly name: string; readonly on: string };

/** The changes of one delivery, which are few: the index does not order them. */
const CHANGES_OF_DELIVERY: LateIndex = { name: 'changes_of_delivery', on: 'delivery_changes (delivery_id)' };

/** Partial: events without a customer cost nothing. NULLS FIRST is the mark of a list: see the first migration. */
export const EVENTS_OF_CUSTOMER: LateIndex = {
  name: 'events_of_customer',
  on: 'events (organization_id, customer_id, id nulls first) where customer_id is not null',
};

const LATE_INDEXES: readonly LateIndex[] = [CHANGES_OF_DELIVERY, EVENTS_OF_CUSTOMER];

/** Whether the index can be used. */
export const isBuilt = async (sql: Sql, { name }: LateIndex): Promise<boolean> =>
  (await readStates(sql)).get(name) === true;

/** Whether all late indexes can be used. */
export const areBuilt = async (sql: Sql): Promise<boolean> => (await unbuiltIndexes(sql)).length === 0;

/** The names of the late indexes that cannot be used yet. */
export const unbuiltIndexes = async (sql: Sql): Promise<readonly string[]> =>
  (await findMissing(sql)).map(({ name }) => name);

/** Name of each late index that is there, and whether it is valid. */
async function readStates(sql: Sql): Promise<ReadonlyMap<string, boolean>> {
  const { rows } = await sql.query<{ name: string; isValid: boolean }>(STATES, [LATE_INDEXES.map(({ name }) => name)]);
  return new Map(rows.map(({ name, isValid }) => [name, isValid]));
}

const STATES = `
  select c.relname as name, i.indisvalid as "isValid"
    from pg_index i join pg_class c on c.oid = i.indexrelid
   where c.relname = any($1) and i.indexrelid = to_regclass(c.relname)`;

type BuildOptions = {
  readonly signal?: AbortSignal;
  /** Called before each index is built. */
  readonly onBegin?: (name: string) => void;
};

/**
 * Builds what is missing, and returns the names. Builds nothing while another process builds any index of the database. Rejects
 * with SQLSTATE 42501 when the role does not own the table, and when the signal aborts; PostgreSQL then ends what it has begun.
 */
export const buildLateIndexes = (connector: DatabaseConnector, options: BuildOptions = {}): Promise<string[]> =>
  underLock(connector, () => build(connector, options));

/** Builds all of them at once, with a lock on each table: they must be empty. */
export async function buildOnEmpty(sql: Sql): Promise<void> {
  for (const { name, on } of await findMissing(sql)) {
    await sql.query(`drop index if exists ${name}`); // What a killed process left behind.
    await sql.query(`create index ${name} on ${on}`);
  }
}

async function findMissing(sql: Sql): Promise<readonly LateIndex[]> {
  const states = await readStates(sql);
  return LATE_INDEXES.filter(({ name }) => states.get(name) !== true);
}

/** The lock lasts as long as a transaction that does nothing, so it ends with its process. */
async function underLock(connector: DatabaseConnector, work: () => Promise<string[]>): Promise<string[]> {
  const holder = await connect(connector);
  try {
    await holder.query('begin');
    const { rows } = await holder.query<{ isOurs: boolean }>('select pg_try_advisory_xact_lock($1) as "isOurs"', [
      lockNumber('lateIndexes', connector.schema),
    ]);
    await holder.query('select'); // Ends the snapshot of the statement before, which CREATE INDEX CONCURRENTLY would wait for.
    return rows[0]!.isOurs ? await work() : [];
  } finally {
    await holder.end();
  }
}

async function build(connector: DatabaseConnector, { signal, onBegin }: BuildOptions): Promise<string[]> {
  const builder = await connect(connector);
  const giveUp = () => void builder.end();
  signal?.addEventListener('abort', giveUp);
  try {
    signal?.throwIfAborted();
    // PostgreSQL then ends a build soon after its process is gone, and not when it has read the whole table.
    await builder.query(`set client_connection_check_interval = '1s'`).catch(() => {}); // Not on every platform.
    // A backend whose process has died may still build: its index is not valid yet, and must not be dropped.
    if ((await builder.query(BUILDING)).rowCount! > 0) return [];
    const missing = await findMissing(builder);
    for (const { name, on } of missing) {
      onBegin?.(name);
      await builder.query(`drop index concurrently if exists ${name}`);
      await builder.query(`create index concurrently ${name} on ${on}`);
    }
    return missing.map(({ name }) => name);
  } finally {
    signal?.removeEventListener('abort', giveUp);
    await builder.end();
  }
}

const BUILDING = 'select from pg_stat_progress_create_index where datname = current_database()';

async function connect(connector: DatabaseConnector): Promise<pg.Client> {
  const connection = new DatabaseConnection({ connector, session: UNLIMITED, applicationName: 'hookcast indexes' });
  await connection.connect();
  return connection;
}

/**
 * One process at a time brings a database up to date. The lock lasts as long as a transaction, on a connection that does
 * nothing else: a session's lock would stay behind on a pooled connection, and every other start would wait for it.
 */
import { DatabaseConnection, type DatabaseConnector } from '../connect/database-connection.ts';
import { UnfitDatabase } from '../connect/fitness.ts';
import { lockNumber } from '../locks.ts';
import { UNLIMITED } from '../connect/session.ts';
import { LOCK_NOT_AVAILABLE } from '../sql-state.ts';
import { sqlState } from '../statement.ts';

export type MigrationLockOptions = {
  /** Called again and again while this process waits for the lock, with its holder. */
  readonly onWaiting: (holder: string) => void;
  /** The wait is given up after this time. Default: ten minutes. */
  readonly limitMs?: number;
  /** The wait is given up soon after it is aborted, with its reason. */
  readonly stopRequested?: AbortSignal | undefined;
};

/** Longer than the holder waits for its tables (apply-migrations.ts), which then says what to do. */
const LIMIT_MS = 600_000;
/** The wait is cut into pieces, so that the waiting process can say who holds the lock. */
const PIECE_MS = 3_000;

export async function withMigrationLock<T>(
  connector: DatabaseConnector,
  { onWaiting, limitMs = LIMIT_MS, stopRequested }: MigrationLockOptions,
  work: () => Promise<T>,
): Promise<T> {
  const connection = new DatabaseConnection({ connector, session: UNLIMITED, applicationName: 'hookcast migration' });
  await connection.connect();
  try {
    for (let waitedMs = PIECE_MS; !(await take(connection, connector.schema)); waitedMs += PIECE_MS) {
      stopRequested?.throwIfAborted();
      const holder = await holderOf(connection, connector.schema);
      onWaiting(holder);
      if (waitedMs >= limitMs) {
        throw new UnfitDatabase(
          `the migration lock was not free within ${waitedMs / 1_000} s: it is held by ${holder}. Wait for it, or, ` +
            'if it is not a migration, end it with pg_terminate_backend.',
        );
      }
    }
    return await work();
  } finally {
    await connection.end();
  }
}

async function take(connection: DatabaseConnection, schema: string): Promise<boolean> {
  await connection.query('begin');
  await connection.query(`set local lock_timeout = ${PIECE_MS}`);
  try {
    // Without a parameter: a parameter leaves a portal open, whose snapshot CREATE INDEX CONCURRENTLY would wait for.
    await connection.query(`select pg_advisory_xact_lock(${lockNumber('migration', schema)})`);
    return true;
  } catch (error) {
    await connection.query('rollback');
    if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error;
    return false;
  }
}

/** Describes the holder to a person: process, name, address and the start of its transaction. */
async function holderOf(connection: DatabaseConnection, schema: string): Promise<string> {
  const { rows } = await connection.query<LockHolder>(HOLDER, [lockNumber('migration', schema)]);
  const [holder] = rows;
  if (!holder) return 'nobody any more';
  const { pid, name, address, since } = holder;
  return `backend ${pid} (${name || 'no application_name'}, from ${address ?? 'the same host'}, since ${since})`;
}

type LockHolder = {
  readonly pid: number;
  readonly name: string;
  readonly address: string | null;
  readonly since: string;
};

const HOLDER = `
  select l.pid, a.application_name as name, host(a.client_addr) as address,
    to_char(a.backend_start, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since
  from pg_locks l left join pg_stat_activity a using (pid)
  where l.locktype = 'advisory' and l.granted and l.objsubid = 1
    and l.database = (select oid from pg_database where datname = current_database())
    and (l.classid::bigint << 32 | l.objid::bigint) = $1::bigint
  limit 1`;

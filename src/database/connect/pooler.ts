/**
 * Finds a pooler that gives each transaction another connection (PgBouncer in transaction or statement mode): behind it
 * LISTEN is lost, and what is set on one connection is not there for the next transaction.
 *
 * A pooler gives a process number of its own to its clients. Behind one, a first connection is asked for its backend, then
 * others hold transactions open, then the first is asked again: if it has another backend now, or another connection got
 * the same one, backends are shared. A pooler with many idle backends may hide this; three rounds make that unlikely.
 */
import { DatabaseConnection, type DatabaseConnector } from './database-connection.ts';

const ROUNDS = 3;
const OTHERS = 2;
const BACKEND = 'select pg_backend_pid() as pid';

/** Whether transactions of one connection run on several backends. */
export async function sharesBackends(connector: DatabaseConnector): Promise<boolean> {
  const connections = Array.from({ length: 1 + OTHERS }, () => new DatabaseConnection({ connector, session: null }));
  const [first, ...others] = connections;
  await first!.connect();
  try {
    if (toldPid(first!) === (await backendOf(first!))) return false; // No pooler stands in between.
    await Promise.all(others.map((other) => other.connect()));
    for (let round = 0; round < ROUNDS; round++) {
      if (await isShared(first!, others)) return true;
    }
    return false;
  } finally {
    await Promise.all(connections.map((connection) => connection.end().catch(() => {})));
  }
}

async function isShared(first: DatabaseConnection, others: readonly DatabaseConnection[]): Promise<boolean> {
  const before = await backendOf(first);
  const taken: number[] = [];
  try {
    for (const other of others) {
      await other.query('begin');
      taken.push(await backendOf(other));
    }
    return taken.includes(before) || (await backendOf(first)) !== before;
  } finally {
    for (const other of others) await other.query('rollback');
  }
}

/** The process number that the server, or the pooler, told the client when it connected. */
const toldPid = (connection: DatabaseConnection): number | null =>
  (connection as unknown as { processID: number | null }).processID;

async function backendOf(connection: DatabaseConnection): Promise<number> {
  const { rows } = await connection.query<{ pid: number }>(BACKEND);
  return rows[0]!.pid;
}

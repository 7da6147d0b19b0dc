/** Transactions on a pool: how they begin, what their end means, and whether Postgres takes any at all. */
import type { Socket } from 'node:net';
import pg from 'pg';
import { sqlState, type Statement } from './statement.ts';

/** Nobody but the next write can tell whether there is space again, so after this time one is let through. */
const REFUSING_MS = 10_000;
/** Out of disk, memory or connections (class 53); its disk fails; it is a standby. */
const REFUSALS = /^(53...|58030|25006)$/;

export function watchRefusals() {
  let recent: NodeJS.Timeout | undefined;
  return {
    isRecent: () => recent !== undefined,
    rethrow(error: unknown): never {
      if (REFUSALS.test(sqlState(error) ?? '')) {
        clearTimeout(recent);
        recent = setTimeout(() => (recent = undefined), REFUSING_MS).unref();
      }
      throw error;
    },
  };
}

export async function inTransaction<T>(pool: pg.Pool, work: (tx: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const value = await work(client);
    requireCommit(await client.query('commit'));
    return value;
  } catch (error) {
    await client.query('rollback').catch((rollbackError: Error) => (broken = rollbackError));
    throw error;
  } finally {
    client.release(broken); // A connection that cannot roll back is closed, not reused.
  }
}

export async function transact(pool: pg.Pool, statements: readonly Statement[]): Promise<pg.QueryResult[]> {
  const client = await pool.connect();
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  stream.cork(); // All of it in one write: a write per statement costs more than most of the statements.
  const sending = [
    client.query('begin'),
    ...statements.map((statement) => client.query(statement)),
    client.query('commit'),
  ];
  stream.uncork();
  const sent = await Promise.allSettled(sending);
  const failure = sent.find((result) => result.status === 'rejected');
  // Whatever failed, the COMMIT has ended the transaction, unless the connection itself is gone.
  client.release(failure && !isStatementError(failure.reason) ? failure.reason : undefined);
  if (failure) throw failure.reason;
  const results = sent.map((result) => (result as PromiseFulfilledResult<pg.QueryResult>).value);
  requireCommit(results.at(-1)!);
  return results.slice(1, -1);
}

/** A COMMIT of a failed transaction answers ROLLBACK without an error: nothing may be acknowledged on it. */
function requireCommit({ command }: pg.QueryResult): void {
  if (command !== 'COMMIT') throw new Error('The transaction was rolled back by Postgres');
}

/** Whether PostgreSQL refused a statement, and goes on with the connection. */
export const isStatementError = (error: unknown): error is pg.DatabaseError =>
  error instanceof pg.DatabaseError && error.severity === 'ERROR';

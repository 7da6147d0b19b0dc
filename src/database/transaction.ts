/** Transactions on a pool: how they begin, and whether Postgres takes any at all. What their end means is in commit.ts. */
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { COMMIT, hear, isUndone, isUnreplicated, OutcomeUnknown, streamOf, untilEnded } from './commit.ts';
import { watchCommit, type Pools } from './commit.ts';
import { DEADLOCK } from './sql-state.ts';
import { isStatementError } from './statement-error.ts';
import { sqlState, withListsWritten, type Statement } from './statement.ts';

/** Only the next write can tell whether there is space again, so after this time one is let through. */
const REFUSING_MS = 10_000;
/** SQLSTATEs: out of disk, memory or connections (class 53); its disk fails; it is a standby. */
const REFUSALS = /^(53...|58030|25006)$/;
/** For the COMMIT of a transaction whose caller waits over HTTP: the caller waits no longer. */
const PATIENCE_MS = 5_000;
const MOST_DEADLOCKS = 3;

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

/** Throws OutcomeUnknown when COMMIT is not answered for `patienceMs`. */
export async function inTransaction<T>(
  pools: Pools,
  work: (tx: pg.PoolClient) => Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const client = await pools.pool.connect();
  const value = await begun(client, work);
  await patiently(commit(pools, client), patienceMs);
  return value;
}

/** Begins a transaction and does the work. When that throws, the transaction is rolled back and the connection given back. */
async function begun<T>(client: pg.PoolClient, work: (tx: pg.PoolClient) => Promise<T>): Promise<T> {
  hear(client);
  try {
    await client.query('begin');
    return await work(client);
  } catch (error) {
    let broken: Error | undefined;
    await client.query('rollback').catch((rollbackError: Error) => (broken = rollbackError));
    client.release(broken); // A connection that cannot roll back is closed, not reused.
    throw error;
  }
}

/** Throws OutcomeUnknown when the statements that were sent, COMMIT included, are not answered for `patienceMs`. */
async function patiently<T>(sent: Promise<T>, patienceMs: number): Promise<T> {
  const waiting = new AbortController();
  const late = delay(patienceMs, LATE, { signal: waiting.signal, ref: false }).catch(() => LATE);
  try {
    const first = await Promise.race([sent, late]);
    if (first !== LATE) return first as T;
    const over = (error: unknown) => (error instanceof OutcomeUnknown ? error.ended : undefined);
    const cause = new Error(`COMMIT was not answered within ${patienceMs} ms`);
    throw new OutcomeUnknown(
      cause,
      sent.then(() => undefined, over),
    );
  } finally {
    waiting.abort();
  }
}

const LATE = Symbol('late');

async function commit(pools: Pools, client: pg.PoolClient): Promise<void> {
  using _watch = watchCommit(pools, client);
  const [result] = await Promise.allSettled([client.query(COMMIT)]);
  finish(pools, client, [result]);
}

export type TransactOptions = {
  /**
   * Called right before COMMIT is sent: before the whole transaction, if that is sent at once. When it throws, nothing is
   * committed, and `transact` throws the same.
   */
  readonly beforeSend?: () => void;
  /** OutcomeUnknown is thrown when the answers take longer. Default: as long as the server works on them. */
  readonly patienceMs?: number;
};

/**
 * The statements of a transaction. A list is sent at once. Pieces are lists that are made and sent one after another, so that
 * the event loop has its turns between them: for statements that are large. They may be read again.
 */
export type Statements = readonly Statement[] | Pieces;
export type Pieces = AsyncIterable<readonly Statement[]>;

/** A transaction that a deadlock ended is sent again. */
export async function transact(
  pools: Pools,
  statements: Statements,
  options: TransactOptions = {},
): Promise<pg.QueryResult[]> {
  for (let deadlocks = 1; ; deadlocks++) {
    try {
      return await transactOnce(pools, statements, options);
    } catch (error) {
      if (sqlState(error) !== DEADLOCK || deadlocks === MOST_DEADLOCKS) throw error;
    }
  }
}

async function transactOnce(
  pools: Pools,
  statements: Statements,
  { beforeSend, patienceMs }: TransactOptions,
): Promise<pg.QueryResult[]> {
  const client = await pools.pool.connect();
  if (Symbol.asyncIterator in statements) {
    const results = await begun(client, (tx) => sendPieces(tx, statements, beforeSend));
    const committed = commit(pools, client);
    await (patienceMs === undefined ? committed : patiently(committed, patienceMs));
    return results;
  }
  try {
    beforeSend?.();
  } catch (error) {
    client.release();
    throw error;
  }
  const sent = send(pools, client, statements);
  return patienceMs === undefined ? sent : patiently(sent, patienceMs);
}

/**
 * Sends reads that do not wait for each other's results on one connection, in one round trip. Each sees what was committed
 * when it began. On connections of their own, each would wake another backend.
 */
export async function readTogether(pool: pg.Pool, reads: readonly Statement[]): Promise<pg.QueryResult[]> {
  const client = await pool.connect();
  const stream = streamOf(client);
  stream.cork();
  const sending = reads.map((read) => client.query(withListsWritten(read)));
  stream.uncork();
  const answers = await Promise.allSettled(sending);
  const failure = answers.find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
  client.release(!failure || isStatementError(failure.reason) ? undefined : failure.reason);
  if (failure) throw failure.reason;
  return answers.map((answer) => (answer as PromiseFulfilledResult<pg.QueryResult>).value);
}

/** Sends the pieces of a transaction that has begun. */
async function sendPieces(
  tx: pg.PoolClient,
  pieces: Pieces,
  beforeCommit: TransactOptions['beforeSend'],
): Promise<pg.QueryResult[]> {
  const results: pg.QueryResult[] = [];
  for await (const piece of pieces) {
    results.push(...(await Promise.all(piece.map((statement) => tx.query(withListsWritten(statement))))));
  }
  beforeCommit?.();
  return results;
}

async function send(pools: Pools, client: pg.PoolClient, statements: readonly Statement[]): Promise<pg.QueryResult[]> {
  const stream = streamOf(client);
  stream.cork(); // All of it in one write: a write per statement costs more than most of the statements.
  hear(client);
  const sending = [
    client.query('begin'),
    ...statements.map((statement) => client.query(withListsWritten(statement))),
    client.query(COMMIT),
  ];
  stream.uncork();
  using _watch = watchCommit(pools, client);
  return finish(pools, client, await Promise.allSettled(sending)).slice(1, -1);
}

/** Gives the connection back, and says what the answers mean. The last one is the answer to COMMIT. */
function finish(
  pools: Pools,
  client: pg.PoolClient,
  answers: readonly PromiseSettledResult<pg.QueryResult>[],
): pg.QueryResult[] {
  const at = answers.findIndex(({ status }) => status === 'rejected');
  const failure = answers[at] as PromiseRejectedResult | undefined;
  if (failure) {
    const { reason } = failure;
    const isAnswered = answers.at(-1)!.status === 'fulfilled';
    // Whatever failed, the COMMIT has ended the transaction, unless the connection itself is gone.
    client.release(isAnswered || isStatementError(reason) ? undefined : reason);
    if (isAnswered || isUndone(reason, at === answers.length - 1)) throw reason;
    throw new OutcomeUnknown(reason, untilEnded(pools, client));
  }
  client.release();
  const results = answers.map((answer) => (answer as PromiseFulfilledResult<pg.QueryResult>).value);
  requireCommit(results.at(-1)!);
  if (isUnreplicated(client)) {
    const cause = new Error('COMMIT did not wait for the synchronous standby: its wait was cancelled');
    throw new OutcomeUnknown(cause, Promise.resolve());
  }
  return results;
}

/** A COMMIT of a failed transaction answers ROLLBACK without an error: nothing may be acknowledged on it. */
function requireCommit({ command }: pg.QueryResult): void {
  if (command !== 'COMMIT') throw new Error('The transaction was rolled back by Postgres');
}

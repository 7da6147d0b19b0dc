/**
 * Two pools: one for everything that writes or works (Prisma, the SQL of the hot path, pg-boss), and one for the lists and
 * rows that clients of the API ask for. Whatever those ask for, it is over soon, and it waits for nobody else's connection.
 */
import type { Socket } from 'node:net';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from '../../prisma/generated/client.ts';

export type { PrismaClient };
export type { Prisma } from '../../prisma/generated/client.ts';

/** What runs SQL: the pool, or the client of one transaction. */
export type Sql = Pick<pg.Pool, 'query'>;

/** `name` makes it a prepared statement: one name, one text, for the life of a connection. */
export type Statement = { readonly name: string; readonly text: string; readonly values: unknown[] };

/**
 * Makes the other statements of its transaction walk indexes in their order. For queries with a small limit over tables
 * whose statistics lie: a queue is nearly empty whenever it is analysed, and the planner then sorts the whole backlog for
 * each claim (8 ms instead of 0.8 ms at 30,000 jobs); prepared statements know no sizes at all.
 */
export const IN_INDEX_ORDER: Statement = {
  name: 'in_index_order',
  text: `select set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true),
    set_config('enable_seqscan', 'off', true)`,
  values: [],
};

export type Database = {
  readonly pool: pg.Pool;
  /** Reads only, and each for READ_TIMEOUT_MS at most: a longer one fails with SQLSTATE 57014. */
  readonly reads: pg.Pool;
  readonly prisma: PrismaClient;
  /** Runs `work` in one transaction; its return means committed, its throw rolled back. */
  transaction<T>(work: (tx: pg.PoolClient) => Promise<T>): Promise<T>;
  /**
   * Runs statements that do not wait for each other's results as one transaction in one round trip; its return means
   * committed, its throw rolled back. For the hot path: a third of the time of the same statements one by one.
   */
  transact(statements: readonly Statement[]): Promise<pg.QueryResult[]>;
  /** Whether Postgres refused a transaction in the last seconds because it cannot write: its disk is full, say. */
  isRefusing(): boolean;
  close(): Promise<void>;
};

type Options = {
  readonly databaseUrl: string;
  /** Of `pool`; `reads` has half as many, opened when they are needed. */
  readonly connections: number;
  readonly readTimeoutMs?: number;
  /** A connection that breaks while idle, e.g. when Postgres restarts. The pool replaces it. */
  readonly onConnectionLost: (error: Error) => void;
};

// No statement of this service needs longer; one that does is stuck, and would hold the commit horizon back.
const STATEMENT_TIMEOUT_MS = 15_000;
// A server that vanished without a word (a failover, a dropped NAT entry) answers nothing: the connection is given up.
const ANSWER_GRACE_MS = 2_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** Pages are read in milliseconds: one that takes longer searches a table in vain, and would for ever more clients. */
const READ_TIMEOUT_MS = 5_000;
/** Nobody but the next write can tell whether there is space again, so after this time one is let through. */
const REFUSING_MS = 10_000;
/** Out of disk, memory or connections (class 53); its disk fails; it is a standby. */
const REFUSALS = /^(53...|58030|25006)$/;

export function connectDatabase(options: Options): Database {
  const { connections, readTimeoutMs = READ_TIMEOUT_MS } = options;
  const pool = createPool(options, connections, STATEMENT_TIMEOUT_MS);
  const reads = createPool(options, Math.ceil(connections / 2), readTimeoutMs, '-c default_transaction_read_only=on');
  const refusal = watchRefusals();
  const prisma = new PrismaClient({
    adapter: new PrismaPg(pool, { disposeExternalPool: false }),
    errorFormat: 'minimal', // Its errors are logged; arguments of queries have no place there.
  });
  return {
    ...{ pool, reads, prisma },
    transaction: (work) => inTransaction(pool, work).catch(refusal.rethrow),
    transact: (statements) => transact(pool, statements).catch(refusal.rethrow),
    isRefusing: refusal.isRecent,
    close: async () => {
      await prisma.$disconnect();
      await Promise.all([pool.end(), reads.end()]);
    },
  };
}

function createPool({ databaseUrl, onConnectionLost }: Options, max: number, timeoutMs: number, more = ''): pg.Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max,
    pipeline: true, // Statements sent together travel together; see transact.
    idleTimeoutMillis: 0, // Opening a connection costs more than keeping it.
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    options: `-c enable_seqscan=off ${more}`, // Prepared while a table is empty, a statement would scan it for ever.
    statement_timeout: timeoutMs,
    query_timeout: timeoutMs + ANSWER_GRACE_MS,
    keepAlive: true,
    idle_in_transaction_session_timeout: timeoutMs,
    application_name: 'hookcast',
  } as pg.PoolConfig);
  // Without listeners, a Postgres restart would end the process: the pool's hears idle connections, a client's those in use.
  pool.on('error', onConnectionLost);
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

function watchRefusals() {
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

async function inTransaction<T>(pool: pg.Pool, work: (tx: pg.PoolClient) => Promise<T>): Promise<T> {
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

async function transact(pool: pg.Pool, statements: readonly Statement[]): Promise<pg.QueryResult[]> {
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
  client.release(failure && !isDatabaseError(failure.reason) ? failure.reason : undefined);
  if (failure) throw failure.reason;
  const results = sent.map((result) => (result as PromiseFulfilledResult<pg.QueryResult>).value);
  requireCommit(results.at(-1)!);
  return results.slice(1, -1);
}

/** A COMMIT of a failed transaction answers ROLLBACK without an error: nothing may be acknowledged on it. */
function requireCommit({ command }: pg.QueryResult): void {
  if (command !== 'COMMIT') throw new Error('The transaction was rolled back by Postgres');
}

const isDatabaseError = (error: unknown): boolean => error instanceof pg.DatabaseError && error.severity === 'ERROR';

/** SQLSTATE of an error that Postgres reported, e.g. 23505 for a unique violation. */
export const sqlState = (error: unknown): string | undefined =>
  error instanceof pg.DatabaseError ? error.code : undefined;

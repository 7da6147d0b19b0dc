/**
 * Two pools: one for everything that writes or works (Prisma, the SQL of the hot path, pg-boss), and one for the lists and
 * rows that clients of the API ask for. A client's read ends soon, and takes no connection that writing needs.
 */
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from '../../prisma/generated/client.ts';
import {
  CONNECT_TIMEOUT_MS,
  DatabaseConnection,
  createDatabaseConnector,
  type DatabaseConnector,
} from './connect/database-connection.ts';
import { createReadings, type Readings } from './read/readings.ts';
import type { Session } from './connect/session.ts';
import type { Statement } from './statement.ts';
import {
  inTransaction,
  readTogether,
  transact,
  watchRefusals,
  type Statements,
  type TransactOptions,
} from './transaction.ts';

export type { PrismaClient };
export type { Prisma } from '../../prisma/generated/client.ts';

export type Database = {
  readonly pool: pg.Pool;
  /** Reads only, and each for READ_TIMEOUT_MS at most: a longer one fails with SQLSTATE 57014. */
  readonly reads: pg.Pool;
  /** One connection for touching claims, which must not wait behind batches: others take a claim that is not touched. */
  readonly heartbeat: pg.Pool;
  /** Snapshots in which operations of the API read, on connections of `reads`. */
  readonly readings: Readings;
  /** Made when it is asked for first: few processes need it, and it takes 3 MB. */
  readonly prisma: () => PrismaClient;
  /** How this process connects, for connections that belong to no pool. */
  readonly connector: DatabaseConnector;
  /** Runs `work` in one transaction; its return means committed, its throw rolled back, but for OutcomeUnknown. */
  transaction<T>(work: (tx: pg.PoolClient) => Promise<T>): Promise<T>;
  /**
   * Runs statements that do not wait for each other's results as one transaction, a list in one round trip. Its return means
   * committed, its throw rolled back, but for OutcomeUnknown (commit.ts). For the hot path: it takes a third of the time of
   * the same statements one by one.
   */
  transact(statements: Statements, options?: TransactOptions): Promise<pg.QueryResult[]>;
  /** Sends reads that do not wait for each other's results in one round trip, on one connection and in no transaction. */
  readTogether(reads: readonly Statement[]): Promise<pg.QueryResult[]>;
  /** Whether Postgres refused a transaction in the last seconds because it cannot write, e.g. because its disk is full. */
  isRefusing(): boolean;
  close(): Promise<void>;
};

type Options = {
  /** A connection string, or the connector that was made from one. */
  readonly databaseUrl: string | DatabaseConnector;
  /** Connections of `pool`, opened when they are needed. `heartbeat` has one of its own. */
  readonly connections: number;
  /** Connections of `reads`. Default: half of `connections`. */
  readonly readConnections?: number;
  readonly readTimeoutMs?: number;
  /** Hears that a connection broke while idle, e.g. when Postgres restarts. The pool replaces it. */
  readonly onConnectionLost: (error: Error) => void;
};

// No statement of this service needs longer. A statement that does is stuck, and would hold the commit horizon back.
const STATEMENT_TIMEOUT_MS = 15_000;
// A server that vanished without a word (a failover, a dropped NAT entry) answers nothing: the connection is given up.
const ANSWER_GRACE_MS = 2_000;
/** A page is read in milliseconds. A longer read searches a table in vain, and more and more clients would start one. */
const READ_TIMEOUT_MS = 5_000;
/** About the time between two touches: a touch that hangs must not delay the next one. */
const HEARTBEAT_TIMEOUT_MS = 3_000;

export function connectDatabase(options: Options): Database {
  const { databaseUrl, connections, readTimeoutMs = READ_TIMEOUT_MS, onConnectionLost } = options;
  const { readConnections = Math.ceil(connections / 2) } = options;
  const connector = typeof databaseUrl === 'string' ? createDatabaseConnector(databaseUrl) : databaseUrl;
  const open = (max: number, session: Partial<Session>) => createPool({ connector, max, session, onConnectionLost });
  const pool = open(connections, {});
  const reads = open(readConnections, { statementTimeoutMs: readTimeoutMs, isReadOnly: true });
  const heartbeat = open(1, { statementTimeoutMs: HEARTBEAT_TIMEOUT_MS });
  const refusal = watchRefusals();
  let prisma: PrismaClient | undefined;
  return {
    pool,
    reads,
    heartbeat,
    prisma: () =>
      (prisma ??= new PrismaClient({
        adapter: new PrismaPg(pool, { schema: connector.schema, disposeExternalPool: false }),
        errorFormat: 'minimal', // Its errors are logged, and must not show the arguments of queries.
      })),
    connector,
    readings: createReadings({ pool: reads, timeoutMs: readTimeoutMs, queueSchema: connector.queueSchema }),
    transaction: (work) => inTransaction({ pool, reads }, work).catch(refusal.rethrow),
    transact: (statements, options) => transact({ pool, reads }, statements, options).catch(refusal.rethrow),
    readTogether: (statements) => readTogether(pool, statements),
    isRefusing: refusal.isRecent,
    close: async () => {
      await prisma?.$disconnect();
      await Promise.all([pool.end(), reads.end(), heartbeat.end()]);
    },
  };
}

/**
 * Shares `total` connections among the parts of a process: one listens, one touches claims, and a third of the rest reads
 * what clients of the API ask for. The others publish, claim and settle: five keep two cores busy.
 */
export function shareConnections(total: number): { readonly connections: number; readonly readConnections: number } {
  const shared = total - 2;
  const readConnections = Math.max(1, Math.floor(shared / 3));
  return { connections: shared - readConnections, readConnections };
}

type PoolOptions = Pick<Options, 'onConnectionLost'> & {
  readonly connector: DatabaseConnector;
  readonly max: number;
  readonly session: Partial<Session>;
};

function createPool({ connector, max, session, onConnectionLost }: PoolOptions): pg.Pool {
  const { statementTimeoutMs = STATEMENT_TIMEOUT_MS, isReadOnly = false } = session;
  const idleInTransactionTimeoutMs = STATEMENT_TIMEOUT_MS; // A backstop: no transaction of ours waits for anybody.
  const pool = new pg.Pool({
    // The pool makes each client from these very options.
    Client: DatabaseConnection as unknown as new () => pg.Client,
    connector,
    max,
    session: { statementTimeoutMs, idleInTransactionTimeoutMs, isReadOnly, holdsPlans: true },
    pipeline: true, // Statements sent together travel together; see transact.
    answerTimeoutMs: statementTimeoutMs + ANSWER_GRACE_MS,
    idleTimeoutMillis: 0, // Opening a connection costs more than keeping it.
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  } as pg.PoolConfig);
  // Without listeners, a Postgres restart would end the process. The pool's hears idle connections, a client's those in use.
  // One that ends on purpose may hear of the end of PostgreSQL before its own: the pool does not wait for its sockets.
  pool.on('error', (error) => {
    if (!pool.ending) onConnectionLost(error);
  });
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

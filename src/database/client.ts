/** One pg.Pool for everything: Prisma, the SQL of the hot path and pg-boss share its connections. */
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from '../../prisma/generated/client.ts';

export type { PrismaClient };
export type { Prisma } from '../../prisma/generated/client.ts';

/** What runs SQL: the pool, or the client of one transaction. */
export type Sql = Pick<pg.Pool, 'query'>;

export type Database = {
  readonly pool: pg.Pool;
  readonly prisma: PrismaClient;
  /** Runs `work` in one transaction; its return means committed, its throw rolled back. */
  transaction<T>(work: (tx: pg.PoolClient) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

type Options = {
  readonly databaseUrl: string;
  readonly connections: number;
  /** A connection that breaks while idle, e.g. when Postgres restarts. The pool replaces it. */
  readonly onConnectionLost: (error: Error) => void;
};

// No statement of this service needs longer; one that does is stuck, and would hold the commit horizon back.
const STATEMENT_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 10_000;

export function connectDatabase({ databaseUrl, connections, onConnectionLost }: Options): Database {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: connections,
    idleTimeoutMillis: 0, // Opening a connection costs more than keeping it.
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    application_name: 'hookcast',
  });
  pool.on('error', onConnectionLost); // Without a listener, a Postgres restart would end the process.
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool, { disposeExternalPool: false }) });
  return {
    pool,
    prisma,
    transaction: (work) => inTransaction(pool, work),
    close: async () => {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

async function inTransaction<T>(pool: pg.Pool, work: (tx: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const value = await work(client);
    // A COMMIT of a failed transaction answers ROLLBACK without an error: nothing may be acknowledged on it.
    const { command } = await client.query('commit');
    if (command !== 'COMMIT') throw new Error('The transaction was rolled back by Postgres');
    return value;
  } catch (error) {
    await client.query('rollback').catch((rollbackError: Error) => (broken = rollbackError));
    throw error;
  } finally {
    client.release(broken); // A connection that cannot roll back is closed, not reused.
  }
}

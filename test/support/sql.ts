/**
 * Connections of a test itself, beside those of the product. They search our schema and the queue's, and state what they rely
 * on, so that no setting of the database or of the role changes what a test reads or writes.
 */
import pg from 'pg';
import { createDatabaseConnector } from '../../src/database/connect/database-connection.ts';

const SETTINGS = {
  timezone: 'UTC',
  datestyle: 'ISO',
  intervalstyle: 'postgres',
  bytea_output: 'hex',
  extra_float_digits: '1',
  client_encoding: 'UTF8',
  default_transaction_isolation: 'read\\ committed',
  default_transaction_read_only: 'off',
  idle_session_timeout: '0',
};

export function sqlConfig(databaseUrl: string): pg.PoolConfig {
  const { schema, queueSchema } = createDatabaseConnector(databaseUrl);
  const settings = { ...SETTINGS, search_path: `${schema},${queueSchema}` };
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  return { connectionString: databaseUrl, options: options.join(' ') };
}

/** Connected; `await using` closes it. */
export async function openSql(databaseUrl: string): Promise<pg.Client & AsyncDisposable> {
  const client = new pg.Client(sqlConfig(databaseUrl));
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

/** For "from": the locks of this database. Tests have copies of one database, whose tables have the same numbers. */
export const OWN_LOCKS =
  '(select l.* from pg_locks l join pg_database d on d.oid = l.database where d.datname = current_database()) as locks';

/** Runs one statement on a connection of its own. */
export async function runSql(databaseUrl: string, ...statements: readonly string[]): Promise<pg.QueryResult> {
  await using client = await openSql(databaseUrl);
  let result: pg.QueryResult | undefined;
  for (const statement of statements) result = await client.query(statement);
  return result!;
}

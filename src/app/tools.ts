/** What a command of the CLI works with: the service's database and keys, whether the service runs or not. */
import { systemClock, type Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { connectDatabase, type Database } from '../database/client.ts';
import { sqlState } from '../database/statement.ts';
import type { DatabaseConnector } from '../database/connect/database-connection.ts';
import { migrate } from '../database/migrate/migrate.ts';
import { createIdGenerator, type IdGenerator } from '../domain/ksuid.ts';
import { createSeal, type Seal } from '../domain/seal/seal.ts';
import { connectorOf } from './connector.ts';
import { joinLocalPostgres, readMasterKey } from './local.ts';

export type Tools = {
  readonly config: Config;
  readonly clock: Clock;
  readonly database: Database;
  readonly ids: IdGenerator;
  readonly seal: Seal;
};

const CONNECTIONS = 2;
const TABLES_DIFFER = ['42P01', '42703'];

/** Runs `work` with the tools and puts them away. */
export async function withTools<T>(config: Config, work: (tools: Tools) => Promise<T>): Promise<T> {
  const clock = systemClock;
  return withConnector(config, async (connector, isOurs) => {
    if (isOurs) await migrate(connector); // Nobody else has done so, maybe ever.
    const database = connectDatabase({ databaseUrl: connector, connections: CONNECTIONS, onConnectionLost: () => {} });
    try {
      await database.pool.query('select from settings'); // One clear error, whatever the command asks first.
      return await work({
        ...{ config, clock, database },
        ids: createIdGenerator({ nowMs: () => clock.now().getTime(), randomBytes: clock.randomBytes }),
        seal: createSeal(await readMasterKey(config, clock), clock.randomBytes, config.previousMasterKeys),
      });
    } catch (cause) {
      if (!TABLES_DIFFER.includes(sqlState(cause) ?? '')) throw cause;
      const message = 'The database has not the tables of this version; bring it up to date with `hookcast migrate`';
      throw new Error(message, { cause });
    } finally {
      await database.close();
    }
  });
}

/** Applies what is missing and returns the names of those migrations. `say` is told who holds the lock, while that waits. */
export const migrateDatabase = (config: Config, say: (line: string) => void): Promise<string[]> =>
  withConnector(config, (connector) =>
    migrate(connector, { onWaiting: (holder) => say(`Waiting for the migration lock, held by ${holder} …`) }),
  );

/** `isOurs`: it is the local PostgreSQL, which runs for this command alone. */
async function withConnector<T>(
  config: Config,
  work: (connector: DatabaseConnector, isOurs: boolean) => Promise<T>,
): Promise<T> {
  if (config.databaseUrl !== undefined) return work(connectorOf(config, config.databaseUrl), false);
  const postgres = await joinLocalPostgres(config, systemClock);
  try {
    return await work(connectorOf(config, postgres.databaseUrl), !postgres.isJoined);
  } finally {
    await postgres.stop();
  }
}

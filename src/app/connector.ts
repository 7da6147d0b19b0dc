/** Makes the connector of a process from DATABASE_URL, or from the local PostgreSQL. */
import { ConfigError, type Config } from '../config.ts';
import { createDatabaseConnector, type DatabaseConnector } from '../database/connect/database-connection.ts';

/** Throws a ConfigError that says what is wrong with the URL, and never quotes it: it holds a password. */
export function connectorOf({ queueSchema }: Pick<Config, 'queueSchema'>, databaseUrl: string): DatabaseConnector {
  try {
    return createDatabaseConnector(databaseUrl, queueSchema);
  } catch (error) {
    throw new ConfigError([`DATABASE_URL: ${(error as Error).message}`]);
  }
}

/** DATABASE_URL, or the local PostgreSQL, as what connections are made from. */
import { ConfigError, type Config } from '../config.ts';
import { createConnector, type Connector } from '../database/connect/connection.ts';

/** Throws a ConfigError that says what is wrong with the URL, and never quotes it: it holds a password. */
export function connectorOf({ queueSchema }: Pick<Config, 'queueSchema'>, databaseUrl: string): Connector {
  try {
    return createConnector(databaseUrl, queueSchema);
  } catch (error) {
    throw new ConfigError([`DATABASE_URL: ${(error as Error).message}`]);
  }
}

/**
 * Whether a database can carry Hookcast, found out before anything is written. One sentence says what the database lacks,
 * and the cure.
 */
import { DatabaseConnection, type DatabaseConnector } from './database-connection.ts';
import { sharesBackends } from './pooler.ts';
import { UNLIMITED, type DatabaseServer } from './session.ts';

/** Its message is for an operator, who needs no stack to act on it. */
export class UnfitDatabase extends Error {
  override readonly name = 'UnfitDatabase';
}

const LEAST_VERSION = 150_000;

/** Throws UnfitDatabase when the service cannot work with the server, the database or the way to it. */
export async function requireFit(connector: DatabaseConnector): Promise<void> {
  // This comes first: behind such a pooler even our settings would stay behind on connections of others.
  if (await sharesBackends(connector).catch(refuseStatementPooling)) throw new UnfitDatabase(TRANSACTION_POOLER);
  const connection = new DatabaseConnection({ connector, session: UNLIMITED });
  await connection.connect();
  const server = connection.server!;
  await connection.end();
  requireServer(server);
}

/** Throws UnfitDatabase for a server that is too old, or a database of another encoding. */
export function requireServer({ version, encoding }: Pick<DatabaseServer, 'version' | 'encoding'>): void {
  if (version < LEAST_VERSION) {
    const found = `${Math.floor(version / 10_000)}.${version % 10_000}`;
    throw new UnfitDatabase(`expected PostgreSQL 15 or newer, got ${found}: upgrade the server.`);
  }
  if (encoding !== 'UTF8') {
    throw new UnfitDatabase(
      `expected a database with the encoding UTF8, got ${encoding}: make a new one with ` +
        "CREATE DATABASE hookcast ENCODING 'UTF8' TEMPLATE template0 (LOCALE 'C.UTF-8', where the default does not fit).",
    );
  }
}

const TRANSACTION_POOLER =
  'expected a direct connection or a pooler in session mode, got a pooler that gives each transaction another ' +
  'connection: set pool_mode = session for this database, or connect past the pooler. LISTEN and session settings ' +
  'are lost behind it.';

/** PgBouncer in statement mode refuses BEGIN. */
function refuseStatementPooling(error: Error): true {
  if (/statement pooling/.test(error.message)) return true;
  throw error;
}

/** A database of its own for a test file or a test: a copy of the migrated template. */
import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { connectDatabase, type Database } from '../../src/database/client.ts';
import { databaseOf, userOf, withDatabase } from './postgres/database-url.ts';
import { runSql } from './sql.ts';

export type TestDatabase = Database & AsyncDisposable & { readonly databaseUrl: string };

type TestDatabaseOptions = { readonly readTimeoutMs?: number | undefined; readonly connections?: number };

/**
 * The URL of a fresh, migrated, otherwise empty database (no catalogs, no organization, no keys). With `template0` as its
 * template it has no tables either.
 */
export async function createDatabaseUrl(template?: 'template0'): Promise<string> {
  const [templateUrl, adminUrl, settings] = [inject('templateUrl'), inject('adminUrl'), inject('databaseSettings')];
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const from = `template ${template ?? databaseOf(templateUrl)} strategy file_copy`;
  await runSql(
    adminUrl,
    `create database ${name} owner ${userOf(templateUrl)} ${from}`,
    // A copy has the rows of its template and not its settings.
    ...Object.entries(settings).map(([setting, value]) => `alter database ${name} set ${setting} = '${value}'`),
  );
  return withDatabase(templateUrl, name);
}

/**
 * Connected to a fresh database; `await using` closes the connections. The database itself stays until the run ends, so
 * a failed test leaves its rows to look at.
 */
export async function createTestDatabase({
  readTimeoutMs,
  connections = 10,
}: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const databaseUrl = await createDatabaseUrl();
  const database = connectDatabase({
    databaseUrl,
    connections,
    onConnectionLost: () => {},
    ...(readTimeoutMs !== undefined && { readTimeoutMs }),
  });
  return Object.assign(database, { databaseUrl, [Symbol.asyncDispose]: () => database.close() });
}

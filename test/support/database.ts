/** A database of its own for a test file or a test: a copy of the migrated template. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { connectDatabase, type Database } from '../../src/database/client.ts';

export type TestDatabase = Database & AsyncDisposable & { readonly databaseUrl: string };

type TestDatabaseOptions = { readonly readTimeoutMs?: number | undefined };

/**
 * The URL of a fresh, migrated, otherwise empty database (no catalogs, no organization, no keys). With `template0` as its
 * template it has no tables either.
 */
export async function createDatabaseUrl(template: 'hookcast' | 'template0' = 'hookcast'): Promise<string> {
  const templateUrl = inject('templateUrl');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const admin = new pg.Client({ connectionString: templateUrl.replace(/\/hookcast$/, '/postgres') });
  await admin.connect();
  try {
    await admin.query(`create database ${name} template ${template} strategy file_copy`);
  } finally {
    await admin.end();
  }
  return templateUrl.replace(/\/hookcast$/, `/${name}`);
}

/**
 * Connected to a fresh database; `await using` closes the connections. The database itself stays until the run ends, so
 * a failed test leaves its rows to look at.
 */
export async function createTestDatabase({ readTimeoutMs }: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const databaseUrl = await createDatabaseUrl();
  const database = connectDatabase({
    ...{ databaseUrl, connections: 10, onConnectionLost: () => {} },
    ...(readTimeoutMs !== undefined && { readTimeoutMs }),
  });
  return Object.assign(database, { databaseUrl, [Symbol.asyncDispose]: () => database.close() });
}

/** The template of every test's database: migrated, with the queue's tables, and otherwise empty. */
import type { TestProject } from 'vitest/node';
import { connectDatabase } from '../../../src/database/client.ts';
import { migrate } from '../../../src/database/migrate/migrate.ts';
import { createQueue } from '../../../src/database/queue.ts';
import { databaseOf } from './database-url.ts';
import { runSql } from '../sql.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    templateUrl: string;
    /** Of a superuser, on another database of the same server. */
    adminUrl: string;
    /** What each copy is set to by `alter database`. */
    databaseSettings: Readonly<Record<string, string>>;
  }
}

export type Template = {
  readonly templateUrl: string;
  readonly adminUrl: string;
  readonly databaseSettings?: Readonly<Record<string, string>>;
};

const fail = (error: Error) => {
  throw error;
};

/** Migrates the database of `templateUrl`, which exists and is empty, and tells the tests of it. */
export async function provideTemplate(
  project: TestProject,
  { templateUrl, adminUrl, databaseSettings = {} }: Template,
): Promise<void> {
  await migrate(templateUrl);
  const database = connectDatabase({ databaseUrl: templateUrl, connections: 2, onConnectionLost: fail });
  const queue = createQueue({ database, supervise: false, attemptTimeoutMs: 20_000, onError: fail });
  await queue.start();
  await queue.stop();
  await database.close();
  // A template may have no connections while it is copied.
  await runSql(adminUrl, `alter database ${databaseOf(templateUrl)} with is_template true allow_connections false`);
  project.provide('templateUrl', templateUrl);
  project.provide('adminUrl', adminUrl);
  project.provide('databaseSettings', databaseSettings);
}

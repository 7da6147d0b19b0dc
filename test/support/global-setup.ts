/** Starts one real PostgreSQL for the whole run and migrates the template that every test database is copied from. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { connectDatabase } from '../../src/database/client.ts';
import { startEmbeddedPostgres } from '../../src/database/embedded.ts';
import { migrate } from '../../src/database/migrate.ts';
import { createQueue } from '../../src/database/queue.ts';
import { createFolder } from './processes/reaper.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    templateUrl: string;
  }
}

const fail = (error: Error) => {
  throw error;
};

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await createFolder('hookcast-test-');
  const postgres = await startEmbeddedPostgres({
    directory: folder.path,
    newPassword: randomBytes(16).toString('hex'),
    // Durability is tested where it matters (test/fault), with the real settings.
    settings: {
      ...{ fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' },
      autovacuum: 'off', // Its workers would connect to the template while it is copied.
    },
  });
  await migrate(postgres.databaseUrl);
  const database = connectDatabase({ databaseUrl: postgres.databaseUrl, connections: 2, onConnectionLost: fail });
  const queue = createQueue({ database, supervise: false, attemptTimeoutMs: 20_000, onError: fail });
  await queue.start();
  await queue.stop();
  await database.close();
  // A template may have no connections while it is copied.
  const admin = new pg.Client({ connectionString: postgres.databaseUrl.replace(/\/hookcast$/, '/postgres') });
  await admin.connect();
  await admin.query('alter database hookcast with is_template true allow_connections false');
  await admin.end();
  project.provide('templateUrl', postgres.databaseUrl);
  return async () => {
    await postgres.stop('immediate');
    await folder[Symbol.asyncDispose]();
  };
}

/**
 * Starts one real PostgreSQL for the whole run and migrates the template that every test database is copied from. Builds the
 * console, where its sources have changed.
 */
import { randomBytes } from 'node:crypto';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../../../src/database/embedded.ts';
import { withDatabase } from '../postgres/database-url.ts';
import { createFolder } from '../processes/reaper.ts';
import { provideTemplate } from '../postgres/template.ts';
import { buildConsole } from './build-console.ts';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await buildConsole();
  const folder = await createFolder('hookcast-test-');
  const postgres = await startEmbeddedPostgres({
    directory: folder.path,
    newPassword: randomBytes(16).toString('hex'),
    // Durability is tested where it matters (test/fault), with the real settings.
    settings: {
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      max_connections: '300',
      autovacuum: 'off', // Its workers would connect to the template while it is copied.
    },
  });
  const templateUrl = postgres.databaseUrl;
  await provideTemplate(project, { templateUrl, adminUrl: withDatabase(templateUrl, 'postgres') });
  return async () => {
    await postgres.stop('immediate');
    await folder[Symbol.asyncDispose]();
  };
}

import { defineConfig } from 'vitest/config';
import { COMMON, requireFiles, RESOLVE, ROOT } from '../support/run/common.ts';
import { PROCESS_TIME_ZONE } from './hostile.ts';

process.env['TZ'] = PROCESS_TIME_ZONE;

/** What every operator depends on, from the other runs; and what only a server that is not ours shows. */
const FILES = requireFiles([
  ...['deliver', 'crash', 'disable', 'idempotency', 'rate-limit', 'rotation', 'runbook'].map(
    (name) => `test/e2e/${name}.test.ts`,
  ),
  'test/e2e/{secrets,signed-changes,streams/keys}.test.ts',
  'test/cli/commands.test.ts',
  'test/database/connect/fitness.test.ts',
  'test/database/migrate/migration-lock.test.ts',
  'test/schema/read/reads.test.ts',
  'test/scale/plans.test.ts',
  'test/postgres/**/*.test.ts',
]);

export default defineConfig({
  root: ROOT,
  resolve: RESOLVE,
  test: {
    ...COMMON,
    include: FILES,
    globalSetup: ['test/postgres/global-setup.ts'],
    testTimeout: 90_000, // Most of them start processes, and each process compiles the whole service.
  },
});

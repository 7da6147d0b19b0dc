import { defineConfig } from 'vitest/config';
import { LongestFirst } from './support/run/longest-first.ts';

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  // Node gives graphql's ES modules to the packages, Vite would give its CommonJS build to our files: two realms.
  resolve: {
    alias: [{ find: /^graphql$/, replacement: new URL('../node_modules/graphql/index.mjs', import.meta.url).pathname }],
  },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/postgres/**'], // npm run test:postgres
    globalSetup: ['test/support/run/global-setup.ts'],
    pool: 'forks',
    // Of two processors, too: the end-to-end tests wait most of their time, for leases and clocks of other processes.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    // What is polled for may wait for a transaction of another file: all of them share one commit horizon.
    expect: { poll: { timeout: 20_000 } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

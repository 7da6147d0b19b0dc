import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  // Node gives graphql's ES modules to the packages, Vite would give its CommonJS build to our files: two realms.
  resolve: {
    alias: [{ find: /^graphql$/, replacement: new URL('../node_modules/graphql/index.mjs', import.meta.url).pathname }],
  },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/postgres/**'], // npm run test:postgres
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});

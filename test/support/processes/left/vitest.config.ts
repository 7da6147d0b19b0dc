import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: new URL('../../../..', import.meta.url).pathname,
  test: {
    include: ['test/support/processes/left/hanging.ts'],
    pool: 'forks',
    cache: false,
    testTimeout: Number(process.env['TEST_TIMEOUT_MS']),
  },
});

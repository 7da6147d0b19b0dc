/** What the runs of the tests have in common: npm test, npm run test:whole and npm run test:postgres. */
import { globSync } from 'node:fs';
import { LongestFirst } from './longest-first.ts';

export const ROOT = new URL('../../..', import.meta.url).pathname;

// Node gives graphql's ES modules to the packages, Vite would give its CommonJS build to our files: two realms.
export const RESOLVE = {
  alias: [
    {
      find: /^graphql$/,
      replacement: new URL('../../../node_modules/graphql/index.mjs', import.meta.url).pathname,
    },
  ],
};

export const COMMON = {
  globalSetup: ['test/support/run/global-setup.ts'],
  pool: 'forks',
  // Of two processors, too: tests of whole processes wait most of their time, for leases and clocks of other processes.
  maxWorkers: 3,
  sequence: { sequencer: LongestFirst },
  // What is polled for may wait for a transaction of another file: all of them share one commit horizon.
  expect: { poll: { timeout: 20_000 } },
  testTimeout: 60_000,
  hookTimeout: 60_000,
} as const;

/**
 * Returns the patterns. Throws where no file matches one of them:
 * a test file that was moved must not go missing without a word.
 */
export function requireFiles(patterns: readonly string[]): string[] {
  for (const pattern of patterns) {
    if (globSync(pattern, { cwd: ROOT }).length === 0) throw new Error(`No test file matches ${pattern}`);
  }
  return [...patterns];
}

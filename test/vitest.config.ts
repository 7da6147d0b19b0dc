/** `npm test`, after its checks. */
import { defineConfig } from 'vitest/config';
import { COMMON, RESOLVE, ROOT } from './support/run/common.ts';
import { WHOLE } from './support/run/whole.ts';

export default defineConfig({
  root: ROOT,
  resolve: RESOLVE,
  test: {
    ...COMMON,
    globalSetup: [...COMMON.globalSetup],
    include: ['test/**/*.test.ts'],
    exclude: ['test/postgres/**', ...WHOLE],
  },
});

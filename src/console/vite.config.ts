/** How the console is built: into dist/ beside this file, which the service serves (server/pages/console.ts). */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const path = (relative: string): string => new URL(relative, import.meta.url).pathname;

export default defineConfig({
  root: path('.'),
  base: '/',
  logLevel: 'warn',
  plugins: [react()],
  resolve: {
    alias: [
      { find: '@hookcast/client/react', replacement: path('../client/react.ts') },
      { find: '@hookcast/client/urql', replacement: path('../client/urql.ts') },
      { find: '@hookcast/client', replacement: path('../client/index.ts') },
    ],
  },
  build: {
    outDir: path('./dist'),
    emptyOutDir: true,
    assetsDir: 'console',
    // The policy of the page allows no inline content, data: included.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2024',
    sourcemap: true,
  },
});

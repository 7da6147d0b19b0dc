/**
 * Builds the console: `npm ci` runs this (prepare). Where the development packages were left out there is no bundler. Then it keeps
 * what is there, and says how to get a console.
 */
import { existsSync } from 'node:fs';

const bundler = await import('vite').catch(() => null);

if (bundler) {
  await bundler.build({ configFile: new URL('./vite.config.ts', import.meta.url).pathname });
} else if (!existsSync(new URL('./dist/index.html', import.meta.url))) {
  console.error(
    'The console was not built: that needs the development packages. `npm ci` installs them and builds it.',
  );
}

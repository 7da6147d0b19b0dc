/** `npm ci` builds the console, and an install without the development packages goes on without it. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFolder } from '../support/processes/reaper.ts';
import { runProcess } from '../support/processes/start.ts';

const BUILD = new URL('../../src/console/build.ts', import.meta.url).pathname;

test('where the development packages were left out nothing fails, what is built stays, and it says how to get it', async () => {
  await using folder = await createFolder('hookcast-bare-install-'); // No node_modules on the way up.
  const copy = join(folder.path, 'build.ts');
  await copyFile(BUILD, copy);
  const bare = await runProcess(process.execPath, [copy]);
  expect(bare.stderr).toContain('The console was not built: that needs the development packages.');
  await mkdir(join(folder.path, 'dist'));
  await writeFile(join(folder.path, 'dist/index.html'), '<!doctype html>');
  const kept = await runProcess(process.execPath, [copy]);
  expect(kept.stdout + kept.stderr).toBe('');
});

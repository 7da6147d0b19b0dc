/** Builds the console where it was not built since its sources changed, so that tests see the console of these sources. */
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { runProcess } from '../processes/start.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const SOURCES = ['src/console', 'src/client'];
const BUILT = join(ROOT, 'src/console/dist');

export async function buildConsole(): Promise<void> {
  const builtAt = await changedAt(join(BUILT, 'index.html')).catch(() => 0);
  const changes = await Promise.all(SOURCES.map((folder) => newestIn(join(ROOT, folder))));
  if (Math.max(...changes) < builtAt) return;
  // Not `test`, as in this process: React would be the slow one of development, and `npm start` serves what is built here.
  const env = { ...process.env, NODE_ENV: 'production' };
  await runProcess(process.execPath, [join(ROOT, 'src/console/build.ts')], { env });
}

const changedAt = async (path: string): Promise<number> => (await stat(path)).mtimeMs;

async function newestIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.parentPath.startsWith(BUILT));
  return Math.max(...(await Promise.all(files.map((entry) => changedAt(join(entry.parentPath, entry.name))))));
}

/**
 * `npm run pack:verify` and `npm run pack:client` build a room of src into the package that others install, @hookcast/verify or
 * @hookcast/client, and write its tarball to dist/. They are packages of their own, so that nobody installs the service with them.
 */
import { cp, glob, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createFolder } from '../processes/reaper.ts';
import { runProcess } from '../processes/start.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

export type PackageName = 'verify' | 'client';

/** Returns the path of the tarball. Builds in a folder of its own: several may pack at once. */
export async function packPackage(name: PackageName, destination: string): Promise<string> {
  await using stage = await createFolder('hookcast-pack-');
  const source = join(ROOT, 'src', name);
  await runProcess(process.execPath, [TSC, '-p', source, '--outDir', stage.path]);
  for await (const file of glob(['package.json', '**/*.md'], { cwd: source }))
    await cp(join(source, file), join(stage.path, file));
  return await pack(stage.path, destination);
}

export const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

/** Makes a tarball of the package in `folder` and returns its path. */
export async function pack(folder: string, destination: string): Promise<string> {
  await mkdir(destination, { recursive: true });
  const stdout = await npm(destination, ['pack', folder, '--json', '--ignore-scripts']);
  const [packed] = JSON.parse(stdout) as { filename: string }[];
  return join(destination, packed!.filename);
}

/** Runs npm as a person in `folder` would: without what the npm around this process hands down. Returns its output. */
export async function npm(folder: string, args: readonly string[]): Promise<string> {
  const own = Object.entries(process.env).filter(([name]) => !/^npm_|^INIT_CWD$/i.test(name));
  const options = { cwd: folder, env: Object.fromEntries(own), shell: process.platform === 'win32' };
  const { stdout } = await runProcess('npm', [...args, '--no-audit', '--no-fund'], options);
  return stdout;
}

if (import.meta.main) console.log(await packPackage(process.argv[2] as PackageName, join(ROOT, 'dist')));

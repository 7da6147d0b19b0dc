/** A package as others have it: packed, and installed by npm without a network into an empty folder. */
import { access, mkdir, symlink, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { npm, pack, packPackage, type PackageName } from './pack.ts';
import { createFolder } from '../processes/reaper.ts';
import { runProcess } from '../processes/start.ts';

const MODULES = resolve(import.meta.dirname, '../../../node_modules');

export type Installed = AsyncDisposable & {
  /** Where the code of its user goes; the package is in its node_modules. */
  readonly directory: string;
  /** Where the package is. */
  readonly packageDirectory: string;
  /** Makes packages that the service is developed with available, as if the user had installed them too. */
  link(...names: string[]): Promise<void>;
};

/** What each package needs, of the version that is pinned here, in place of the registry. */
const DEPENDENCIES: Readonly<Record<PackageName, readonly string[]>> = { verify: ['@noble/ed25519'], client: [] };

export async function installPackage(name: PackageName): Promise<Installed> {
  await using stack = new AsyncDisposableStack();
  const { path: directory } = stack.use(await createFolder('hookcast-user-'));
  const modules = join(directory, 'node_modules');
  const linked = new Set<string>();
  const tarballs = join(directory, 'tarballs');
  await writeFile(join(directory, 'package.json'), '{ "name": "user", "private": true, "type": "module" }');
  const dependencies = DEPENDENCIES[name].map((dependency) => pack(join(MODULES, dependency), tarballs));
  await npm(directory, [
    'install',
    '--offline',
    await packPackage(name, tarballs),
    ...(await Promise.all(dependencies)),
  ]);
  const owned = stack.move();
  return {
    directory,
    packageDirectory: join(modules, '@hookcast', name),
    async link(...names) {
      for (const name of names.filter((name) => !linked.has(name))) {
        await mkdir(dirname(join(modules, name)), { recursive: true });
        await symlink(join(MODULES, name), join(modules, name), 'junction');
        linked.add(name);
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

export type NodeBinary = { readonly path: string; readonly version: string };

/** The pinned Node and the others on the PATH that are new enough for receivers, one of each version. */
export async function findNodes(): Promise<NodeBinary[]> {
  const own = { path: process.execPath, version: process.version };
  const found = new Map([[own.version, own]]);
  for (const folder of process.env['PATH']!.split(delimiter)) {
    const path = join(folder, process.platform === 'win32' ? 'node.exe' : 'node');
    const version = await access(path).then(
      () => versionOf(path),
      () => null,
    );
    const isNewEnough = version !== null && Number.parseInt(version.slice(1)) >= 20;
    if (isNewEnough && !found.has(version)) found.set(version, { path, version });
  }
  return [...found.values()];
}

async function versionOf(path: string): Promise<string> {
  const { stdout } = await runProcess(path, ['--version']);
  return stdout.trim();
}

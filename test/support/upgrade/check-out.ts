/**
 * The source of an earlier release, from the history of this repository, on the packages that are installed here. What only
 * that release needs stays a development dependency: for 0.1.0 it is @pothos/plugin-prisma.
 */
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createFolder } from '../processes/reaper.ts';
import { runProcess } from '../processes/start.ts';

const ROOT = new URL('../../../', import.meta.url).pathname;

export type CheckOut = AsyncDisposable & {
  /** Its src/main.ts. */
  readonly main: string;
};

/** Undefined where the history does not reach that far: a shallow clone, or no clone at all. */
export async function checkOut(commit: string): Promise<CheckOut | undefined> {
  const git = (...args: string[]) => runProcess('git', ['-C', ROOT, ...args]);
  const isThere = await git('cat-file', '-e', `${commit}^{commit}`).then(
    () => true,
    () => false,
  );
  if (!isThere) return undefined;
  const folder = await createFolder('hookcast-release-');
  const directory = folder.path;
  const archive = join(directory, 'release.tar');
  await git('archive', '--format=tar', `--output=${archive}`, commit, 'src', 'prisma', 'package.json');
  await runProcess('tar', ['-xf', archive, '-C', directory]);
  await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  return {
    main: join(directory, 'src/main.ts'),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

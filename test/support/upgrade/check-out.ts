/** The source of an earlier release, from the history of this repository, on the packages that are installed here. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = new URL('../../../', import.meta.url).pathname;

export type CheckOut = AsyncDisposable & {
  /** Its src/main.ts. */
  readonly main: string;
};

/** Undefined where the history does not reach that far: a shallow clone, or no clone at all. */
export async function checkOut(commit: string): Promise<CheckOut | undefined> {
  const git = (...args: string[]) => run('git', ['-C', ROOT, ...args]);
  const isThere = await git('cat-file', '-e', `${commit}^{commit}`).then(
    () => true,
    () => false,
  );
  if (!isThere) return undefined;
  const directory = await mkdtemp(join(tmpdir(), 'hookcast-release-'));
  const archive = join(directory, 'release.tar');
  await git('archive', '--format=tar', `--output=${archive}`, commit, 'src', 'prisma', 'package.json');
  await run('tar', ['-xf', archive, '-C', directory]);
  await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  return {
    main: join(directory, 'src/main.ts'),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };
}

/** Programs that refuse to run as root, as PostgreSQL and PgBouncer do, and the folders they work in. */
import type { ChildProcess } from 'node:child_process';
import { chown, readFile } from 'node:fs/promises';
import { createFolder, type Folder } from '../processes/reaper.ts';
import { runProcess, startProcess } from '../processes/start.ts';

export type Account = { readonly uid: number; readonly gid: number };

const isRoot = process.getuid?.() === 0;

/** `postgres` where there is such an account, else `nobody`. Nothing where this process is not root: it needs no other. */
export async function unprivilegedAccount(): Promise<Account | Record<string, never>> {
  if (!isRoot) return {};
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const account = ['postgres', 'nobody'].map((name) => accounts.find(([found]) => found === name)).find(Boolean);
  if (!account) throw new Error('Expected an account named "postgres" or "nobody", found none: add one');
  return { uid: Number(account[2]), gid: Number(account[3]) };
}

/** A folder that the account owns and may enter: not in a temporary folder that only root may enter. */
export async function accountFolder(prefix: string): Promise<Folder> {
  const folder = await (isRoot ? createFolder(prefix, '/tmp') : createFolder(prefix));
  await giveToAccount(folder.path);
  return folder;
}

export async function giveToAccount(path: string): Promise<void> {
  const { uid, gid } = await unprivilegedAccount();
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
}

const options = async () => ({
  cwd: '/',
  env: { PATH: process.env['PATH'], LC_ALL: 'C' },
  ...(await unprivilegedAccount()),
});

/** Its standard output; rejects with its error output when it fails. */
export const runAsAccount = async (file: string, args: readonly string[]): Promise<string> =>
  (await runProcess(file, args, await options())).stdout;

/** A process that runs until it is told to stop; what it writes comes by `stderr`. */
export const startAsAccount = async (file: string, args: readonly string[]): Promise<ChildProcess> =>
  startProcess(file, args, { ...(await options()), stdio: ['ignore', 'ignore', 'pipe'] });

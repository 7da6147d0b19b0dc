/** Programs that refuse to run as root, as PostgreSQL and PgBouncer do, and the folders they work in. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chown, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

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
export async function accountFolder(prefix: string) {
  const path = await mkdtemp(join(isRoot ? '/tmp' : tmpdir(), prefix));
  await giveToAccount(path);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export async function giveToAccount(path: string): Promise<void> {
  const { uid, gid } = await unprivilegedAccount();
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
}

/** Its standard output; rejects with its error output when it fails. */
export async function runAsAccount(file: string, args: readonly string[]): Promise<string> {
  const options = { cwd: '/', env: { PATH: process.env['PATH'], LC_ALL: 'C' }, ...(await unprivilegedAccount()) };
  return (await promisify(execFile)(file, args, options)).stdout;
}

/** A process that runs until it is told to stop; what it writes comes by `stderr`. */
export async function startAsAccount(file: string, args: readonly string[]): Promise<ChildProcess> {
  const options = { cwd: '/', env: { PATH: process.env['PATH'], LC_ALL: 'C' }, ...(await unprivilegedAccount()) };
  return spawn(file, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
}

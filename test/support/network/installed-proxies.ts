/** Proxies of the system's packages: Tinyproxy, Squid and Dante. Those with credentials ask everybody for them. */
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { EgressProxy } from '../../../src/domain/targets/egress-proxy.ts';
import { findProgram } from '../processes/find-program.ts';
import { createFolder } from '../processes/reaper.ts';
import { startProcess } from '../processes/start.ts';
import { freePort } from './free-port.ts';

export type InstalledProxy = AsyncDisposable & { readonly settings: EgressProxy };

type Program = {
  readonly protocol: EgressProxy['protocol'];
  readonly takesCredentials: boolean;
  readonly args: (file: string) => readonly string[];
  readonly configuration: (port: number) => string;
  /** Another file that it needs. */
  readonly needs?: string;
};

export const PROXY_CREDENTIALS = { username: 'sender', password: 'secret-of-the-proxy' };

/** Squid's own helper: it takes any name and password, but wants some. */
const SQUID_HELPER = '/usr/lib/squid/basic_fake_auth';

export const PROXY_PROGRAMS: Readonly<Record<string, Program>> = {
  tinyproxy: {
    protocol: 'http',
    takesCredentials: true,
    args: (file) => ['-d', '-c', file],
    configuration: (port) => `
Port ${port}
Listen 127.0.0.1
Allow 127.0.0.1
BasicAuth ${PROXY_CREDENTIALS.username} ${PROXY_CREDENTIALS.password}
`,
  },
  squid: {
    protocol: 'http',
    takesCredentials: true,
    needs: SQUID_HELPER,
    args: (file) => ['-N', '-f', file],
    configuration: (port) => `
http_port 127.0.0.1:${port}
pid_filename none
access_log none
cache_log /dev/null
cache_store_log none
netdb_filename none
cache deny all
shutdown_lifetime 0 seconds
auth_param basic program ${SQUID_HELPER}
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
`,
  },
  danted: {
    protocol: 'socks5',
    takesCredentials: false,
    args: (file) => ['-f', file],
    configuration: (port) => `
logoutput: stderr
internal: 127.0.0.1 port = ${port}
external: lo
clientmethod: none
socksmethod: none
client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }
socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 command: connect }
`,
  },
};

/** The file of the program; undefined where it is not installed, or not whole. */
export async function findProxy(name: string): Promise<string | undefined> {
  const { needs } = PROXY_PROGRAMS[name]!;
  const isWhole =
    !needs ||
    (await access(needs).then(
      () => true,
      () => false,
    ));
  return isWhole ? findProgram(name) : undefined;
}

export async function startInstalledProxy(name: string, file: string): Promise<InstalledProxy> {
  const { protocol, takesCredentials, args, configuration } = PROXY_PROGRAMS[name]!;
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await createFolder(`hookcast-${name}-`));
  const [port, settingsFile] = [await freePort(), join(folder, `${name}.conf`)];
  await writeFile(settingsFile, configuration(port));
  const child = startProcess(file, args(settingsFile), { stdio: 'ignore', cwd: folder });
  const exited = once(child, 'exit');
  stack.defer(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await exited;
  });
  await Promise.race([
    untilListening(port),
    exited.then(([code, signal]) => {
      throw new Error(`${name} ended before it listened (${signal ?? code})`);
    }),
  ]);
  const running = stack.move();
  const credentials = takesCredentials ? PROXY_CREDENTIALS : undefined;
  const settings = { protocol, hostname: '127.0.0.1', port, credentials };
  return { settings, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** These programs do not say when they listen: it is tried until they do. */
async function untilListening(port: number): Promise<void> {
  for (;;) {
    const socket = connect({ host: '127.0.0.1', port });
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** nginx from the system's packages as a reverse proxy, with its own defaults: it speaks HTTP/1.0 to the service, and buffers. */
import { once } from 'node:events';
import { access, constants, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { announced } from '../processes/announced.ts';
import { createFolder } from '../processes/reaper.ts';
import { startProcess } from '../processes/start.ts';
import { freePort } from './free-port.ts';

export type Nginx = AsyncDisposable & { readonly url: string };

type Options = {
  /** Of the program: findNginx. */
  readonly file: string;
  /** Where the service listens. */
  readonly port: number;
  /** How long the service may send nothing. The default of nginx is 60,000. */
  readonly readTimeoutMs?: number;
  /** Whether it lets WebSockets through. It speaks HTTP/1.1 then. */
  readonly upgrades?: boolean;
};

/** The program; undefined where it is not installed. */
export async function findNginx(): Promise<string | undefined> {
  for (const folder of ['/usr/sbin', ...(process.env['PATH'] ?? '').split(':')]) {
    const file = join(folder, 'nginx');
    const mayRun = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (mayRun) return file;
  }
  return undefined;
}

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

const UPGRADES = 'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;';

export async function startNginx({ file, port, readTimeoutMs = 60_000, upgrades = false }: Options): Promise<Nginx> {
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await createFolder('hookcast-nginx-'));
  const own = await freePort();
  const configuration = `
    daemon off;
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    pid ${folder}/nginx.pid;
    error_log stderr notice;
    events {}
    http {
      access_log off;
      ${TEMPORARY.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n')}
      server {
        listen 127.0.0.1:${own};
        location / {
          proxy_pass http://127.0.0.1:${port};
          proxy_set_header Host $http_host;
          ${upgrades ? UPGRADES : ''}
          proxy_read_timeout ${readTimeoutMs}ms;
        }
      }
    }`;
  await writeFile(join(folder, 'nginx.conf'), configuration);
  const child = startProcess(file, ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  stack.defer(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await exited;
  });
  await announced(child, 'nginx', /start worker processes/);
  const running = stack.move();
  return { url: `http://127.0.0.1:${own}`, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

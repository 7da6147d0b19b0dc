/**
 * nginx from the system's packages: as a reverse proxy with its own defaults,
 * and as a receiver that demands a client certificate.
 */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Certificate } from '../certificates/certificates.ts';
import { announced } from '../processes/announced.ts';
import { findProgram } from '../processes/find-program.ts';
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
export const findNginx = (): Promise<string | undefined> => findProgram('nginx');

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

const UPGRADES = 'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;';

/** It speaks HTTP/1.0 to the service, and buffers. */
export const startNginx = ({ file, port, readTimeoutMs = 60_000, upgrades = false }: Options): Promise<Nginx> =>
  runNginx(
    file,
    {},
    (own) => `server {
    listen 127.0.0.1:${own};
    location / {
      proxy_pass http://127.0.0.1:${port};
      proxy_set_header Host $http_host;
      ${upgrades ? UPGRADES : ''}
      proxy_read_timeout ${readTimeoutMs}ms;
    } }`,
  );

type MutualOptions = Pick<Options, 'file'> & {
  readonly certificate: Certificate;
  /** PEM of the authority whose client certificates it takes. */
  readonly authority: string;
  readonly version: 'TLSv1.2' | 'TLSv1.3';
};

/** Answers 200 to whoever shows a certificate of the authority, with its subject as the body. Its url begins with https. */
export async function startMutualNginx({ file, certificate, authority, version }: MutualOptions): Promise<Nginx> {
  const files = { 'cert.pem': certificate.cert, 'key.pem': certificate.key, 'authority.pem': authority };
  const nginx = await runNginx(
    file,
    files,
    (own, folder) => `server {
    listen 127.0.0.1:${own} ssl;
    ssl_certificate ${folder}/cert.pem;
    ssl_certificate_key ${folder}/key.pem;
    ssl_protocols ${version};
    ssl_client_certificate ${folder}/authority.pem;
    ssl_verify_client on;
    ssl_verify_depth 3;
    location / { return 200 $ssl_client_s_dn; } }`,
  );
  return { ...nginx, url: nginx.url.replace('http:', 'https:') };
}

/** `files` are written to the folder; `httpOf` is what its `http { }` holds, for a free port of 127.0.0.1. */
export async function runNginx(
  file: string,
  files: Readonly<Record<string, string>>,
  httpOf: (port: number, folder: string) => string,
): Promise<Nginx> {
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
      ${httpOf(own, folder)}
    }`;
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
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

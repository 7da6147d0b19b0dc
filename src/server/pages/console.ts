/**
 * The console: one page, and its files in src/console/dist, which `npm ci` builds. The page asks the API like any other client, so
 * whoever may see it here may only read what their API key may read.
 */
import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import { PAGES } from '../../console/pages.ts';
import { type RouteHandler, sendJson } from '../health.ts';

export type Console = {
  /** Whether the request is for the page: a browser asks for one of its addresses. */
  wants(path: string, request: IncomingMessage): boolean;
  readonly page: RouteHandler;
  /** Serves what is below CONSOLE_FILES. */
  readonly file: RouteHandler;
};

export const CONSOLE_FILES = '/console/';

/** First parts of the addresses of the page. */
const ADDRESSES: ReadonlySet<string> = new Set(['', ...PAGES.map(({ path }) => path.split('/')[1]!)]);

/** Only files of this host, and no inline script or style. Connections to this host include WebSockets. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:', // The empty icon.
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  map: 'application/json',
};

const BUILT = new URL('../../console/dist/', import.meta.url);

const NOT_BUILT =
  'The console was not built. Run `npm ci` with the development packages, or start the service with CONSOLE=false.\n';

type Served = { readonly type: string; readonly body: Buffer; compressed?: Promise<Buffer> };
type Built = { readonly page: Buffer; readonly files: ReadonlyMap<string, Served> };

const compress = promisify(brotliCompress);

export function createConsole(built: URL = BUILT): Console {
  let reading: Promise<Built | null> | undefined;
  const read = (): Promise<Built | null> => (reading ??= readBuilt(built));

  return {
    wants: (path, { method, headers: { accept } }) =>
      (method === 'GET' || method === 'HEAD') &&
      /\btext\/html\b/.test(accept ?? '') &&
      ADDRESSES.has(path.split('/', 2)[1] ?? ''),

    async page(_request, response) {
      const found = await read();
      if (!found) return void response.writeHead(503, { 'Content-Type': 'text/plain; charset=utf-8' }).end(NOT_BUILT);
      response
        .writeHead(200, {
          'Content-Type': 'text/html; charset=utf-8',
          'Content-Security-Policy': CONTENT_SECURITY_POLICY,
          'Referrer-Policy': 'no-referrer',
          'Cache-Control': 'no-cache',
          Vary: 'Accept',
        })
        .end(found.page);
    },

    async file(request, response) {
      const file = (await read())?.files.get(request.url ?? '');
      if (!file) return sendJson(response, 404, { error: 'Not found' });
      await sendFile(request, response, file);
    },
  };
}

/** Null: there is no built console. */
async function readBuilt(built: URL): Promise<Built | null> {
  try {
    const page = await readFile(new URL('index.html', built));
    const folder = new URL('console/', built);
    const files = (await readdir(folder)).map(async (name): Promise<[string, Served]> => {
      const type = TYPES[name.split('.').at(-1)!] ?? 'application/octet-stream';
      return [`${CONSOLE_FILES}${name}`, { type, body: await readFile(new URL(name, folder)) }];
    });
    return { page, files: new Map(await Promise.all(files)) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** The names of the files change with their content, so they may be kept for ever. */
async function sendFile({ headers }: IncomingMessage, response: Parameters<RouteHandler>[1], file: Served) {
  const takesBrotli = /\bbr\b/.test(String(headers['accept-encoding'] ?? ''));
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
  const body = takesBrotli ? await (file.compressed ??= compress(file.body, quality)) : file.body;
  response
    .writeHead(200, {
      'Content-Type': file.type,
      'Content-Length': body.length,
      ...(takesBrotli ? { 'Content-Encoding': 'br' } : {}),
      'Cache-Control': 'public, max-age=31536000, immutable',
      Vary: 'Accept-Encoding',
    })
    .end(body);
}

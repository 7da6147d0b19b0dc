/**
 * The console and the portal: one page, and its files in src/console/dist, which `npm ci` builds. The page asks the API like any
 * other client, so whoever may see it here may only read what their API key may read.
 */
import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { PAGES, PORTAL } from '../../console/pages.ts';
import { type RouteHandler, sendJson } from '../health.ts';

export type ConsoleOptions = {
  /** Origins of the sites that may show the portal in a frame. The console itself is never framed. */
  readonly portalOrigins: readonly string[];
  /** Where requests to targets come from, if that is known. */
  readonly egressAddresses?: readonly string[] | undefined;
  /** Where the built files are. Default: where `npm ci` builds them. */
  readonly built?: URL;
};

export type Console = {
  /** Whether the path is an address of the page. */
  knows(path: string): boolean;
  /** Serves the page; with 404 at an address that is none of its own, where it says so in words. */
  page(path: string, response: ServerResponse): Promise<void>;
  /** Serves what is below CONSOLE_FILES. */
  readonly file: RouteHandler;
};

export const CONSOLE_FILES = '/console/';

/** Whether a person asks, with a browser: it names HTML. A program that takes anything does not. */
export const isBrowser = ({ method, headers: { accept } }: IncomingMessage): boolean =>
  (method === 'GET' || method === 'HEAD') && /\btext\/html\b/.test(accept ?? '');

const isOfPortal = (path: string): boolean => `${path}/`.startsWith(`${PORTAL}/`);

/** The addresses of the pages, at the root and at that of the portal: `:id` stands for one part of the path. */
const ADDRESS = new RegExp(
  `^(?:${PORTAL})?(?:${['', ...PAGES.map(({ path }) => path.replaceAll(/:\w+/g, '[^/]+'))].join('|')})/?$`,
);

/** Only files of this host, and no inline script or style. Connections to this host include WebSockets. */
const policyFor = (framedBy: readonly string[]): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    'img-src data:', // The empty icon.
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${framedBy.length > 0 ? framedBy.join(' ') : "'none'"}`,
  ].join('; ');

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  map: 'application/json',
};

const BUILT = new URL('../../console/dist/', import.meta.url);

const NOT_BUILT =
  'The console was not built. Run `npm ci` with the development packages, or start the service with CONSOLE=false.\n';

/** How a file may be sent, best first; the last one is for everybody. */
const CODINGS = ['br', 'gzip', 'identity'] as const;
type Coding = (typeof CODINGS)[number];
type Served = { readonly type: string; readonly bodies: Map<Coding, Promise<Buffer>>; readonly body: Buffer };
type Built = { readonly page: string; readonly files: ReadonlyMap<string, Served> };

const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
const ENCODE: Readonly<Record<Coding, (body: Buffer) => Promise<Buffer>>> = {
  br: (body) => promisify(brotliCompress)(body, quality),
  gzip: (body) => promisify(gzip)(body),
  identity: (body) => Promise.resolve(body),
};

export function createConsole({ portalOrigins, egressAddresses = [], built = BUILT }: ConsoleOptions): Console {
  let reading: Promise<Built | null> | undefined;
  /** What is not there, or cannot be read now, is looked for again by the next request. */
  const read = (): Promise<Built | null> => {
    const forget = (): void => void (reading = undefined);
    reading ??= readBuilt(built).then(
      (found) => {
        if (!found) forget();
        return found;
      },
      (error: unknown) => {
        forget();
        throw error;
      },
    );
    return reading;
  };

  return {
    knows: (path) => ADDRESS.test(path),

    async page(path, response) {
      const found = await read();
      const isKnown = ADDRESS.test(path);
      if (!found) {
        response.writeHead(isKnown ? 503 : 404, { 'Content-Type': 'text/plain; charset=utf-8' });
        return void response.end(NOT_BUILT);
      }
      const framedBy = isOfPortal(path) ? portalOrigins : [];
      response
        .writeHead(isKnown ? 200 : 404, {
          'Content-Type': 'text/html; charset=utf-8',
          'Content-Security-Policy': policyFor(framedBy),
          'Referrer-Policy': 'no-referrer',
          'Cache-Control': 'no-cache',
          Vary: 'Accept',
        })
        .end(
          found.page.replace(
            '</head>',
            `${tag('portal-origins', framedBy)}${tag('egress-addresses', egressAddresses)}</head>`,
          ),
        );
    },

    async file(request, response) {
      const file = (await read())?.files.get(request.url ?? '');
      // Another process may have it, of the release before or after: a cache between must not keep this answer.
      if (!file) return sendJson(response, 404, { error: 'Not found' }, { 'Cache-Control': 'no-store' });
      await sendFile(request, response, file);
    },
  };
}

/**
 * What the page must know before it asks anything: whose messages the portal may take (console/portal/host.ts), and the egress
 * addresses. Origins and addresses hold nothing that HTML would read.
 */
const tag = (name: string, values: readonly string[]): string =>
  `<meta name="${name}" content="${values.join(' ')}" />`;

/** Null: there is no built console. */
async function readBuilt(built: URL): Promise<Built | null> {
  try {
    const page = await readFile(new URL('index.html', built), 'utf8');
    const folder = new URL('console/', built);
    const files = (await readdir(folder)).map(async (name): Promise<[string, Served]> => {
      const type = TYPES[name.split('.').at(-1)!] ?? 'application/octet-stream';
      return [`${CONSOLE_FILES}${name}`, { type, body: await readFile(new URL(name, folder)), bodies: new Map() }];
    });
    return { page, files: new Map(await Promise.all(files)) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** The names of the files change with their content, so they may be kept for ever. */
async function sendFile({ headers }: IncomingMessage, response: ServerResponse, { type, body, bodies }: Served) {
  const taken = String(headers['accept-encoding'] ?? '');
  const coding =
    CODINGS.find((one) => new RegExp(`\\b${one}\\b(?!\\s*;\\s*q=0(?:\\.0*)?\\s*(?:,|$))`).test(taken)) ?? 'identity';
  if (!bodies.has(coding)) bodies.set(coding, ENCODE[coding](body));
  const encoded = await bodies.get(coding)!;
  response
    .writeHead(200, {
      'Content-Type': type,
      'Content-Length': encoded.length,
      ...(coding !== 'identity' && { 'Content-Encoding': coding }),
      'Cache-Control': 'public, max-age=31536000, immutable',
      Vary: 'Accept-Encoding',
    })
    .end(encoded);
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { GRAPHIQL_EXAMPLES } from './graphiql-examples.ts';
import { makeGraphiqlFiles } from './graphiql-files.ts';
import { type RouteHandler, sendJson } from '../health.ts';
import { GRAPHQL_PATH } from '../yoga.ts';

export type Graphiql = {
  /** Whether the request wants the page rather than an answer to a query. */
  wants(request: IncomingMessage): boolean;
  readonly page: RouteHandler;
  /** Serves the files of the page. */
  readonly file: RouteHandler;
};

export const GRAPHIQL_PATH = '/graphiql';

/** The page may run only scripts of this host and talk only to this host. The editor writes style attributes. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "worker-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

type Served = { readonly type: string; readonly body: Buffer; compressed?: Promise<Buffer> };

const compress = promisify(gzip);

/** The files are made at the first request for one: most processes never see a browser. */
export function createGraphiql(): Graphiql {
  let made: Promise<{ page: string; files: ReadonlyMap<string, Served> }> | undefined;
  const make = async () => {
    const { page, files } = await makeGraphiqlFiles({
      path: GRAPHIQL_PATH,
      apiPath: GRAPHQL_PATH,
      examples: GRAPHIQL_EXAMPLES,
    });
    return { page, files: new Map<string, Served>(files.map(({ path, type, body }) => [path, { type, body }])) };
  };

  return {
    wants: ({ method, headers: { accept } }) => method === 'GET' && /\btext\/html\b/.test(accept ?? ''),

    async page(_request, response) {
      const { page } = await (made ??= make());
      response
        .writeHead(200, {
          'Content-Type': 'text/html; charset=utf-8',
          'Content-Security-Policy': CONTENT_SECURITY_POLICY,
          'Referrer-Policy': 'no-referrer',
          'Cache-Control': 'no-cache',
          Vary: 'Accept',
        })
        .end(page);
    },

    async file(request, response) {
      const { files } = await (made ??= make());
      const file = files.get(request.url ?? '');
      if (!file) return sendJson(response, 404, { error: 'Not found' });
      await sendFile(request, response, file);
    },
  };
}

async function sendFile({ headers }: IncomingMessage, response: ServerResponse, file: Served): Promise<void> {
  const zipped = /\bgzip\b/.test(String(headers['accept-encoding'] ?? ''));
  const body = zipped ? await (file.compressed ??= compress(file.body)) : file.body;
  response
    .writeHead(200, {
      'Content-Type': file.type,
      'Content-Length': body.length,
      ...(zipped ? { 'Content-Encoding': 'gzip' } : {}),
      'Cache-Control': 'public, max-age=31536000, immutable',
      Vary: 'Accept-Encoding',
    })
    .end(body);
}

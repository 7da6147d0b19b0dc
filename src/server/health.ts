/** The paths that machines ask: is the process alive, is it ready, what are the public keys, where requests come from. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import { type Log, logFault } from '../log-event.ts';
import { KEY_SET_MAX_AGE_SECONDS } from '../domain/signing/signing-key.ts';

export type RouteHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** Answers once, with JSON. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = JSON.stringify(body);
  response
    .writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text), ...headers })
    .end(text);
}

/** Answers 200 for as long as the process can answer at all. Restart the process when it does not. */
export const healthRoute: RouteHandler = (_request, response) => sendJson(response, 200, { status: 'ok' }, NO_STORE);

type ReadyOptions = { readonly missing: () => Promise<readonly string[]>; readonly logger: Log };

/** Answers 200 when the process can serve requests, or 503 with the names of what is missing: ask another process then. */
export function createReadyRoute({ missing, logger }: ReadyOptions): RouteHandler {
  const findMissing = async (): Promise<readonly string[]> => {
    try {
      return await missing();
    } catch (error) {
      logFault(logger, { name: 'ready.failed', err: error });
      return ['unknown'];
    }
  };
  return async (_request, response) => {
    const names = await findMissing();
    if (names.length === 0) sendJson(response, 200, { status: 'ready' }, NO_STORE);
    else sendJson(response, 503, { status: 'not ready', missing: names }, NO_STORE);
  };
}

/** The public signing keys as a JSON Web Key Set (RFC 7517), the active one first, readable by any page. */
export function createJwksRoute(jwks: () => Promise<object>): RouteHandler {
  return async (_request, response) => {
    sendJson(response, 200, await jwks(), {
      'Cache-Control': `public, max-age=${KEY_SET_MAX_AGE_SECONDS}`,
      'Access-Control-Allow-Origin': '*',
    });
  };
}

/** The addresses that requests to targets come from, for the firewalls of customers; readable by any page. */
export const createEgressRoute =
  (addresses: readonly string[]): RouteHandler =>
  (_request, response) =>
    sendJson(
      response,
      200,
      { addresses },
      {
        'Cache-Control': 'public, max-age=300',
        'Access-Control-Allow-Origin': '*',
      },
    );

/** Prometheus text format. */
export function createMetricsRoute(registry: Registry): RouteHandler {
  return async (_request, response) => {
    const text = await registry.metrics();
    response.writeHead(200, { 'Content-Type': registry.contentType, ...NO_STORE }).end(text);
  };
}

const NO_STORE = { 'Cache-Control': 'no-store' };

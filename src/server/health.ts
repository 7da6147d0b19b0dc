/** The paths that machines ask: is it alive, is it ready, what are its keys. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';

export type Route = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

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

/** 200 for as long as the process can answer at all; restart it when it does not. */
export const healthRoute: Route = (_request, response) => sendJson(response, 200, { status: 'ok' }, NO_STORE);

type ReadyOptions = { readonly ready: () => Promise<boolean> | boolean; readonly logger: Logger };

/** 200 when requests can be served, 503 when they had better go elsewhere. */
export function createReadyRoute({ ready, logger }: ReadyOptions): Route {
  const isReady = async (): Promise<boolean> => {
    try {
      return await ready();
    } catch (error) {
      logger.warn({ event: 'ready.failed', err: error }, 'readiness could not be judged');
      return false;
    }
  };
  return async (_request, response) => {
    const [status, word] = (await isReady()) ? [200, 'ready'] : [503, 'not ready'];
    sendJson(response, status as number, { status: word }, NO_STORE);
  };
}

/** The public signing keys as a JSON Web Key Set (RFC 7517), readable by any page. */
export function createJwksRoute(jwks: () => Promise<object>): Route {
  return async (_request, response) => {
    sendJson(response, 200, await jwks(), {
      'Cache-Control': 'public, max-age=300',
      'Access-Control-Allow-Origin': '*',
    });
  };
}

/** Prometheus text format. */
export function createMetricsRoute(render: () => string): Route {
  return (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8', ...NO_STORE }).end(render());
  };
}

const NO_STORE = { 'Cache-Control': 'no-store' };

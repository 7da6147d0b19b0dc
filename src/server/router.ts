import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { createGraphiql, GRAPHIQL_PATH } from './graphiql.ts';
import { createJwksRoute, createMetricsRoute, createReadyRoute, healthRoute, type Route, sendJson } from './health.ts';
import { mistakeOfHead } from './request-head.ts';
import { GRAPHQL_PATH } from './yoga.ts';

type Options = {
  readonly graphql: Route;
  readonly missing: () => Promise<readonly string[]>;
  readonly jwks: () => Promise<object>;
  readonly registry: Registry;
  readonly logger: Logger;
};

/** Path -> what answers it. Never rejects: a route that fails answers 500 and is logged. */
export function createRouter({ graphql, missing, jwks, registry, logger }: Options): Route {
  const graphiql = createGraphiql();
  const routes = new Map<string, Route>([
    ['/healthz', healthRoute],
    ['/readyz', createReadyRoute({ logger, missing })],
    ['/metrics', createMetricsRoute(registry)],
    ['/.well-known/jwks.json', createJwksRoute(jwks)],
  ]);
  const route = (path: string): Route | undefined =>
    routes.get(path) ?? (path.startsWith(`${GRAPHIQL_PATH}/`) ? graphiql.file : undefined);

  const serve: Route = (request, response) => {
    response.setHeader('X-Content-Type-Options', 'nosniff'); // On every answer: no browser may guess what it is.
    const mistake = mistakeOfHead(request);
    if (mistake !== null) return sendJson(response, 400, { error: mistake });
    const path = pathOf(request);
    if (path === null) return sendJson(response, 400, { error: 'Expected a path that begins with /' });
    if (path === GRAPHQL_PATH)
      return graphiql.wants(request) ? graphiql.page(request, response) : graphql(request, response);
    const found = route(path);
    if (!found) return sendJson(response, 404, { error: 'Not found' });
    if (request.method === 'GET' || request.method === 'HEAD') return found(request, response);
    sendJson(response, 405, { error: 'Only GET is allowed here' }, { Allow: 'GET, HEAD' });
  };

  return async (request, response) => {
    try {
      await serve(request, response);
    } catch (error) {
      logger.error({ event: 'http.failed', path: pathOf(request), err: error }, 'http.failed');
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { error: 'Internal error' });
    }
  };
}

/** The path without its query; null for what is no path, such as the `http://…` of a request to a proxy. */
export function pathOf({ url = '' }: IncomingMessage): string | null {
  if (!url.startsWith('/')) return null;
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

import type { IncomingMessage } from 'node:http';
import type { Registry } from 'prom-client';
import { frontPage } from './pages/front-page.ts';
import { type Log, logFault } from '../log-event.ts';
import { CONSOLE_FILES, type ConsoleOptions, createConsole, isBrowser } from './pages/console.ts';
import { createGraphiql, GRAPHIQL_PATH } from './pages/graphiql.ts';
import {
  createEgressRoute,
  createJwksRoute,
  createMetricsRoute,
  createReadyRoute,
  healthRoute,
  type RouteHandler,
  sendJson,
} from './health.ts';
import { mistakeOfHead } from './request-head.ts';
import { GRAPHQL_PATH } from './yoga.ts';

export type RouterOptions = {
  readonly graphql: RouteHandler;
  readonly missing: () => Promise<readonly string[]>;
  readonly jwks: () => Promise<object>;
  /** Where requests to targets come from; undefined: it is not known, and the path of it is 404. */
  readonly egressAddresses?: readonly string[] | undefined;
  /** The pages for people; undefined: there are none. */
  readonly console?: ConsoleOptions | undefined;
  readonly registry: Registry;
  /** When it is set, /metrics is on that port only. */
  readonly adminPort?: number | undefined;
  readonly logger: Log;
};

/** Routes a request by its path. Never rejects: a route that fails answers 500 and is logged. */
export function createRouter(options: RouterOptions): RouteHandler {
  const { graphql, jwks, egressAddresses, registry, adminPort, logger } = options;
  const graphiql = createGraphiql();
  const pages = options.console && createConsole(options.console);
  const machines = createMachineRoutes([
    ['/', frontPage],
    ...probesOf(options),
    ...(adminPort === undefined ? [['/metrics', createMetricsRoute(registry)] as const] : []),
    ['/.well-known/jwks.json', createJwksRoute(jwks)],
    ...(egressAddresses ? [['/.well-known/egress.json', createEgressRoute(egressAddresses)] as const] : []),
  ]);
  return guarded(logger, (path, request, response) => {
    if (path === GRAPHQL_PATH)
      return graphiql.wants(request) ? graphiql.page(request, response) : graphql(request, response);
    if (path.startsWith(`${GRAPHIQL_PATH}/`)) return readOnly(graphiql.file)(request, response);
    if (pages && path.startsWith(CONSOLE_FILES)) return readOnly(pages.file)(request, response);
    if (pages && (pages.knows(path) || !machines.has(path)) && isBrowser(request)) return pages.page(path, response);
    return machines.serve(path, request, response);
  });
}

/** Routes of the admin port, for the machines of the operator: the probes and the metrics, and nothing else. */
export function createAdminRouter(options: RouterOptions): RouteHandler {
  const { registry, logger } = options;
  return guarded(logger, createMachineRoutes([...probesOf(options), ['/metrics', createMetricsRoute(registry)]]).serve);
}

type Routes = readonly (readonly [path: string, route: RouteHandler])[];
type PathRoute = (path: string, ...exchange: Parameters<RouteHandler>) => ReturnType<RouteHandler>;

/** The probes are on both ports: a load balancer asks the port that it sends traffic to. */
const probesOf = ({ missing, logger }: RouterOptions): Routes => [
  ['/healthz', healthRoute],
  ['/readyz', createReadyRoute({ logger, missing })],
];

function createMachineRoutes(routes: Routes): { readonly has: (path: string) => boolean; readonly serve: PathRoute } {
  const known = new Map(routes);
  return {
    has: (path) => known.has(path),
    serve(path, request, response) {
      const found = known.get(path);
      return found ? readOnly(found)(request, response) : sendJson(response, 404, { error: 'Not found' });
    },
  };
}

const readOnly =
  (route: RouteHandler): RouteHandler =>
  (request, response) => {
    if (request.method === 'GET' || request.method === 'HEAD') return route(request, response);
    sendJson(response, 405, { error: 'Only GET is allowed here' }, { Allow: 'GET, HEAD' });
  };

const guarded =
  (logger: Log, serve: PathRoute): RouteHandler =>
  async (request, response) => {
    response.setHeader('X-Content-Type-Options', 'nosniff'); // On every answer, so that no browser guesses its type.
    const path = pathOf(request);
    try {
      const mistake = mistakeOfHead(request);
      if (mistake !== null) return sendJson(response, 400, { error: mistake });
      if (path === null) return sendJson(response, 400, { error: 'Expected a path that begins with /' });
      await serve(path, request, response);
    } catch (error) {
      logFault(logger, { name: 'http.failed', err: error, path });
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { error: 'Internal error' });
    }
  };

/** The path without its query; null when the request has no path, as with the `http://…` of a request to a proxy. */
export function pathOf({ url = '' }: IncomingMessage): string | null {
  if (!url.startsWith('/')) return null;
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

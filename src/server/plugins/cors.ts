/**
 * Which web pages may call the API. API keys travel in headers, never in cookies, so a page that is not allowed could do
 * nothing with the user's rights. The list keeps other sites from using an API key that a user typed into them unknowingly.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerPlugin } from '../request-record.ts';

/** Whether the page that sent this request may read the answer; true when no page sent it. */
export type OriginPolicy = (request: IncomingMessage) => boolean;

type Options = {
  /** Whether pages that this machine serves, on any port, may call the API. */
  readonly allowLoopbackPages: boolean;
  readonly allowedOrigins: readonly string[];
  /** The origin at which browsers reach the service. */
  readonly publicUrl: string | undefined;
  /** Further hosts at which browsers reach the service, over http or https. */
  readonly allowedHosts: readonly string[];
  /** The origins at which the server listens. They stand in for publicUrl when it is not set. */
  readonly listening: () => readonly string[];
};

const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Allows our own pages, the listed origins and, where the settings say so, pages that this machine serves on any port. Only the
 * settings say which pages are our own. The Host header does not: another site could choose it, by a name of its own that leads
 * to us.
 */
export function createOriginPolicy(options: Options): OriginPolicy {
  const { allowLoopbackPages, allowedOrigins, publicUrl, allowedHosts, listening } = options;
  const listed = new Set([...allowedOrigins, ...allowedHosts.flatMap(originsOf)]);
  return ({ headers: { origin } }) => {
    if (origin === undefined || listed.has(origin)) return true;
    if (publicUrl === undefined ? listening().includes(origin) : origin === publicUrl) return true;
    return allowLoopbackPages && isLoopback(origin);
  };
}

/** The origins of a host, without the default port of the scheme, as browsers send them. */
const originsOf = (host: string): string[] => ['http', 'https'].map((scheme) => new URL(`${scheme}://${host}`).origin);

function isLoopback(origin: string): boolean {
  const url = URL.parse(origin);
  return url !== null && /^https?:$/.test(url.protocol) && LOOPBACK_NAMES.has(url.hostname);
}

/**
 * What a page may send. All headers that it asks for: tracing, error reports and clients add headers of their own, and none of
 * them gives the page a right that its API key does not give.
 */
const permissions = (asked: string | undefined): Record<string, string> => ({
  'Access-Control-Allow-Methods': 'GET, POST',
  ...(asked === undefined ? {} : { 'Access-Control-Allow-Headers': asked }),
  'Access-Control-Max-Age': '600',
});

const EXPOSED_HEADERS = 'Idempotency-Replayed, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id';

/** Lets the page that sent the request read the answer, if it is allowed to. Returns whether it is. */
export function letPageRead(request: IncomingMessage, response: ServerResponse, allowsOrigin: OriginPolicy): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return false;
  response.setHeader('Vary', 'Origin');
  if (!allowsOrigin(request)) return false;
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Expose-Headers', EXPOSED_HEADERS);
  return true;
}

/** Answers preflight requests, and lets allowed pages read answers. Never with credentials. */
export function useCors({ allowsOrigin }: { readonly allowsOrigin: OriginPolicy }): ServerPlugin {
  return {
    onRequest({ serverContext: { req, res }, fetchAPI, endResponse }) {
      const allowed = letPageRead(req, res, allowsOrigin);
      if (req.method !== 'OPTIONS') return;
      res.appendHeader('Vary', 'Access-Control-Request-Headers');
      const headers = allowed ? permissions(req.headers['access-control-request-headers']) : {};
      endResponse(new fetchAPI.Response(null, { status: 204, headers: { ...headers, Allow: 'GET, POST, OPTIONS' } }));
    },
  };
}

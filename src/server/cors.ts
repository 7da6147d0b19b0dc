/**
 * Which web pages may call the API. Keys travel in headers, never in cookies, so a page that is not allowed could do
 * nothing with the user's rights; the list keeps other sites from using a key that a user typed into them unknowingly.
 */
import type { IncomingMessage } from 'node:http';
import { SIGNATURE_HEADER, TIMESTAMP_HEADER, VERSION_HEADER } from '../domain/signed-request.ts';
import type { ServerPlugin } from './request-record.ts';

/** Whether the page that sent this request may read the answer; true when no page sent it. */
export type OriginPolicy = (request: IncomingMessage) => boolean;

type Options = { readonly mode: 'local' | 'production'; readonly allowedOrigins: readonly string[] };

const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Our own pages, the listed origins and, in local mode, pages that this machine serves on any port. */
export function createOriginPolicy({ mode, allowedOrigins }: Options): OriginPolicy {
  const listed = new Set(allowedOrigins);
  return ({ headers: { origin, host } }) => {
    if (origin === undefined || listed.has(origin)) return true;
    if (!URL.canParse(origin)) return false;
    const url = new URL(origin);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return false;
    return url.host === host || (mode === 'local' && LOOPBACK_NAMES.has(url.hostname));
  };
}

const PREFLIGHT_HEADERS = {
  'Access-Control-Allow-Methods': 'GET, POST',
  'Access-Control-Allow-Headers':
    'Accept, Authorization, Content-Type, Idempotency-Key, X-API-Key, X-Idempotency-Key, X-Request-Id, ' +
    `${SIGNATURE_HEADER}, ${VERSION_HEADER}, ${TIMESTAMP_HEADER}`,
  'Access-Control-Max-Age': '600',
};

const EXPOSED_HEADERS = 'Idempotency-Replayed, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id';

/** Answers preflight requests, and lets allowed pages read answers. Never with credentials. */
export function useCors({ allowsOrigin }: { readonly allowsOrigin: OriginPolicy }): ServerPlugin {
  return {
    onRequest({ serverContext: { req, res }, fetchAPI, endResponse }) {
      const { origin } = req.headers;
      const allowed = origin !== undefined && allowsOrigin(req);
      if (origin !== undefined) res.setHeader('Vary', 'Origin');
      if (allowed) {
        res.setHeader('Access-Control-Allow-Origin', origin);
        res.setHeader('Access-Control-Expose-Headers', EXPOSED_HEADERS);
      }
      if (req.method !== 'OPTIONS') return;
      const headers = allowed ? PREFLIGHT_HEADERS : {};
      endResponse(new fetchAPI.Response(null, { status: 204, headers: { ...headers, Allow: 'GET, POST, OPTIONS' } }));
    },
  };
}

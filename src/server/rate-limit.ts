/**
 * Counts each operation of an API key with a rate limit (access/rate-limit.ts): every HTTP request, the start of an SSE
 * subscription with it, here; every `subscribe` message of a WebSocket in socket-protocol.ts.
 */
import type { ServerResponse } from 'node:http';
import { type Count, type RateLimit, WINDOW_SECONDS } from '../access/rate-limit.ts';
import { RequestError } from '../errors.ts';
import type { ServerPlugin } from './request-record.ts';

/** What a client hears whose operation was one too many. */
export function overLimit({ limit, renewsInSeconds }: Count): RequestError {
  const message =
    `This API key has a limit of ${limit} per ${WINDOW_SECONDS} s, over all transports together, and it is used up. ` +
    `Try again in ${renewsInSeconds} s.`;
  return new RequestError('RATE_LIMITED', message, { limit, retryAfterSeconds: renewsInSeconds });
}

/**
 * `RateLimit` and `RateLimit-Policy` on every counted answer, as in draft-ietf-httpapi-ratelimit-headers-10; `Retry-After`
 * on refusals (RFC 9110). A refused request costs no more than its headers: its body is not read.
 */
export function useRateLimit({ rateLimit }: { readonly rateLimit: RateLimit }): ServerPlugin {
  return {
    onRequestParse({ serverContext: { res, record } }) {
      const counting = record.caller && rateLimit.count(record.caller);
      return counting?.then((count) => answerWith(count, res));
    },
  };
}

function answerWith(count: Count, res: ServerResponse): void {
  const { allowed, limit, remaining, renewsInSeconds } = count;
  res.setHeader('RateLimit-Policy', `"minute";q=${limit};w=${WINDOW_SECONDS}`);
  res.setHeader('RateLimit', `"minute";r=${remaining};t=${renewsInSeconds}`);
  if (allowed) return;
  res.setHeader('Retry-After', renewsInSeconds);
  throw overLimit(count);
}

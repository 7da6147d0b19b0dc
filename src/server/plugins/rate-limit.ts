/**
 * Counts each operation of an API key when the key or its organization has a rate limit (access/rate-limit.ts). Every HTTP
 * request is counted here, also the start of an SSE subscription; every `subscribe` message of a WebSocket in
 * socket-protocol.ts. Requests without an API key are counted by their address, at the gate (gate.ts).
 */
import type { ServerResponse } from 'node:http';
import type { Counts, RateLimit } from '../../access/rate-limit.ts';
import { type Count, WINDOW_SECONDS } from '../../access/windows.ts';
import { RequestError } from '../../errors.ts';
import type { ServerPlugin } from '../request-record.ts';

/** The error for an operation over a limit; null when it is within the limits. */
export function overLimit({ key, organization }: Counts): RequestError | null {
  if (key?.allowed === false) return refusal('This API key has', 'over all transports together', key);
  if (organization?.allowed !== false) return null;
  const scope = 'over all its API keys and transports together';
  return refusal('The organization of this API key has', scope, organization, { limitOf: 'ORGANIZATION' });
}

function refusal(who: string, scope: string, { limit, renewsInSeconds }: Count, details: object = {}): RequestError {
  const message =
    `${who} a limit of ${limit} per ${WINDOW_SECONDS} s, ${scope}, and it is used up. ` +
    `Try again in ${renewsInSeconds} s.`;
  return new RequestError('RATE_LIMITED', message, { limit, retryAfterSeconds: renewsInSeconds, ...details });
}

/**
 * `RateLimit` and `RateLimit-Policy` on every counted answer, as in draft-ietf-httpapi-ratelimit-headers-10, with an item for
 * each limit that was counted: "minute" is the limit of the API key, "organization" that of all API keys of its organization.
 * `Retry-After` on refusals (RFC 9110). A refused request costs no more than its headers: its body is not read.
 */
export function useRateLimit({ rateLimit }: { readonly rateLimit: RateLimit }): ServerPlugin {
  return {
    onRequestParse({ serverContext: { res, record } }) {
      if (!record.caller) return undefined;
      return rateLimit.count(record.caller)?.then((counts) => answerWith(counts, res, overLimit(counts)));
    },
  };
}

/** Sets the headers, and throws the refusal when there is one. */
function answerWith(counts: Counts, res: ServerResponse, refused: RequestError | null): void {
  showCounts(res, { minute: counts.key, organization: counts.organization });
  if (!refused) return;
  res.setHeader('Retry-After', String(refused.details['retryAfterSeconds']));
  throw refused;
}

/** Sets `RateLimit` and `RateLimit-Policy`, with an item for each limit that was counted. */
export function showCounts(res: ServerResponse, counts: Readonly<Record<string, Count | null>>): void {
  const counted = Object.entries(counts).filter((entry): entry is [string, Count] => entry[1] !== null);
  const policies = counted.map(([name, { limit }]) => `"${name}";q=${limit};w=${WINDOW_SECONDS}`);
  const standings = counted.map(
    ([name, { remaining, renewsInSeconds }]) => `"${name}";r=${remaining};t=${renewsInSeconds}`,
  );
  res.setHeader('RateLimit-Policy', policies.join(', '));
  res.setHeader('RateLimit', standings.join(', '));
}

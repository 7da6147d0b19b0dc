/** What an attempt came to, in words that say whose turn it is. */
import type { AttemptOutcome } from '../../generated/graphql.ts';
import { formatCount } from '../figures/format.ts';

type Facts = {
  readonly outcome: AttemptOutcome;
  readonly responseStatus: number | null;
};

const WORDS: Readonly<Record<AttemptOutcome, string>> = {
  DELIVERED: 'The target accepted the delivery.',
  HTTP_ERROR: 'The target answered, but not with success (2xx).',
  TIMEOUT: 'No complete answer came in time. The target may have received the event all the same.',
  CONNECTION_ERROR: 'The connection was refused, or it broke before the answer was complete.',
  DNS_ERROR: 'The host name of the URL is not known. Check the URL, and the DNS of the host.',
  TLS_ERROR: 'There was no secure connection. Check the certificate of the host: its name, its end and its chain.',
  FORBIDDEN_ADDRESS: 'The URL leads to an address that targets may not have. Nothing was sent.',
  PROXY_ERROR: 'The proxy of the service failed, not the target. The attempt is made again, and does not count.',
};

const STATUS_WORDS: Readonly<Record<number, string>> = {
  400: 'The target understood no request of this kind.',
  401: 'The target wants to be signed in to. Webhooks are signed instead: the receiver must accept them without a login.',
  403: 'The target refused the request. Often a firewall or a check of the signature does that.',
  404: 'The target has nothing at this path. Check the URL.',
  405: 'The target takes no POST at this path. Check the URL.',
  408: 'The target waited too long for the request.',
  410: 'The target says that it is gone for good. The service disables such a target.',
  413: 'The target takes no body of this size.',
  415: 'The target takes no JSON.',
  429: 'The target asks for fewer requests.',
  500: 'The receiver failed while it handled the event. Its log says why.',
  502: 'What stands before the receiver did not reach it.',
  503: 'The receiver is overloaded, or down for work.',
  504: 'What stands before the receiver got no answer from it in time.',
};

export function explainAttempt({ outcome, responseStatus }: Facts): string {
  if (outcome !== 'HTTP_ERROR' || responseStatus === null) return WORDS[outcome];
  if (responseStatus >= 300 && responseStatus < 400)
    return 'The target answered with a redirect. Redirects are never followed: give the target its final URL.';
  return STATUS_WORDS[responseStatus] ?? WORDS.HTTP_ERROR;
}

/** In a few words, for a row of a list. */
export function nameAttempt({ outcome, responseStatus }: Facts): string {
  if (responseStatus !== null && (outcome === 'HTTP_ERROR' || outcome === 'DELIVERED')) return String(responseStatus);
  return SHORT[outcome];
}

const SHORT: Readonly<Record<AttemptOutcome, string>> = {
  DELIVERED: 'Accepted',
  HTTP_ERROR: 'No success',
  TIMEOUT: 'Timed out',
  CONNECTION_ERROR: 'No connection',
  DNS_ERROR: 'Unknown host',
  TLS_ERROR: 'No secure connection',
  FORBIDDEN_ADDRESS: 'Forbidden address',
  PROXY_ERROR: 'Proxy failed',
};

type Sent = { readonly requestUrl: string | null; readonly requestHeaders: unknown };

/** What to call the body beside an attempt. An attempt that kept its address but no headers had no connection: it sent nothing. */
export function nameBody(
  { requestUrl, requestHeaders }: Sent,
  { responseStatus }: Pick<Facts, 'responseStatus'>,
): string {
  if (requestHeaders !== null || responseStatus !== null) return 'Body sent';
  return requestUrl === null ? 'Body of the event' : 'Body, not sent';
}

type Counts = { readonly attemptCount: number; readonly maxAttempts: number };

/** `2 of 10`; `12 attempts` once retries by hand, which come on top, have made more than the schedule has. */
export const countAttempts = ({ attemptCount, maxAttempts }: Counts): string =>
  attemptCount > maxAttempts
    ? `${formatCount(attemptCount)} attempts`
    : `${formatCount(attemptCount)} of ${formatCount(maxAttempts)}`;

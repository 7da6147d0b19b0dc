/**
 * For receivers: tells whether a request is from the sender, and fresh. Runs in Node 20 or newer, browsers, workers and edge
 * runtimes; needs Web Crypto (in browsers: a secure context) and @noble/ed25519.
 *
 * What a match proves: with a secret, that the request was sent to the target that the secret belongs to; with a public key,
 * that the deployment sent it, to any of its targets. Give the secret, or both: every kind of key that is given must have
 * signed the request, by any one key of its list. Within the tolerance a request can be repeated, by the retries of the sender
 * or by anybody who saw it: remember `event.id`.
 */
import { type Bytes, decodeText, toBytes } from './bytes.ts';
import { readFamilies, type WebhookHeaders } from './headers.ts';
import { judgeSignatures, type VerifiedSignature } from './judge-signatures.ts';
import { type PublicKey, readKeys } from './keys.ts';
import { type Refusal, refuse } from './refusal.ts';

export type { Scheme, WebhookHeaders } from './headers.ts';
export type { VerifiedSignature } from './judge-signatures.ts';
export type { PublicKey } from './keys.ts';
export { createRemoteKeys, type RemoteKeysOptions } from './remote-keys.ts';
export type { Refusal, RefusalReason } from './refusal.ts';

/** A request as it was received, and whom to believe. */
export type WebhookRequest = {
  /** Fetch `Headers`, Node's `req.headers`, a plain object or a list of pairs; names in any case. */
  readonly headers: WebhookHeaders;
  /** The exact bytes received, or their text. A parsed and re-serialised body does not verify. */
  readonly body: string | Uint8Array | ArrayBuffer;
  /** Keys of the deployment, at most 10; one of them must have signed. Several while the sender changes its key. */
  readonly publicKeys?: readonly PublicKey[] | undefined;
  /** Secrets of the target, `whsec_…`, at most 10; one of them must have signed. Several while a secret is rotated. */
  readonly secrets?: readonly string[] | undefined;
  /** Largest distance between `now` and the time of signing; default 300. */
  readonly toleranceSeconds?: number | undefined;
  /** Default: the system clock. */
  readonly now?: Date | undefined;
};

/** What was sent: the body of every request, parsed. */
export type WebhookEvent = {
  /** The same in every attempt and every delivery of the event: deduplicate by it. */
  readonly id: string;
  /** The event type, e.g. transaction.auto.updated. */
  readonly event: string;
  readonly data: unknown;
  /** RFC 3339. */
  readonly created_at: string;
  readonly customer_id?: string;
};

/** A `VerifiedSignature` and the event that it vouches for. */
export type VerifiedWebhook = VerifiedSignature & { readonly event: WebhookEvent };

/**
 * Verifies a request and parses its event. Never throws because of what came in: every refusal is a value.
 *
 * @example
 * ```ts
 * import { verifyWebhook } from '@hookcast/verify';
 *
 * export async function receive(request: Request, secrets: string[]): Promise<Response> {
 *   const result = await verifyWebhook({ headers: request.headers, body: await request.arrayBuffer(), secrets });
 *   if (!result.ok) {
 *     console.warn(`Refused a webhook: ${result.reason}, ${result.message}`);
 *     return new Response(null, { status: 401 });
 *   }
 *   console.log(`${result.event.event} ${result.event.id}`);
 *   return new Response(null, { status: 204 });
 * }
 * ```
 */
export async function verifyWebhook(request: WebhookRequest): Promise<VerifiedWebhook | Refusal> {
  // Copied before the first wait, so that the bytes that are verified are the bytes that are parsed.
  const body = toBytes(request.body);
  const verified = await verifyBody(request, body);
  if (!verified.ok) return verified;
  const event = body && parseEvent(body);
  if (event) return { ...verified, event };
  return refuse(
    'invalid-event',
    'the signature is right, but the body is not a JSON object with id, event and created_at',
  );
}

/**
 * Verifies a request whatever its body holds: for other senders of Standard Webhooks, or to parse the body yourself.
 * Never throws because of what came in: every refusal is a value.
 *
 * @example
 * ```ts
 * import { verifyWebhookSignature } from '@hookcast/verify';
 *
 * export async function isFromSender(request: Request, secrets: string[]): Promise<boolean> {
 *   const body = await request.arrayBuffer();
 *   return (await verifyWebhookSignature({ headers: request.headers, body, secrets })).ok;
 * }
 * ```
 */
export async function verifyWebhookSignature(request: WebhookRequest): Promise<VerifiedSignature | Refusal> {
  return verifyBody(request, toBytes(request.body));
}

async function verifyBody(request: WebhookRequest, body: Bytes | null): Promise<VerifiedSignature | Refusal> {
  const { headers, publicKeys = [], secrets = [], toleranceSeconds = 300, now = new Date() } = request;
  const keys = readKeys(publicKeys, secrets);
  if ('ok' in keys) return keys;
  if (!body) {
    return refuse('body-not-raw', 'expected the bytes received or their text: read the body before anything parses it');
  }
  return judgeSignatures(readFamilies(headers, keys.secrets.length > 0), { body, keys, now, toleranceSeconds });
}

function parseEvent(body: Bytes): WebhookEvent | null {
  let event: unknown;
  try {
    event = JSON.parse(decodeText(body) ?? '');
  } catch {
    return null;
  }
  return isEvent(event) ? event : null;
}

function isEvent(value: unknown): value is WebhookEvent {
  if (typeof value !== 'object' || value === null) return false;
  const { id, event, created_at, customer_id } = value as Record<string, unknown>;
  const required = [id, event, created_at].every((member) => typeof member === 'string');
  return required && 'data' in value && (customer_id === undefined || typeof customer_id === 'string');
}

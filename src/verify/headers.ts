/**
 * What a request says about its signatures. There are two families, and a request may carry both:
 *
 *     X-Webhook-Timestamp, X-Webhook-Signature               signs timestamp + body
 *     webhook-id, webhook-timestamp, webhook-signature       signs id.timestamp.body (Standard Webhooks)
 *
 * The second header family is a list, so that keys can be rotated without a refused request.
 */
import { type Bytes, decodeBase64, toBytes } from './bytes.ts';
import { type Refusal, refuse } from './refusal.ts';

/** Any shape that server frameworks hand over: Fetch `Headers`, Node's `req.headers`, a plain object, a list of pairs. */
export type WebhookHeaders =
  Iterable<readonly [string, string]> | Readonly<Record<string, string | readonly string[] | undefined>>;

/** Which signature was accepted: `x-webhook` and `v1a` are Ed25519, `v1` is HMAC-SHA256. */
export type Scheme = 'x-webhook' | 'v1a' | 'v1';

export type Signature = { readonly scheme: Scheme; readonly bytes: Bytes };

/** One family as the request presents it; nothing in it is verified yet. */
export type SignatureFamily = {
  readonly timestampSeconds: number;
  /** What is signed in front of the body. */
  readonly prefix: Bytes;
  readonly signatures: readonly Signature[];
};

/** Each Ed25519 check costs about a millisecond: a hostile list must not buy a second of the receiver's time. */
const MAX_SIGNATURES = 20;
/** Twice what that many signatures take. */
const MAX_CHARACTERS = 4096;
const NAMES = ['webhook-id', 'webhook-timestamp', 'webhook-signature', 'x-webhook-timestamp', 'x-webhook-signature'];
const TIMESTAMP = /^(?:0|[1-9]\d{0,11})$/;
// No full stop: it separates the id from the timestamp in the signed content.
const ID = /^[\x21-\x2d\x2f-\x7e]{1,256}$/;

/**
 * Each family of which the request carries at least a part, or why that family is refused. No secret signs the first family
 * (X-Webhook-…), so it is left out when a signature by a secret is needed.
 */
export function readFamilies(headers: WebhookHeaders, isSecretAsked: boolean): readonly (SignatureFamily | Refusal)[] {
  const values = collect(headers);
  const families = isSecretAsked ? [readStandard(values)] : [readStandard(values), readXWebhook(values)];
  return families.filter((family) => family !== undefined);
}

type Values = ReadonlyMap<string, readonly string[]>;

/** Keeps the headers that are read below, and at most two values of each: the second value already refuses the request. */
function collect(headers: WebhookHeaders): Values {
  const values = new Map(NAMES.map((name): [string, string[]] => [name, []]));
  const add = (name: unknown, value: unknown) => {
    if (typeof name !== 'string' || typeof value !== 'string') return;
    const list = values.get(name.toLowerCase());
    if (list && list.length < 2) list.push(value);
  };
  if (typeof headers !== 'object' || headers === null) return values;
  // Without types to guard it, the list of pairs may hold entries that are not pairs.
  const pairs: Iterable<unknown> = Symbol.iterator in headers ? headers : Object.entries(headers);
  for (const pair of pairs) if (Array.isArray(pair)) [pair[1]].flat().forEach((value) => add(pair[0], value));
  return values;
}

function readStandard(values: Values): SignatureFamily | Refusal | undefined {
  const family = readHeaders(values, ['webhook-id', 'webhook-timestamp', 'webhook-signature']);
  if (family === undefined || 'ok' in family) return family;
  const [id = '', timestamp = '', list = ''] = family;
  if (!ID.test(id)) {
    return refuse('malformed-header', 'webhook-id: expected 1 to 256 printable characters without space or full stop');
  }
  const entries = list.split(' ').filter((entry) => entry !== '');
  if (entries.length > MAX_SIGNATURES) {
    return refuse('malformed-header', `webhook-signature: at most ${MAX_SIGNATURES}, got ${entries.length}`);
  }
  const signatures = entries.map(readEntry).filter((signature) => signature !== undefined);
  return toFamily('webhook-timestamp', timestamp, `${id}.${timestamp}.`, signatures);
}

/** Reads one entry. Entries of other versions, or that cannot be a signature, are skipped: others may stand beside them. */
function readEntry(entry: string): Signature | undefined {
  const [version, text = '', ...rest] = entry.split(',');
  if ((version !== 'v1' && version !== 'v1a') || rest.length > 0) return undefined;
  const bytes = decodeBase64(text, version === 'v1' ? 32 : 64);
  return bytes ? { scheme: version, bytes } : undefined;
}

function readXWebhook(values: Values): SignatureFamily | Refusal | undefined {
  const family = readHeaders(values, ['x-webhook-timestamp', 'x-webhook-signature']);
  if (family === undefined || 'ok' in family) return family;
  const [timestamp = '', text = ''] = family;
  const bytes = decodeBase64(text, 64);
  if (!bytes) return refuse('malformed-header', 'x-webhook-signature: expected base64 of a 64-byte Ed25519 signature');
  return toFamily('x-webhook-timestamp', timestamp, timestamp, [{ scheme: 'x-webhook', bytes }]);
}

/** The values of the named headers, each exactly once; undefined when the request has none of them. */
function readHeaders(values: Values, names: readonly string[]): readonly string[] | Refusal | undefined {
  const found = names.map((name) => values.get(name) ?? []);
  if (found.every((list) => list.length === 0)) return undefined;
  const missing = names.filter((_, index) => found[index]?.every((value) => value === ''));
  if (missing.length > 0)
    return refuse('missing-header', `expected ${missing.join(' and ')} beside the other signature headers`);
  const repeated = names.filter((_, index) => found[index]?.length !== 1);
  if (repeated.length > 0)
    return refuse('malformed-header', `${repeated.join(', ')}: expected once, came several times`);
  const long = names.filter((_, index) => found[index]!.some((value) => value.length > MAX_CHARACTERS));
  if (long.length > 0) return refuse('malformed-header', `${long.join(', ')}: at most ${MAX_CHARACTERS} characters`);
  return found.flat();
}

function toFamily(
  name: string,
  timestamp: string,
  signed: string,
  signatures: readonly Signature[],
): SignatureFamily | Refusal {
  const prefix = toBytes(signed);
  if (!TIMESTAMP.test(timestamp) || !prefix) {
    return refuse(
      'malformed-header',
      `${name}: expected Unix seconds in digits, got ${JSON.stringify(timestamp.slice(0, 40))}`,
    );
  }
  return { timestampSeconds: Number(timestamp), prefix, signatures };
}

/**
 * Signed requests: what a client signs with the private half of its API key's public key, and which signatures are good.
 *
 *     version 2   v2 LF timestamp LF method LF host LF path LF key id LF idempotency key LF organization LF body
 *     version 1   timestamp LF method LF path LF body
 *
 * The line of a header that was not sent is empty. No line can contain an LF, so no two requests have the same content; and
 * no content of one version is a content of the other, since timestamps are digits. Ed25519 is RFC 8032, strictly: only the
 * signer can make another signature from a good one, so a used signature is known by its bytes.
 *
 * Version 1 leaves open which deployment, which of two keys with one public key, which mutation of an idempotency key and
 * which organization was meant. This release accepts it, for clients of the release before; later ones will not.
 */
import { createHash, verify } from 'node:crypto';
import { ed25519PublicKey } from './signature.ts';

export const TIMESTAMP_HEADER = 'X-Request-Timestamp';
export const SIGNATURE_HEADER = 'X-Request-Signature';
/** `2`; a request without this header has a signature of version 1. */
export const VERSION_HEADER = 'X-Request-Signature-Version';
export const ORGANIZATION_HEADER = 'X-Organization-Id';

export type SignedApiRequest = {
  /** The version of the content, as the client wrote it. */
  readonly version: string | undefined;
  /** Unix milliseconds, as the client wrote them. In seconds, two equal requests of one second would look like one. */
  readonly timestamp: string | undefined;
  /** Base64 of the 64-byte signature. */
  readonly signature: string | undefined;
  readonly method: string;
  /** The Host header as it came; empty when there was none. */
  readonly host: string;
  /** The path with the query string, as it stands in the request line. */
  readonly path: string;
  /** The id of the API key that the request was made with. */
  readonly apiKeyId: string;
  /** Empty when the request has none. */
  readonly idempotencyKey: string;
  /** X-Organization-Id as it came; empty when there was none. */
  readonly organizationId: string;
  readonly body: Uint8Array;
};

/** Why a request does not count as signed. `WEBSOCKET`: a WebSocket has nothing that can be signed. */
export type SignatureFault = 'MISSING' | 'MALFORMED' | 'EXPIRED' | 'INVALID' | 'REPLAYED' | 'WEBSOCKET';

export type SignatureRefusal = { readonly fault: SignatureFault; readonly message: string };

export type JudgedSignature =
  | { readonly ok: true; readonly signature: Buffer; readonly signedAt: Date }
  | { readonly ok: false; readonly refusal: SignatureRefusal };

/** How far the timestamp may be from the time of the service, before or after. */
export const SIGNATURE_TOLERANCE_MS = 300_000;

const HOW =
  `Send ${VERSION_HEADER}: 2, ${TIMESTAMP_HEADER} (Unix time in milliseconds) and ${SIGNATURE_HEADER} (base64 of the ` +
  "Ed25519 signature by the private half of the API key's publicKey) over v2, the timestamp, the method, the Host header in " +
  'lower case, the path with its query string, the id of the API key, the idempotency key, the ' +
  `${ORGANIZATION_HEADER} header and the body, byte for byte as sent; a line feed comes after each but the body, and what ` +
  'is not sent is an empty line.';

export function refuseSignature(fault: SignatureFault, what: string): SignatureRefusal {
  return { fault, message: `Mutations with this API key must be signed. ${what} ${HOW}` };
}

/** The bytes that are signed. */
export function signedContent(request: Omit<SignedApiRequest, 'signature'>): Buffer {
  const lines = linesOf(request).map((line) => `${line}\n`);
  return Buffer.concat([Buffer.from(lines.join('')), request.body]);
}

function linesOf(request: Omit<SignedApiRequest, 'signature'>): string[] {
  const { version, timestamp, method, host, path, apiKeyId, idempotencyKey, organizationId } = request;
  if (version !== '2') return [String(timestamp), method, path];
  return ['v2', String(timestamp), method, host.toLowerCase(), path, apiKeyId, idempotencyKey, organizationId];
}

/** The request as its client may have seen it: libraries differ in whether they send the default port. */
function readingsOf(request: SignedApiRequest): SignedApiRequest[] {
  const host = request.host.replace(/:(80|443)$/, '');
  return request.version === '2' && host !== request.host ? [request, { ...request, host }] : [request];
}

/** Judges everything about a signature, except whether it was used before. `publicKey` is 64 hex characters. */
export function judgeSignature(publicKey: string, request: SignedApiRequest, now: Date): JudgedSignature {
  const { version, timestamp, signature } = request;
  const refuse = (fault: SignatureFault, what: string): JudgedSignature => ({
    ok: false,
    refusal: refuseSignature(fault, what),
  });

  if (!timestamp || !signature) {
    const missing = [!timestamp && TIMESTAMP_HEADER, !signature && SIGNATURE_HEADER].filter(Boolean);
    return refuse('MISSING', `This request came without ${missing.join(' and ')}.`);
  }
  if (version !== undefined && version !== '1' && version !== '2') {
    return refuse('MALFORMED', `Expected 2 in ${VERSION_HEADER}, got another text of ${version.length} characters.`);
  }
  if (!/^\d{13}$/.test(timestamp)) {
    return refuse('MALFORMED', `Expected 13 digits in ${TIMESTAMP_HEADER}, got ${timestamp.length} characters.`);
  }
  if (!/^[A-Za-z0-9+/]{86}==$/.test(signature)) {
    return refuse(
      'MALFORMED',
      `Expected base64 of 64 bytes in ${SIGNATURE_HEADER}, got ${signature.length} characters.`,
    );
  }
  const signedAt = new Date(Number(timestamp));
  const ageMs = now.getTime() - signedAt.getTime();
  if (Math.abs(ageMs) > SIGNATURE_TOLERANCE_MS) {
    const distance = `${Math.abs(ageMs) / 1_000} s ${ageMs > 0 ? 'before' : 'after'} the time here, ${now.toISOString()}`;
    return refuse(
      'EXPIRED',
      `This request was signed ${distance}; at most ${SIGNATURE_TOLERANCE_MS / 1_000} s are accepted.`,
    );
  }
  const bytes = Buffer.from(signature, 'base64');
  const key = ed25519PublicKey(Buffer.from(publicKey, 'hex'));
  const isGood = readingsOf(request).some((reading) => verify(null, signedContent(reading), key, bytes));
  if (isGood) return { ok: true, signature: bytes, signedAt };
  return refuse('INVALID', `The signature is not that of publicKey ${publicKey} for what came: ${shown(request)}.`);
}

/** Describes what was checked, so that a client can compare it with what it signed. */
function shown(request: SignedApiRequest): string {
  const { body } = request;
  const hash = createHash('sha256').update(body).digest('hex');
  const lines = linesOf(request).map((line) => (line === '' ? '(an empty one)' : line));
  return `the lines ${lines.join(', ')} and a body of ${body.length} bytes with SHA-256 ${hash}`;
}

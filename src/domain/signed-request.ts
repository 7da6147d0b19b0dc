/**
 * Signed requests: what a client signs with the private half of its API key's public key, and when the signature is good.
 *
 *     timestamp LF method LF path LF body
 *
 * None of the first three can contain an LF, so no two requests have the same content. Ed25519 is RFC 8032, strictly: from
 * a good signature nobody but the signer makes another one, so a used one is known by its bytes.
 */
import { createHash, verify } from 'node:crypto';
import { ed25519PublicKey } from './signature.ts';

export const TIMESTAMP_HEADER = 'X-Request-Timestamp';
export const SIGNATURE_HEADER = 'X-Request-Signature';

export type SignedRequest = {
  /** Unix milliseconds, as the client wrote them: with seconds, two equal requests of one second would be one. */
  readonly timestamp: string | undefined;
  /** Base64 of the 64-byte signature. */
  readonly signature: string | undefined;
  readonly method: string;
  /** With the query string, as it stands in the request line. */
  readonly path: string;
  readonly body: Uint8Array;
};

/** Why a request does not count as signed. `WEBSOCKET`: there is nothing to sign there. */
export type SignatureFault = 'MISSING' | 'MALFORMED' | 'EXPIRED' | 'INVALID' | 'REPLAYED' | 'WEBSOCKET';

export type SignatureRefusal = { readonly fault: SignatureFault; readonly message: string };

export type Judged =
  | { readonly ok: true; readonly signature: Buffer; readonly signedAt: Date }
  | { readonly ok: false; readonly refusal: SignatureRefusal };

/** How far the timestamp may be from the time of the service, before or after. */
export const TOLERANCE_MS = 300_000;

const HOW =
  `Send ${TIMESTAMP_HEADER} (Unix time in milliseconds) and ${SIGNATURE_HEADER} (base64 of the Ed25519 signature by the ` +
  "private half of the API key's publicKey) over the timestamp, the method, the path with its query string and the body, " +
  'byte for byte as sent, each of the first three followed by a line feed.';

export function refuseSignature(fault: SignatureFault, what: string): SignatureRefusal {
  return { fault, message: `Mutations with this API key must be signed. ${what} ${HOW}` };
}

/** What is signed. */
export function signedContent({ timestamp, method, path, body }: Omit<SignedRequest, 'signature'>): Buffer {
  return Buffer.concat([Buffer.from(`${timestamp}\n${method}\n${path}\n`), body]);
}

/** Everything about a signature but whether it was used before. `publicKey` is 64 hex characters. */
export function judgeSignature(publicKey: string, request: SignedRequest, now: Date): Judged {
  const { timestamp, signature } = request;
  const refuse = (fault: SignatureFault, what: string): Judged => ({
    ok: false,
    refusal: refuseSignature(fault, what),
  });

  if (!timestamp || !signature) {
    const missing = [!timestamp && TIMESTAMP_HEADER, !signature && SIGNATURE_HEADER].filter(Boolean);
    return refuse('MISSING', `This one came without ${missing.join(' and ')}.`);
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
  if (Math.abs(ageMs) > TOLERANCE_MS) {
    const distance = `${Math.abs(ageMs) / 1_000} s ${ageMs > 0 ? 'before' : 'after'} the time here, ${now.toISOString()}`;
    return refuse('EXPIRED', `This one was signed ${distance}; at most ${TOLERANCE_MS / 1_000} s are accepted.`);
  }
  const bytes = Buffer.from(signature, 'base64');
  if (verify(null, signedContent(request), ed25519PublicKey(Buffer.from(publicKey, 'hex')), bytes)) {
    return { ok: true, signature: bytes, signedAt };
  }
  return refuse('INVALID', `The signature is not that of publicKey ${publicKey} over what came: ${shown(request)}.`);
}

/** What was checked, for a client to compare with what it signed. */
function shown({ timestamp, method, path, body }: SignedRequest): string {
  const hash = createHash('sha256').update(body).digest('hex');
  return `the lines ${timestamp}, ${method}, ${path} and a body of ${body.length} bytes with SHA-256 ${hash}`;
}

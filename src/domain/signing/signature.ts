/**
 * The two signature families of a request, and the text forms of their keys.
 *
 *     header               signed content        value
 *     X-Webhook-Signature  timestamp + body      base64 Ed25519
 *     webhook-signature    id.timestamp.body     `v1a,` base64 Ed25519, `v1,` base64 HMAC-SHA256, separated by spaces
 *
 * Ed25519 is RFC 8032, from node:crypto with key objects made once: parsing the key costs twice as much as the signature.
 * The second family and the prefixes whsec_, whsk_ and whpk_ are Standard Webhooks.
 */
import { createHash, createHmac, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export type SigningKeyPair = {
  readonly id: string;
  /** The raw key, 32 bytes. */
  readonly publicKey: Buffer;
  readonly privateKey: KeyObject;
};

/** A public key in every form that receivers ask for. */
export type PublicKeyForms = {
  /** 64 hex characters of the raw key. */
  readonly publicKeyHex: string;
  /** `whpk_` and base64 of the raw key. */
  readonly publicKey: string;
  /** SPKI PEM. */
  readonly publicKeyPem: string;
  /** RFC 8037; `kid` is the RFC 7638 thumbprint, so it follows from the key alone. */
  readonly jwk: {
    readonly kty: 'OKP';
    readonly crv: 'Ed25519';
    readonly x: string;
    readonly use: 'sig';
    readonly alg: 'EdDSA';
    readonly kid: string;
  };
};

const KEY_BYTES = 32;
// RFC 8410: the DER around a raw key never changes.
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The content that X-Webhook-Signature signs. `timestamp` is Unix seconds, as in X-Webhook-Timestamp. */
export const dakotaContent = (timestamp: number | string, body: string): string => `${timestamp}${body}`;

/** The content that each entry of webhook-signature signs. `timestamp` is Unix seconds, as in webhook-timestamp. */
export const standardContent = (id: string, timestamp: number | string, body: string): string =>
  `${id}.${timestamp}.${body}`;

/** Base64 of the 64-byte Ed25519 signature. Strings are signed as UTF-8. */
export function ed25519Signature(key: SigningKeyPair, content: string | Buffer): string {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return sign(null, bytes, key.privateKey).toString('base64');
}

/**
 * Base64 of HMAC-SHA256 with the decoded secret (`decodeSecret`). A key object made once costs a quarter of raw bytes.
 */
export function hmacSignature(secret: Uint8Array | KeyObject, content: string): string {
  return createHmac('sha256', secret).update(content).digest('base64');
}

/** The key pair of a 32-byte RFC 8032 seed, ready to sign. Make it once and keep it. */
export function signingKeyFromSeed(id: string, seed: Uint8Array): SigningKeyPair {
  if (seed.length !== KEY_BYTES) throw new Error(`expected a seed of ${KEY_BYTES} bytes, got ${seed.length}`);
  const der = Buffer.concat([PKCS8_PREFIX, seed]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length);
  return { id, publicKey, privateKey };
}

/**
 * The 32-byte seed in a `whsk_` secret key, which holds the seed alone or the seed and its public key. A public key of
 * another seed is refused: receivers that trust it would refuse every signature.
 */
export function parseSecretKey(whsk: string): Uint8Array {
  const bytes = decode('whsk_', whsk);
  if (bytes.length !== KEY_BYTES && bytes.length !== 2 * KEY_BYTES) {
    throw new Error(`expected whsk_ and base64 of 32 bytes (seed) or 64 (seed, public key), got ${bytes.length} bytes`);
  }
  const seed = bytes.subarray(0, KEY_BYTES);
  if (bytes.length > KEY_BYTES && !signingKeyFromSeed('', seed).publicKey.equals(bytes.subarray(KEY_BYTES))) {
    throw new Error('expected the second half of the whsk_ key to be the public key of its first half, the seed');
  }
  return seed;
}

/** The `whsec_` text that a target's owner is shown once. */
export const encodeSecret = (raw: Uint8Array): string => `whsec_${Buffer.from(raw).toString('base64')}`;

/** The raw bytes of a `whsec_` secret. */
export function decodeSecret(text: string): Uint8Array {
  const bytes = decode('whsec_', text);
  if (bytes.length === 0) throw new Error('expected a whsec_ secret of at least one byte');
  return bytes;
}

/** A raw 32-byte public key, ready to verify. */
export function ed25519PublicKey(raw: Uint8Array): KeyObject {
  if (raw.length !== KEY_BYTES) throw new Error(`expected a public key of ${KEY_BYTES} bytes, got ${raw.length}`);
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
}

/** Every form of a raw 32-byte public key. */
export function publicKeyForms(raw: Uint8Array): PublicKeyForms {
  const spki = ed25519PublicKey(raw);
  const bytes = Buffer.from(raw);
  const x = bytes.toString('base64url');
  // RFC 7638: exactly the required members, in this order, without white space.
  const kid = createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url');
  return {
    publicKeyHex: bytes.toString('hex'),
    publicKey: `whpk_${bytes.toString('base64')}`,
    publicKeyPem: spki.export({ format: 'pem', type: 'spki' }) as string,
    jwk: { kty: 'OKP', crv: 'Ed25519', x, use: 'sig', alg: 'EdDSA', kid },
  };
}

/** Strict, because Buffer skips characters outside base64. The message never quotes the text: it is a secret. */
function decode(prefix: string, text: string): Buffer {
  const encoded = text.slice(prefix.length);
  if (!text.startsWith(prefix) || !BASE64.test(encoded)) throw new Error(`expected ${prefix} followed by base64`);
  return Buffer.from(encoded, 'base64');
}

/** The keys a receiver trusts, and whether one of them made a signature. */
import { verifyAsync } from '@noble/ed25519';
import { type Bytes, decodeBase64, decodeBase64Url, decodeHex } from './bytes.ts';
import type { Scheme, Signature } from './headers.ts';
import { type Refusal, refuse } from './refusal.ts';

/**
 * An Ed25519 key: 64 hex characters, `whpk_` and base64, or a key of `/.well-known/jwks.json` as it stands there
 * (RFC 8037; its members besides these do not matter).
 */
export type PublicKey = string | { readonly kty?: string; readonly crv?: string; readonly x?: string };

export type Keys = { readonly publicKeys: readonly Bytes[]; readonly secrets: readonly Bytes[] };

/** The most keys of each kind: enough for any rotation, and a bound on the work that one request can cause. */
const MAX_KEYS = 10;

/** One key of the wrong form refuses the whole list: skipping it would hide a typo until the day of a rotation. */
export function readKeys(publicKeys: readonly PublicKey[], secrets: readonly string[]): Keys | Refusal {
  const expectedKey = '64 hex characters, whpk_ and base64 of 32 bytes, or a JWK with kty OKP and crv Ed25519';
  const readers = [
    ['publicKeys', publicKeys, readPublicKey, expectedKey],
    ['secrets', secrets, readSecret, 'whsec_ and base64'],
  ] as const;
  const keys: Record<'publicKeys' | 'secrets', Bytes[]> = { publicKeys: [], secrets: [] };
  for (const [name, list, read, expected] of readers) {
    // Without types, a single key instead of a list is an easy mistake.
    if (!Array.isArray(list)) return refuse('invalid-key', `${name}: expected a list, got ${typeof list}`);
    if (list.length > MAX_KEYS) return refuse('invalid-key', `${name}: at most ${MAX_KEYS}, got ${list.length}`);
    for (const [index, given] of list.entries()) {
      const key = read(given);
      if (!key) return refuse('invalid-key', `${name}[${index}]: expected ${expected}`);
      keys[name].push(key);
    }
  }
  if (keys.publicKeys.length + keys.secrets.length > 0) return keys;
  return refuse('invalid-key', 'expected at least one key in publicKeys or secrets, got none');
}

/** Whether `publicKeys` takes this key. */
export const isPublicKey = (key: unknown): key is PublicKey => readPublicKey(key) !== null;

function readPublicKey(key: unknown): Bytes | null {
  if (typeof key === 'object' && key !== null) return readJwk(key);
  if (typeof key !== 'string') return null;
  if (key.startsWith('whpk_')) return decodeBase64(key.slice('whpk_'.length), 32);
  return key.length === 64 ? decodeHex(key) : null;
}

function readJwk({ kty, crv, x }: Exclude<PublicKey, string>): Bytes | null {
  return kty === 'OKP' && crv === 'Ed25519' && typeof x === 'string' ? decodeBase64Url(x, 32) : null;
}

function readSecret(text: unknown): Bytes | null {
  return typeof text === 'string' && text.startsWith('whsec_') ? decodeBase64(text.slice('whsec_'.length)) : null;
}

type Kind = {
  readonly name: keyof Keys;
  /** The schemes of the signatures that such a key makes. */
  readonly schemes: readonly Scheme[];
  readonly isBy: (signature: Bytes, content: Bytes, key: Bytes) => Promise<boolean>;
};

/** The cheapest check first: a sender that cannot make the HMAC must not cause Ed25519 checks with guesses. */
export const KINDS: readonly Kind[] = [
  { name: 'secrets', schemes: ['v1'], isBy: isHmacBy },
  { name: 'publicKeys', schemes: ['v1a', 'x-webhook'], isBy: isEd25519By },
];

/** The first of the signatures that a key of this kind made over `content`. */
export async function findSigned(
  { schemes, isBy }: Kind,
  keys: readonly Bytes[],
  { signatures, content }: { readonly signatures: readonly Signature[]; readonly content: Bytes },
): Promise<Signature | undefined> {
  for (const signature of signatures.filter(({ scheme }) => schemes.includes(scheme))) {
    for (const key of keys) if (await isBy(signature.bytes, content, key)) return signature;
  }
  return undefined;
}

// RFC 8032 to the letter. The default, ZIP 215, takes keys and signatures that Node, OpenSSL and libsodium refuse.
function isEd25519By(signature: Bytes, content: Bytes, publicKey: Bytes): Promise<boolean> {
  return verifyAsync(signature, content, publicKey, { zip215: false });
}

/** Web Crypto compares in constant time, so the comparison tells nothing about the right signature. */
async function isHmacBy(signature: Bytes, content: Bytes, secret: Bytes): Promise<boolean> {
  const { subtle } = globalThis.crypto;
  const key = await subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
  return subtle.verify('HMAC', key, signature, content);
}

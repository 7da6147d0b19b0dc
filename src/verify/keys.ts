/** The keys a receiver trusts, and whether one of them made a signature. */
import { verifyAsync } from '@noble/ed25519';
import { type Bytes, decodeBase64, decodeHex } from './bytes.ts';
import type { Signature } from './headers.ts';
import { type Refusal, refuse } from './refusal.ts';

export type Keys = { readonly publicKeys: readonly Bytes[]; readonly secrets: readonly Bytes[] };

/** Any key that cannot be one refuses the whole list: passing it over would hide a typo until the day of a rotation. */
export function readKeys(publicKeys: readonly string[], secrets: readonly string[]): Keys | Refusal {
  if (publicKeys.length + secrets.length === 0) {
    return refuse('invalid-key', 'expected at least one key in publicKeys or secrets, got none');
  }
  const keys = { publicKeys: publicKeys.map(readPublicKey), secrets: secrets.map(readSecret) };
  const badKey = keys.publicKeys.indexOf(null);
  if (badKey >= 0) {
    const expected = '64 hex characters, or whpk_ and base64 of 32 bytes';
    return refuse('invalid-key', `publicKeys[${badKey}]: expected ${expected}`);
  }
  const badSecret = keys.secrets.indexOf(null);
  if (badSecret >= 0) return refuse('invalid-key', `secrets[${badSecret}]: expected whsec_ and base64`);
  return keys as Keys;
}

function readPublicKey(text: unknown): Bytes | null {
  if (typeof text !== 'string') return null;
  if (text.startsWith('whpk_')) return decodeBase64(text.slice('whpk_'.length), 32);
  return text.length === 64 ? decodeHex(text) : null;
}

function readSecret(text: unknown): Bytes | null {
  return typeof text === 'string' && text.startsWith('whsec_') ? decodeBase64(text.slice('whsec_'.length)) : null;
}

/** Whether any key of the signature's kind made it over `content`. */
export async function isSignedBy(keys: Keys, signature: Signature, content: Bytes): Promise<boolean> {
  const [candidates, check] =
    signature.scheme === 'v1' ? ([keys.secrets, checkHmac] as const) : ([keys.publicKeys, checkEd25519] as const);
  for (const key of candidates) if (await check(signature.bytes, content, key)) return true;
  return false;
}

// RFC 8032 to the letter. The default, ZIP 215, takes keys and signatures that Node, OpenSSL and libsodium refuse.
const checkEd25519 = (signature: Bytes, content: Bytes, publicKey: Bytes): Promise<boolean> =>
  verifyAsync(signature, content, publicKey, { zip215: false });

/** Web Crypto compares in constant time, so the comparison tells nothing about the right signature. */
async function checkHmac(signature: Bytes, content: Bytes, secret: Bytes): Promise<boolean> {
  const { subtle } = globalThis.crypto;
  const key = await subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
  return subtle.verify('HMAC', key, signature, content);
}

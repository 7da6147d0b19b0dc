/**
 * Secrets at rest: AES-256-GCM under the deployment's master key.
 *
 *     byte   0      format version, 1
 *     bytes  1-4    key id: the first bytes of SHA-256 of the master key
 *     bytes  5-16   nonce
 *     bytes 17-32   authentication tag
 *     bytes 33-     ciphertext
 *
 * The context, e.g. `target-secret:<organizationId>:<targetId>`, is authenticated and not stored: a sealed value that
 * was copied into another row does not open there. Nonces are random, which is safe for 2^32 seals under one key
 * (NIST SP 800-38D, section 8.3).
 *
 * One key seals. Others may open beside it, while the master key is changed.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, createSecretKey, hkdfSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export type Seal = {
  /** Encrypts `plain` for one place, named by `context`. */
  seal(plain: Uint8Array, context: string): Buffer;
  /** The bytes that were sealed for this context; throws on an unknown key, another context and any changed bit. */
  open(sealed: Uint8Array, context: string): Buffer;
  /**
   * A name for a value, of 16 characters: equal for equal values of one context, while the master key stays. Without the key
   * nobody can find the value out by trying.
   */
  nameOf(plain: string, context: string): string;
  /** The id of the key that seals: bytes 1 to 4 of every value that it seals. */
  readonly keyId: Buffer;
};

const ALGORITHM = 'aes-256-gcm';
const VERSION = 1;
const KEY_BYTES = 32;
const NONCE_START = 5;
const TAG_START = 17;
const TEXT_START = 33;
const NAME_CHARACTERS = 16;

type Key = { readonly id: Buffer; readonly key: KeyObject };

/** The value was sealed under a master key that this process does not have. */
export class OtherMasterKey extends Error {}

/** `others` open what they sealed earlier, or what another process already seals with them. Here they seal nothing. */
export function createSeal(
  masterKey: Buffer,
  randomBytes: (size: number) => Uint8Array,
  others: readonly Buffer[] = [],
): Seal {
  const { id: keyId, key } = keyOf(masterKey);
  const keys = [{ id: keyId, key }, ...others.map(keyOf)];
  const prefix = Buffer.from([VERSION, ...keyId]);
  const nameKey = Buffer.from(hkdfSync('sha256', masterKey, '', 'hookcast names of sealed values', KEY_BYTES));

  return {
    keyId,

    nameOf: (plain, context) =>
      createHmac('sha256', nameKey).update(`${context} ${plain}`).digest('base64url').slice(0, NAME_CHARACTERS),

    seal(plain, context) {
      const nonce = randomBytes(TAG_START - NONCE_START);
      const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(context));
      const text = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([prefix, nonce, cipher.getAuthTag(), text]);
    },

    open(sealed, context) {
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
      if (bytes.length < TEXT_START || bytes[0] !== VERSION) {
        throw new Error(`${context}: expected a sealed value of version ${VERSION}, got bytes of another kind`);
      }
      const sealedBy = bytes.subarray(1, NONCE_START);
      const opener = keys.find(({ id }) => id.equals(sealedBy));
      if (!opener) {
        throw new OtherMasterKey(
          `${context}: sealed under master key ${sealedBy.toString('hex')}, but this process runs with ` +
            `${keys.map(({ id }) => id.toString('hex')).join(', ')}; add the key that the value was sealed under to ` +
            'MASTER_KEY_PREVIOUS, or start with it as MASTER_KEY',
        );
      }
      const nonce = bytes.subarray(NONCE_START, TAG_START);
      const decipher = createDecipheriv(ALGORITHM, opener.key, nonce, { authTagLength: TEXT_START - TAG_START })
        .setAAD(Buffer.from(context))
        .setAuthTag(bytes.subarray(TAG_START, TEXT_START));
      const plain = decipher.update(bytes.subarray(TEXT_START));
      try {
        return Buffer.concat([plain, decipher.final()]);
      } catch (cause) {
        throw new Error(`${context}: the sealed value was changed, or sealed for another place`, { cause });
      }
    },
  };
}

function keyOf(masterKey: Buffer): Key {
  if (masterKey.length !== KEY_BYTES) {
    throw new Error(`expected a master key of ${KEY_BYTES} bytes, got ${masterKey.length}`);
  }
  const id = createHash('sha256')
    .update(masterKey)
    .digest()
    .subarray(0, NONCE_START - 1);
  return { id, key: createSecretKey(masterKey) };
}

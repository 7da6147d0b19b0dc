/**
 * Seals 16 bytes as 19, for one context, and the same bytes always alike. Sealed bytes show whether two blocks of one
 * context are equal, and nothing else.
 *
 *     bytes  0-2    tag: the first bytes of AES(ciphertext xor mask) under a second key
 *     bytes  3-18   ciphertext: AES(block xor mask) xor mask, with AES-256
 *
 * The keys are derived from a master key by HKDF-SHA256 (RFC 5869), the masks from the context by HMAC-SHA256. That is a
 * tweakable block cipher (Liskov, Rivest, Wagner: Tweakable Block Ciphers, section 3.2): each context has a permutation of
 * its own, which nobody without the key can tell from a random one. So no nonce is needed, and one pair of keys serves all
 * contexts.
 *
 * A changed bit or another context passes the tag once in 2^24 times, and then opens as 16 random bytes. So the caller
 * keeps some of the bytes fixed, and compares the others with what it knows. Secrets are sealed elsewhere (seal.ts): they
 * are longer, and need no equal seals.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

export type BlockSeal = {
  /** Seals 16 bytes under the first master key. */
  seal(block: Buffer, context: string): Buffer;
  /** The 16 bytes that were sealed for this context under any of the master keys; undefined for other bytes. */
  open(sealed: Buffer, context: string): Buffer | undefined;
};

export const BLOCK_BYTES = 16;
const TAG_BYTES = 3;
const KEY_BYTES = 32;
/** Contexts whose masks are kept, for each master key: about 200 bytes each. */
const KEPT_CONTEXTS = 4_096;

/** `purpose` keeps these keys apart from all others that are derived from a master key. */
export function createBlockSeal(masterKeys: readonly Buffer[], purpose: string): BlockSeal {
  const [sealer, ...others] = masterKeys.map((masterKey) => createBlockCipher(masterKey, purpose));
  if (!sealer) throw new Error('expected at least one master key, got none');
  const openers = [sealer, ...others];
  return {
    seal: sealer.seal,
    open(sealed, context) {
      if (sealed.length !== TAG_BYTES + BLOCK_BYTES) return undefined;
      for (const { open } of openers) {
        const block = open(sealed, context);
        if (block) return block;
      }
      return undefined;
    },
  };
}

/** A block seal with one master key. */
function createBlockCipher(masterKey: Buffer, purpose: string): BlockSeal {
  const derived = Buffer.from(hkdfSync('sha256', masterKey, '', purpose, 3 * KEY_BYTES));
  const [textKey, tagKey, maskKey] = [0, 1, 2].map((nth) => derived.subarray(nth * KEY_BYTES, (nth + 1) * KEY_BYTES));
  // In this mode, without padding, nothing passes from one block to the next: one cipher object takes all blocks.
  const encrypting = createCipheriv('aes-256-ecb', textKey!, null).setAutoPadding(false);
  const decrypting = createDecipheriv('aes-256-ecb', textKey!, null).setAutoPadding(false);
  const tagging = createCipheriv('aes-256-ecb', tagKey!, null).setAutoPadding(false);
  const kept = new Map<string, Buffer>();

  /** Two masks: one for the text, then one for the tag. */
  const masksOf = (context: string): Buffer => {
    let masks = kept.get(context);
    if (masks) return masks;
    masks = createHmac('sha256', maskKey!).update(context).digest();
    if (kept.size === KEPT_CONTEXTS) kept.delete(kept.keys().next().value!);
    kept.set(context, masks);
    return masks;
  };

  const tagOf = (text: Buffer, masks: Buffer): Buffer =>
    tagging.update(mixed(text, masks, BLOCK_BYTES)).subarray(0, TAG_BYTES);

  return {
    seal(block, context) {
      const masks = masksOf(context);
      const text = mixed(encrypting.update(mixed(block, masks)), masks);
      return Buffer.concat([tagOf(text, masks), text], TAG_BYTES + BLOCK_BYTES);
    },
    open(sealed, context) {
      const masks = masksOf(context);
      const text = sealed.subarray(TAG_BYTES);
      if (!timingSafeEqual(tagOf(text, masks), sealed.subarray(0, TAG_BYTES))) return undefined;
      return mixed(decrypting.update(mixed(text, masks)), masks);
    },
  };
}

/** A block, xor 16 bytes of the masks. */
function mixed(block: Buffer, masks: Buffer, start = 0): Buffer {
  const result = Buffer.allocUnsafe(BLOCK_BYTES);
  for (let index = 0; index < BLOCK_BYTES; index++) result[index] = block[index]! ^ masks[start + index]!;
  return result;
}

/** Keyed hashes under a key that all tests share. */
import { hashIdempotencyKey, type KeyHash } from '../../src/database/key-hash.ts';

export const KEY_HASH: Pick<KeyHash, 'of'> = {
  of: (owner, key) => hashIdempotencyKey(Buffer.alloc(32, 'tests'), owner, key),
};

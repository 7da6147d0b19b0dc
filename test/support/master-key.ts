/** Master keys of tests: the same in every run, and accepted by the service. */
import { createHash } from 'node:crypto';
import { hashIdempotencyKey, type KeyHash } from '../../src/database/key-hash.ts';

/** 32 bytes that look random; another name is another key. */
export const masterKeyBytes = (name: string): Buffer => createHash('sha256').update(`master key: ${name}`).digest();

/** The same, as MASTER_KEY has it. */
export const masterKeyNamed = (name: string): string => masterKeyBytes(name).toString('base64');

/** Of every service that a test starts, where the test says no other. */
export const MASTER_KEY = masterKeyNamed('tests');

/** Keyed hashes under a key that all tests share. */
export const KEY_HASH: Pick<KeyHash, 'of'> = {
  of: (owner, key) => hashIdempotencyKey(Buffer.alloc(32, 'tests'), owner, key),
};

/**
 * Keyed hashes of idempotency keys. When an event is erased, the hash stays in place of its key: a late repeat of the publish is
 * still known as one, and nobody reads the key in a dump, nor guesses it without the master key.
 *
 * The hash has a key of its own, sealed under MASTER_KEY: so it stays the same when the master key is changed.
 */
import { createHmac } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Seal } from '../domain/seal/seal.ts';
import type { Database } from './client.ts';

export type KeyHash = {
  /** Reads the key of the hash, or makes it at the first start of a deployment. */
  load(): Promise<void>;
  /** The hash of an idempotency key of `owner`: an organization or an API key. To be called after `load`. */
  of(owner: string, idempotencyKey: string): string;
};

type Options = { readonly database: Pick<Database, 'pool'>; readonly seal: Seal; readonly clock: Clock };

/** Idempotency keys of clients are ASCII, so none begins with it. */
const MARK = '§';

/** SQL: whether a column holds an idempotency key itself, and not its hash. */
export const isPlainKey = (column: string): string => `left(${column}, 1) <> '${MARK}'`;

export const hashIdempotencyKey = (hashKey: Buffer, owner: string, idempotencyKey: string): string =>
  MARK + createHmac('sha256', hashKey).update(`${owner} ${idempotencyKey}`).digest('base64url');

const NAME = 'idempotency';
const CONTEXT = `hash-key:${NAME}`;
const KEY_BYTES = 32;

export function createKeyHash({ database: { pool }, seal, clock }: Options): KeyHash {
  let hashKey: Buffer | undefined;
  return {
    async load() {
      const sealed = seal.seal(clock.randomBytes(KEY_BYTES), CONTEXT);
      await pool.query('insert into hash_keys (name, sealed) values ($1, $2) on conflict do nothing', [NAME, sealed]);
      const { rows } = await pool.query<{ sealed: Buffer }>('select sealed from hash_keys where name = $1', [NAME]);
      hashKey = seal.open(rows[0]!.sealed, CONTEXT);
    },
    of(owner, idempotencyKey) {
      if (!hashKey) throw new Error('The key of hashes was not loaded');
      return hashIdempotencyKey(hashKey, owner, idempotencyKey);
    },
  };
}

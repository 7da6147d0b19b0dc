/** The deployment's Ed25519 signing keys. */
import type { Clock } from '../clock.ts';
import type { Sql } from '../database/client.ts';
import type { IdGenerator } from '../domain/ksuid.ts';
import type { Seal } from '../domain/seal.ts';
import { signingKeyFromSeed } from '../domain/signature.ts';

type Options = { readonly clock: Clock; readonly ids: IdGenerator; readonly seal: Seal };

const SEED_BYTES = 32;

/**
 * Makes the active signing key where there is none, and returns its id; undefined where there is one. Of several
 * processes at once, one makes it.
 */
export async function ensureSigningKey(tx: Sql, { clock, ids, seal }: Options): Promise<string | undefined> {
  const { rows } = await tx.query('select id from signing_keys where active');
  if (rows.length > 0) return undefined;
  const id = ids.next();
  const seed = clock.randomBytes(SEED_BYTES);
  const publicKey = signingKeyFromSeed(id, seed).publicKey.toString('hex');
  const values = [id, publicKey, seal.seal(seed, `signing-key:${id}`), clock.now()];
  const { rowCount } = await tx.query(INSERT, values);
  return rowCount === 1 ? id : undefined;
}

const INSERT = `
  insert into signing_keys (id, public_key, sealed, active, created_at) values ($1, $2, $3, true, $4)
  on conflict (active) where active do nothing`;

/** The deployment's signing keys, opened once and read again every few seconds, so that a rotation needs no restart. */
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/client.ts';
import type { Seal } from '../../domain/seal/seal.ts';
import { signingKeyFromSeed, type SigningKeyPair } from '../../domain/signing/signature.ts';
import { signingKeyState, type SigningKeyDates } from '../../domain/signing/signing-key.ts';

export type Keyring = {
  /** Reads the keys; rejects when none is active. */
  load(): Promise<void>;
  /** Returns the signing key for X-Webhook-Signature, and all signing keys for webhook-signature, the same key first. */
  current(now: Date): { readonly active: SigningKeyPair; readonly valid: readonly SigningKeyPair[] };
};

type Options = { readonly database: Database; readonly seal: Seal; readonly clock: Clock };
type Key = SigningKeyPair & { readonly dates: SigningKeyDates };

export function createKeyring({ database, seal, clock }: Options): Keyring {
  const opened = new Map<string, SigningKeyPair>();
  let keys: readonly Key[] = [];

  return {
    async load() {
      const { rows } = await database.pool.query<Row>({ ...SELECT, values: [clock.now()] });
      const loaded = rows.map(({ id, sealed, ...dates }) => {
        const pair = opened.get(id) ?? signingKeyFromSeed(id, seal.open(sealed, `signing-key:${id}`));
        opened.set(id, pair);
        return { ...pair, dates };
      });
      keysAt(loaded, clock.now());
      keys = loaded;
    },
    current: (now) => keysAt(keys, now),
  };
}

/** A signing key signs webhook-signature as soon as this process knows it, before the key is published. */
function keysAt(keys: readonly Key[], now: Date): { active: SigningKeyPair; valid: readonly SigningKeyPair[] } {
  const active = keys.find(({ dates }) => signingKeyState(dates, now) === 'ACTIVE');
  if (!active) throw new Error('Expected an active signing key, found none in the table signing_keys');
  const others = keys.filter((key) => key !== active && signingKeyState(key.dates, now) !== 'EXPIRED');
  return { active, valid: [active, ...others] };
}

type Row = SigningKeyDates & { readonly id: string; readonly sealed: Buffer };

/**
 * Runs at start and every few seconds. It is SQL, so that a process that only serves never loads Prisma's query compiler
 * (40 MB).
 */
const SELECT = {
  name: 'find_signing_keys',
  text: `
  select id, sealed, published_at as "publishedAt", active_at as "activeAt", retired_at as "retiredAt", expires_at as "expiresAt"
    from signing_keys
   where expires_at is null or expires_at > $1
   order by id desc`,
};

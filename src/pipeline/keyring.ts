/** The deployment's signing keys, opened once and read again every few seconds, so that a rotation needs no restart. */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import type { Seal } from '../domain/seal.ts';
import { signingKeyFromSeed, type SigningKeyPair } from '../domain/signature.ts';

export type Keyring = {
  /** Reads the keys; rejects when none is active. */
  load(): Promise<void>;
  /** The key behind X-Webhook-Signature, and all keys that sign webhook-signature, newest first. */
  current(now: Date): { readonly active: SigningKeyPair; readonly valid: readonly SigningKeyPair[] };
};

type Options = { readonly database: Database; readonly seal: Seal; readonly clock: Clock };
type Key = SigningKeyPair & { readonly active: boolean; readonly expiresAt: Date | null };

export function createKeyring({ database, seal, clock }: Options): Keyring {
  const opened = new Map<string, SigningKeyPair>();
  let keys: readonly Key[] = [];

  return {
    async load() {
      const rows = await database.prisma.signingKey.findMany({
        where: { OR: [{ expiresAt: null }, { expiresAt: { gt: clock.now() } }] },
        orderBy: { id: 'desc' },
      });
      if (!rows.some((row) => row.active)) throw new Error('No signing key is active: signing_keys has no active row');
      keys = rows.map(({ id, sealed, active, expiresAt }) => {
        const pair = opened.get(id) ?? signingKeyFromSeed(id, seal.open(sealed, `signing-key:${id}`));
        opened.set(id, pair);
        return { ...pair, active, expiresAt };
      });
    },
    current(now) {
      const valid = keys.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
      const active = valid.find((key) => key.active);
      if (!active) throw new Error('No signing key is active');
      return { active, valid };
    },
  };
}

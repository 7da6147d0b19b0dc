/**
 * The public halves of the signing keys, which anybody may read. They are kept in memory, so that strangers cost no
 * statements: this process reads them once in KEPT_MS, on the connections of readers, never on those of publishing.
 */
import type { Clock } from '../clock.ts';
import type { Reader } from '../database/statement.ts';
import { publicKeyForms, type PublicKeyForms } from '../domain/signing/signature.ts';
import { shownKeys, signingKeyState } from '../domain/signing/signing-key.ts';
import { readSigningKeys, type SigningKeyRow } from './signing-keys.ts';

export type PublicSigningKey = SigningKeyRow & {
  readonly forms: PublicKeyForms;
  /** Whether it signs X-Webhook-Signature: exactly one key does. */
  readonly isActive: boolean;
};

export type PublicKeys = {
  /** The keys that receivers are shown: active, next, retiring, in this order. Rejects when the database does. */
  current(): Promise<readonly PublicSigningKey[]>;
  /** The same keys as a JSON Web Key Set (RFC 7517). */
  jwks(): Promise<{ readonly keys: readonly PublicJwk[] }>;
};

/**
 * Beside the members of RFC 8037: whether the key signs X-Webhook-Signature, and the Unix second at which it stops signing.
 * There is no `nbf`: a key signs webhook-signature as soon as it is shown.
 */
export type PublicJwk = PublicKeyForms['jwk'] & { readonly active: boolean; readonly exp?: number };

type Options = { readonly reads: Reader; readonly clock: Clock };

type Kept = { readonly keys: readonly Omit<PublicSigningKey, 'isActive'>[]; readonly readAtMs: number };

/** A rotation shows receivers a key hours ahead, and lets them keep what they read for minutes: seconds add nothing. */
const KEPT_MS = 3_000;

export function createPublicKeys({ reads, clock }: Options): PublicKeys {
  let kept: Kept | undefined;
  let reading: Promise<Kept> | undefined;

  async function read(): Promise<Kept> {
    const readAtMs = clock.monotonicMs();
    const rows = await readSigningKeys(reads);
    const keys = rows.map((row) => ({ ...row, forms: publicKeyForms(Buffer.from(row.publicKey, 'hex')) }));
    return (kept = { keys, readAtMs });
  }

  async function current(): Promise<PublicSigningKey[]> {
    const isFresh = kept && clock.monotonicMs() - kept.readAtMs < KEPT_MS;
    const { keys } = isFresh ? kept! : await (reading ??= read().finally(() => (reading = undefined)));
    const now = clock.now();
    return shownKeys(keys, now).map((key) => ({ ...key, isActive: signingKeyState(key, now) === 'ACTIVE' }));
  }

  return {
    current,
    jwks: async () => ({ keys: (await current()).map(toJwk) }),
  };
}

function toJwk({ forms: { jwk }, isActive: active, expiresAt }: PublicSigningKey): PublicJwk {
  return { ...jwk, active, ...(expiresAt && { exp: Math.floor(expiresAt.getTime() / 1_000) }) };
}

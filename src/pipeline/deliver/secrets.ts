/** The HMAC secrets of targets: read from the database, and opened. */
import { createSecretKey, type KeyObject } from 'node:crypto';
import type { Sql } from '../../database/statement.ts';
import type { Seal } from '../../domain/seal/seal.ts';
import { decodeSecret } from '../../domain/signing/signature.ts';

export type Secrets = {
  /** Reads the secrets that are valid at `now`. Each function of the result opens those of a target, newest first. */
  read(rows: readonly { readonly targetId: string }[], now: Date): Promise<Map<string, () => KeyObject[]>>;
  /** Opens a sealed secret; throws when it was sealed under another key. */
  open(row: SealedSecret): KeyObject;
};

export type SealedSecret = {
  readonly id: string;
  readonly targetId: string;
  readonly organizationId: string;
  /** As bytes, or as base64. */
  readonly sealed: Buffer | string;
};

const MAX_OPENED_SECRETS = 10_000;

export function createSecrets(sql: Sql, seal: Seal): Secrets {
  const opened = new Map<string, KeyObject>();

  /** Opens each secret once: a secret never changes under its id. */
  function open({ id, targetId, organizationId, sealed }: SealedSecret): KeyObject {
    const known = opened.get(id);
    if (known) return known;
    const bytes = typeof sealed === 'string' ? Buffer.from(sealed, 'base64') : sealed;
    const text = seal.open(bytes, `target-secret:${organizationId}:${targetId}`).toString('utf8');
    const secret = createSecretKey(decodeSecret(text));
    if (opened.size >= MAX_OPENED_SECRETS) opened.clear();
    opened.set(id, secret);
    return secret;
  }

  return {
    open,
    async read(rows, now) {
      const targetIds = [...new Set(rows.map(({ targetId }) => targetId))];
      const found = await sql.query<SealedSecret>({ name: 'find_secrets', text: SECRETS, values: [targetIds, now] });
      const sealed = Map.groupBy(found.rows, ({ targetId }) => targetId);
      return new Map(targetIds.map((id) => [id, () => (sealed.get(id) ?? []).map(open)]));
    },
  };
}

const SECRETS = `
  select s.id, s.target_id as "targetId", t.organization_id as "organizationId", s.sealed
  from target_secrets s join webhook_targets t on t.id = s.target_id
  where s.target_id = any($1) and (s.expires_at is null or s.expires_at > $2)
  order by s.id desc`;

/** The HMAC secrets of targets, and what else belongs to them: read from the database, and opened. */
import { createSecretKey, type KeyObject } from 'node:crypto';
import type { Sql } from '../../../database/statement.ts';
import type { Seal } from '../../../domain/seal/seal.ts';
import { decodeSecret } from '../../../domain/signing/signature.ts';
import { HEADERS_VERSION } from '../../headers-version.ts';
import type { Belongings, Destination, Destinations, Owner } from './destinations.ts';

/** Where a target is, and what only the worker sees of it. */
export type OpenedTarget = Destination & {
  /** HMAC secrets that sign, newest first. */
  readonly secrets: readonly KeyObject[];
};

export type Secrets = {
  /** Reads the secrets that are valid at `now`, and the destinations. Each function of the result opens those of a target. */
  read(rows: readonly { readonly targetId: string }[], now: Date): Promise<Map<string, () => OpenedTarget>>;
  /** Opens a sealed secret; throws when it was sealed under another key. */
  open(row: SealedSecret): KeyObject;
  /** What is sent to a target beside the events; undefined when this process has not read these versions yet. */
  knownBelongings(target: Owner): Belongings | undefined;
};

export type SealedSecret = {
  readonly id: string;
  readonly targetId: string;
  readonly organizationId: string;
  /** As bytes, or as base64. */
  readonly sealed: Buffer | string;
};

const MAX_OPENED_SECRETS = 10_000;

export function createSecrets(sql: Sql, seal: Seal, destinations: Destinations): Secrets {
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
    knownBelongings: destinations.known,
    async read(rows, now) {
      const targetIds = [...new Set(rows.map(({ targetId }) => targetId))];
      const found = await sql.query<SecretRow>({ name: 'find_secrets', text: SECRETS, values: [targetIds, now] });
      const destinationOf = await destinations.read(found.rows);
      const sealed = Map.groupBy(found.rows.filter(isSecret), ({ targetId }) => targetId);
      const secretsOf = (id: string) => (sealed.get(id) ?? []).map(open);
      return new Map(targetIds.map((id) => [id, () => ({ secrets: secretsOf(id), ...destinationOf(id) })]));
    },
  };
}

/** Without `id` and `sealed`: the target has no secret. */
type SecretRow = TargetRow & (SealedSecret | { readonly id: null; readonly sealed: null });

type TargetRow = Owner & { readonly url: string };

const isSecret = (row: SecretRow): row is TargetRow & SealedSecret => row.id !== null;

const SECRETS = `
  select s.id, t.id as "targetId", t.organization_id as "organizationId", t.url, s.sealed,
    ${HEADERS_VERSION} as "headersVersion", t.certificate_version as "certificateVersion"
  from webhook_targets t
  left join target_secrets s on s.target_id = t.id and (s.expires_at is null or s.expires_at > $2)
  where t.id = any($1)
  order by s.id desc`;

/** HMAC secrets of targets: made here, shown once, sealed at rest. */
import type { Clock } from '../../clock.ts';
import type { Sql } from '../../database/statement.ts';
import type { IdGenerator } from '../../domain/ksuid.ts';
import type { Seal } from '../../domain/seal/seal.ts';
import { encodeSecret } from '../../domain/signing/signature.ts';

type Target = { readonly id: string; readonly organizationId: string };

export type TargetSecrets = {
  /** Gives the target a new secret and returns its `whsec_` text, which is never readable again. */
  add(tx: Sql, target: Target, now: Date): Promise<string>;
  /** When the newest secret of the target was made; null when it has no secret. */
  newestCreatedAt(tx: Sql, target: Target): Promise<Date | null>;
  /**
   * Ends the target's secrets after `overlapSeconds`; a secret that would end sooner still does. All but the four newest of
   * them end at once: each signs every request, so their number needs a limit. Returns when the overlap ends.
   */
  expire(tx: Sql, target: Target, now: Date, overlapSeconds: number): Promise<Date>;
};

type Options = { readonly clock: Clock; readonly ids: IdGenerator; readonly seal: Seal };

const SECRET_BYTES = 32;
// A caller that lost the answer of a rotation rotates again; its receivers then still hold an older secret than the last.
const MAX_OVERLAPPING = 4;

export function createTargetSecrets({ clock, ids, seal }: Options): TargetSecrets {
  return {
    async add(tx, { id, organizationId }, now) {
      const secret = encodeSecret(clock.randomBytes(SECRET_BYTES));
      const sealed = seal.seal(Buffer.from(secret), `target-secret:${organizationId}:${id}`);
      await tx.query(ADD, [ids.next(), id, sealed, now]);
      return secret;
    },
    async newestCreatedAt(tx, { id }) {
      return (await tx.query<{ createdAt: Date | null }>(NEWEST, [id])).rows[0]!.createdAt;
    },
    async expire(tx, { id }, now, overlapSeconds) {
      const endsAt = new Date(now.getTime() + overlapSeconds * 1_000);
      await tx.query(EXPIRE, [id, now, endsAt, MAX_OVERLAPPING]);
      await tx.query(FORGET_EXPIRED, [id, now]);
      return endsAt;
    },
  };
}

const ADD = 'insert into target_secrets (id, target_id, sealed, created_at) values ($1, $2, $3, $4)';

const NEWEST = 'select max(created_at) as "createdAt" from target_secrets where target_id = $1';

const EXPIRE = `
  with ranked as (
    select id, row_number() over (order by id desc) as rank from target_secrets where target_id = $1
  )
  update target_secrets
     set expires_at = case when rank <= $4::int then least(expires_at, $3) else $2 end
    from ranked
   where ranked.id = target_secrets.id`;

const FORGET_EXPIRED = 'delete from target_secrets where target_id = $1 and expires_at <= $2';

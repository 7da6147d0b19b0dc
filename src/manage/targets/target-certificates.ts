/** The client certificates of targets at rest: one row for a target that has one, sealed with its private key. */
import type { Sql } from '../../database/statement.ts';
import type { TargetCertificate } from '../../domain/targets/certificates/client-certificate.ts';
import { sealCertificate } from '../../domain/targets/certificates/sealed-certificate.ts';
import type { IdGenerator } from '../../domain/ksuid.ts';
import type { Seal } from '../../domain/seal/seal.ts';

type Target = { readonly id: string; readonly organizationId: string };
type Means = { readonly seal: Seal; readonly ids: IdGenerator };

/** Reads the certificate of a target, without its key; null: it has none. */
export async function readCertificate(sql: Sql, target: Target): Promise<TargetCertificate | null> {
  const { rows } = await sql.query<TargetCertificate>(READ, [target.id]);
  return rows[0] ?? null;
}

/**
 * Stores the certificate of a target that was changed, or takes it away. Returns whether anything was changed. Each certificate has
 * a version of its own, by which workers know that another one has come, or none.
 */
export async function keepCertificate(
  tx: Sql,
  target: Target,
  { before, after }: { readonly before: TargetCertificate | null; readonly after: TargetCertificate | null },
  { seal, ids }: Means,
): Promise<boolean> {
  if (after === null) {
    if (before !== null) await removeCertificate(tx, target);
    return before !== null;
  }
  if (after.given === undefined) return false;
  const { subject, issuer, serialNumber, fingerprintSha256, notBefore, notAfter } = after;
  const sealed = sealCertificate(seal, target, after.given);
  const shown = [subject, issuer, serialNumber, fingerprintSha256, notBefore, notAfter];
  await tx.query(KEEP, [target.id, ids.next(), sealed, ...shown]);
  return true;
}

export const removeCertificate = (tx: Sql, { id }: Target): Promise<unknown> => tx.query(REMOVE, [id]);

const READ = `
  select c.subject, c.issuer, c.serial_number as "serialNumber", c.fingerprint_sha256 as "fingerprintSha256",
    c.not_before as "notBefore", c.not_after as "notAfter"
  from target_certificates c join webhook_targets t on t.id = c.target_id and t.certificate_version = c.version
  where c.target_id = $1`;

const KEEP = `
  with kept as (
    insert into target_certificates (target_id, version, sealed, subject, issuer, serial_number, fingerprint_sha256,
      not_before, not_after)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    on conflict (target_id) do update
    set version = excluded.version, sealed = excluded.sealed, subject = excluded.subject, issuer = excluded.issuer,
      serial_number = excluded.serial_number, fingerprint_sha256 = excluded.fingerprint_sha256,
      not_before = excluded.not_before, not_after = excluded.not_after, warned_days = null
  )
  update webhook_targets set certificate_version = $2 where id = $1`;

const REMOVE = `
  with removed as (delete from target_certificates where target_id = $1)
  update webhook_targets set certificate_version = null where id = $1`;

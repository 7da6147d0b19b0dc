/**
 * The client certificates of targets: opened once for each version, and kept. A certificate that was replaced or taken away is
 * found out by the first claim that was read after it, and by the doorbell where no claim comes. From then on no connection that
 * was made with it is kept, and none of its sessions is resumed.
 */
import type { Sql } from '../../../database/statement.ts';
import { openCertificate } from '../../../domain/targets/certificates/sealed-certificate.ts';
import type { Seal } from '../../../domain/seal/seal.ts';
import { ClientIdentity } from '../http/client-identity.ts';
import { createOpened } from './opened.ts';

/** The version of a target's certificate; null without one. */
export type CertificateOwner = { readonly targetId: string; readonly certificateVersion: string | null };

export type SealedCertificate = CertificateOwner & {
  readonly organizationId: string;
  readonly sealedCertificate: Buffer | null;
};

export type Identities = {
  /** The identity of the target, null: it has none; undefined when this process has not opened this version. */
  known(target: CertificateOwner): ClientIdentity | null | undefined;
  /** Opens a certificate. Throws when it was sealed under another master key. */
  open(target: SealedCertificate): ClientIdentity | null;
  /** Looks which of the kept certificates are no longer those of their targets. */
  heedChanges(): Promise<void>;
};

type Options = {
  readonly sql: Sql;
  readonly seal: Seal;
  /** Hears of an identity that no request may use any more. */
  readonly onReplaced: (identity: ClientIdentity) => void;
};

/** Some 2,000 certificates with their keys and chains. What Node makes of each for its handshakes is about as large again. */
const MOST_BYTES = 8 * 1_024 * 1_024;

export function createIdentities({ sql, seal, onReplaced }: Options): Identities {
  // By target: so another version takes the place of the one before it.
  const opened = createOpened<{ readonly version: string; readonly identity: ClientIdentity }>(MOST_BYTES);

  function retire(targetId: string): void {
    const kept = opened.get(targetId);
    if (!kept) return;
    opened.delete(targetId);
    kept.identity.replace();
    onReplaced(kept.identity);
  }

  function known({ targetId, certificateVersion }: CertificateOwner): ClientIdentity | null | undefined {
    const kept = opened.get(targetId);
    if (certificateVersion === null) {
      if (kept) retire(targetId);
      return null;
    }
    return kept?.version === certificateVersion ? kept.identity : undefined;
  }

  return {
    known,
    open(target) {
      const { targetId, organizationId, certificateVersion: version, sealedCertificate: sealed } = target;
      if (version === null || sealed === null) return null;
      const kept = known(target);
      if (kept) return kept;
      const pair = openCertificate(seal, { id: targetId, organizationId }, sealed);
      retire(targetId);
      const identity = new ClientIdentity(`${targetId} ${version}`, pair);
      opened.set(targetId, { version, identity }, sealed.length);
      return identity;
    },
    async heedChanges() {
      const kept = [...opened.entries()];
      if (kept.length === 0) return;
      const values = [kept.map(([targetId]) => targetId), kept.map(([, { version }]) => version)];
      const { rows } = await sql.query<Replaced>({ name: 'find_replaced_certificates', text: REPLACED, values });
      for (const { id, version } of rows) if (opened.get(id)?.version === version) retire(id);
    },
  };
}

/** Another version may have been opened while the answer was on its way. */
type Replaced = { readonly id: string; readonly version: string };

const REPLACED = `
  select kept.id, kept.version from unnest($1::text[], $2::text[]) as kept (id, version)
  left join webhook_targets t on t.id = kept.id
  where t.certificate_version is distinct from kept.version`;

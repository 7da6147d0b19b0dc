/**
 * Where a target is, and what is sent there beside the events: its own headers, and the certificate that its receiver asks for.
 * All are of one moment: what is shown to one receiver may be a secret of another.
 */
import type { Sql } from '../../../database/statement.ts';
import { HEADERS_VERSION } from '../../headers-version.ts';
import type { ClientIdentity } from '../http/client-identity.ts';
import type { CertificateOwner, Identities, SealedCertificate } from './identities.ts';
import type { HeadersOwner, OwnHeaders, OwnHeadersCache, SealedHeaders } from './own-headers.ts';

/** What is sent to a target beside the events. */
export type Belongings = { readonly headers: OwnHeaders; readonly identity: ClientIdentity | null };

export type Destination = Belongings & { readonly url: string };

export type Owner = HeadersOwner & CertificateOwner;

export type Destinations = {
  /** What belongs to the target; undefined when this process has not opened these versions. */
  known(target: Owner): Belongings | undefined;
  /**
   * Reads what belongs to the targets whose versions are not known: then the newest, and the URL beside it. The result opens that
   * of a target, by its id. It throws when it was sealed under another master key.
   */
  read(targets: readonly (Owner & { readonly url: string })[]): Promise<(targetId: string) => Destination>;
};

type SealedRow = SealedHeaders & SealedCertificate & { readonly url: string };

export function createDestinations(sql: Sql, ownHeaders: OwnHeadersCache, identities: Identities): Destinations {
  function known(target: Owner): Belongings | undefined {
    const headers = ownHeaders.known(target);
    const identity = identities.known(target);
    return headers === undefined || identity === undefined ? undefined : { headers, identity };
  }

  return {
    known,
    async read(targets) {
      const found = new Map(targets.map((target) => [target.targetId, { url: target.url, belongings: known(target) }]));
      const unknown = [...found].flatMap(([targetId, { belongings }]) => (belongings ? [] : [targetId]));
      const sealed = new Map<string, SealedRow>();
      if (unknown.length > 0) {
        const statement = { name: 'find_belongings', text: BELONGINGS, values: [unknown] };
        for (const row of (await sql.query<SealedRow>(statement)).rows) sealed.set(row.targetId, row);
      }
      return (targetId) => {
        const row = sealed.get(targetId);
        if (row) return { url: row.url, headers: ownHeaders.open(row), identity: identities.open(row) };
        const target = found.get(targetId);
        if (!target) throw new Error(`Target ${targetId} is missing`);
        return { url: target.url, headers: null, identity: null, ...target.belongings };
      };
    },
  };
}

const BELONGINGS = `
  select t.id as "targetId", t.organization_id as "organizationId", t.url, ${HEADERS_VERSION} as "headersVersion",
    t.sealed_headers as "sealedHeaders", t.certificate_version as "certificateVersion", c.sealed as "sealedCertificate"
  from webhook_targets t
  left join target_certificates c on c.target_id = t.id and c.version = t.certificate_version
  where t.id = any($1)`;

/** The own headers of targets: read and opened once for each version of them, and kept. */
import type { Sql } from '../../database/statement.ts';
import { openHeaders } from '../../domain/targets/headers/sealed-headers.ts';
import type { Seal } from '../../domain/seal/seal.ts';
import { isReservedHeader } from '../../domain/targets/headers/target-header.ts';
import { HEADERS_VERSION } from '../headers-version.ts';

/** Names and values, as they are sent. Null: the target has none. */
export type OwnHeaders = Readonly<Record<string, string>> | null;

/** A target, and the version of its headers when it was read (headers-version.ts); null without headers. */
export type HeadersOwner = { readonly targetId: string; readonly headersVersion: string | null };

/** The URL, of the same moment as the headers: what is sent to one receiver may be a secret of another. */
export type Destination = { readonly url: string; readonly headers: OwnHeaders };

export type OwnHeadersCache = {
  /** The headers of the target; undefined when this process has not opened this version. */
  known(target: HeadersOwner): OwnHeaders | undefined;
  /**
   * Reads the headers of the targets whose version is not known: then the newest ones, and the URL beside them. The result
   * opens those of a target, by its id. It throws when they were sealed under another master key.
   */
  read(targets: readonly (HeadersOwner & { readonly url: string })[]): Promise<(targetId: string) => Destination>;
};

/** Headers of typical size of some 10,000 targets; at most 1,000 where they are as large as they may be. */
const MAX_KEPT_BYTES = 4 * 1_024 * 1_024;

type SealedRow = {
  readonly id: string;
  readonly url: string;
  readonly organizationId: string;
  /** Null, as the headers: they were taken away meanwhile. */
  readonly version: string | null;
  readonly sealed: Buffer | null;
};

/** `brand`: of the service's own headers. A header of a target never takes their place, also after a change of the brand. */
export function createOwnHeaders(sql: Sql, seal: Seal, brand: string): OwnHeadersCache {
  const kept = new Map<string, { readonly headers: OwnHeaders; readonly bytes: number }>(); // Oldest first.
  let keptBytes = 0;

  const keyOf = (targetId: string, version: string): string => `${targetId} ${version}`;

  const known = ({ targetId, headersVersion }: HeadersOwner): OwnHeaders | undefined =>
    headersVersion === null ? null : kept.get(keyOf(targetId, headersVersion))?.headers;

  function keep(key: string, headers: OwnHeaders, bytes: number): void {
    kept.set(key, { headers, bytes });
    keptBytes += bytes;
    for (const [oldest, { bytes: freed }] of kept) {
      if (keptBytes <= MAX_KEPT_BYTES) break;
      kept.delete(oldest);
      keptBytes -= freed;
    }
  }

  function open(row: SealedRow): OwnHeaders {
    if (row.version === null || row.sealed === null) return null;
    const opened = known({ targetId: row.id, headersVersion: row.version });
    if (opened !== undefined) return opened;
    const allowed = openHeaders(seal, row, row.sealed).filter(({ name }) => !isReservedHeader(name, brand));
    const headers = Object.fromEntries(allowed.map(({ name, value }) => [name, value]));
    keep(keyOf(row.id, row.version), headers, row.sealed.length);
    return headers;
  }

  return {
    known,
    async read(targets) {
      const found = new Map(targets.map((target) => [target.targetId, { url: target.url, headers: known(target) }]));
      const unknown = [...found].flatMap(([targetId, { headers }]) => (headers === undefined ? [targetId] : []));
      const sealed = new Map<string, SealedRow>();
      if (unknown.length > 0) {
        const { rows } = await sql.query<SealedRow>({ name: 'find_headers', text: HEADERS, values: [unknown] });
        for (const row of rows) sealed.set(row.id, row);
      }
      return (targetId) => {
        const row = sealed.get(targetId);
        if (row) return { url: row.url, headers: open(row) };
        const target = found.get(targetId);
        if (!target) throw new Error(`Target ${targetId} is missing`);
        return { url: target.url, headers: target.headers ?? null };
      };
    },
  };
}

const HEADERS = `
  select t.id, t.organization_id as "organizationId", t.url, ${HEADERS_VERSION} as version, t.sealed_headers as sealed
  from webhook_targets t where t.id = any($1)`;

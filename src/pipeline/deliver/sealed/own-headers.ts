/** The own headers of targets: opened once for each version of them, and kept. */
import { openHeaders } from '../../../domain/targets/headers/sealed-headers.ts';
import type { Seal } from '../../../domain/seal/seal.ts';
import { isReservedHeader } from '../../../domain/targets/headers/target-header.ts';
import { createOpened } from './opened.ts';

/** Names and values, as they are sent. Null: the target has none. */
export type OwnHeaders = Readonly<Record<string, string>> | null;

/** The version of a target's headers (headers-version.ts); null without headers. */
export type HeadersOwner = { readonly targetId: string; readonly headersVersion: string | null };

export type SealedHeaders = HeadersOwner & { readonly organizationId: string; readonly sealedHeaders: Buffer | null };

export type OwnHeadersCache = {
  /** The headers of the target; undefined when this process has not opened this version. */
  known(target: HeadersOwner): OwnHeaders | undefined;
  /** Opens headers. Throws when they were sealed under another master key. */
  open(target: SealedHeaders): OwnHeaders;
};

/** Headers of typical size of some 10,000 targets; at most 1,000 where they are as large as they may be. */
const MOST_BYTES = 4 * 1_024 * 1_024;

/** `brand`: of the service's own headers. A header of a target never takes their place, also after a change of the brand. */
export function createOwnHeaders(seal: Seal, brand: string): OwnHeadersCache {
  const opened = createOpened<OwnHeaders>(MOST_BYTES);
  const keyOf = ({ targetId, headersVersion }: HeadersOwner): string => `${targetId} ${headersVersion}`;
  const known = (target: HeadersOwner): OwnHeaders | undefined =>
    target.headersVersion === null ? null : opened.get(keyOf(target));

  return {
    known,
    open(target) {
      const { targetId: id, organizationId, sealedHeaders } = target;
      if (target.headersVersion === null || sealedHeaders === null) return null;
      const kept = known(target);
      if (kept !== undefined) return kept;
      const all = openHeaders(seal, { id, organizationId }, sealedHeaders);
      const allowed = all.filter(({ name }) => !isReservedHeader(name, brand));
      const headers = Object.fromEntries(allowed.map(({ name, value }) => [name, value]));
      opened.set(keyOf(target), headers, sealedHeaders.length);
      return headers;
    },
  };
}

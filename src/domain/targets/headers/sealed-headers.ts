/** The own headers of a target at rest: sealed together, for this target alone. */
import type { TargetHeader } from './target-header.ts';
import type { Seal } from '../../seal/seal.ts';

type Owner = { readonly id: string; readonly organizationId: string };

const contextOf = ({ id, organizationId }: Owner): string => `target-headers:${organizationId}:${id}`;

/** Null: there are no headers. */
export function sealHeaders(seal: Seal, target: Owner, headers: readonly TargetHeader[]): Buffer | null {
  if (headers.length === 0) return null;
  const pairs = headers.map(({ name, value }) => [name, value]);
  return seal.seal(Buffer.from(JSON.stringify(pairs)), contextOf(target));
}

/** Throws when they were sealed under another master key, or for another target. */
export function openHeaders(seal: Seal, target: Owner, sealed: Uint8Array | null): TargetHeader[] {
  if (sealed === null) return [];
  const pairs = JSON.parse(seal.open(sealed, contextOf(target)).toString()) as [string, string][];
  return pairs.map(([name, value]) => ({ name, value }));
}

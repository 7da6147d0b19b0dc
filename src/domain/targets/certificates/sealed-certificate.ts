/** The client certificate of a target and its private key at rest: sealed together, for this target alone. */
import type { Seal } from '../../seal/seal.ts';
import type { CertificateAndKey } from './client-certificate.ts';

type Owner = { readonly id: string; readonly organizationId: string };

const contextOf = ({ id, organizationId }: Owner): string => `target-certificate:${organizationId}:${id}`;

export const sealCertificate = (seal: Seal, target: Owner, { chainPem, keyPem }: CertificateAndKey): Buffer =>
  seal.seal(Buffer.from(JSON.stringify([chainPem, keyPem])), contextOf(target));

/** Throws when it was sealed under another master key, or for another target. */
export function openCertificate(seal: Seal, target: Owner, sealed: Uint8Array): CertificateAndKey {
  const [chainPem, keyPem] = JSON.parse(seal.open(sealed, contextOf(target)).toString()) as [string, string];
  return { chainPem, keyPem };
}

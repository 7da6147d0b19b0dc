/** Client certificates for tests: files that clients/generate.sh made once. */
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';

export type ClientPem = { readonly certificatePem: string; readonly privateKeyPem: string };

const file = (name: string): string => readFileSync(new URL(`./clients/${name}.pem`, import.meta.url), 'utf8');

/** What a receiver trusts: it signed all of them but `stranger`. */
export const clientAuthority = (): string => file('authority');

/**
 * `ec`, `ec-384`, `rsa` (2,048 bits) and `chained` (with an intermediate authority) are good until 2076. `ending` ends on
 * 2027-01-31 at noon. `stranger` comes from an authority that no receiver knows. The others may not be given to a target.
 */
export type ClientName =
  | ('ec' | 'ec-384' | 'rsa' | 'chained' | 'ending' | 'stranger')
  | ('expired' | 'early' | 'weak' | 'huge' | 'koblitz' | 'edwards');

export function clientPem(name: ClientName): ClientPem {
  const text = file(name);
  const start = text.indexOf('-----BEGIN PRIVATE KEY');
  return { certificatePem: text.slice(0, start), privateKeyPem: text.slice(start) };
}

/** The key in other forms of PEM. */
export const keyAs = (pem: string, type: 'pkcs1' | 'sec1'): string =>
  createPrivateKey(pem).export({ type, format: 'pem' }).toString();

export const encryptedKey = (pem: string, type: 'pkcs1' | 'pkcs8'): string =>
  createPrivateKey(pem).export({ type, format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' }).toString();

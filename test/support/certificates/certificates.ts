/** Certificates for tests: files that generate.sh made once. The valid ones are valid until 2076. */
import { readFileSync } from 'node:fs';

export type Certificate = { readonly cert: string; readonly key: string };

const file = (name: string): string => readFileSync(new URL(`./${name}`, import.meta.url), 'utf8');

/** The authority that signed all of them but `selfSigned`: for `createSender({ ca })`. */
export const testAuthority = (): string => file('authority.pem');

/** Its path, for NODE_EXTRA_CA_CERTS of another process. */
export const authorityFile = new URL('./authority.pem', import.meta.url).pathname;

export const certificates = {
  /** For localhost, *.hookcast.test and 127.0.0.1. */
  valid: () => certificate('valid.pem'),
  /** As `valid`, in January 2019. */
  expired: () => certificate('expired.pem'),
  /** For other.hookcast.example only. */
  wrongHost: () => certificate('wrong-host.pem'),
  /** As `valid`, signed by nobody else. */
  selfSigned: () => certificate('self-signed.pem'),
};

const certificate = (name: string): Certificate => ({ cert: file(name), key: file('key.pem') });

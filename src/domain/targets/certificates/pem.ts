/** PEM (RFC 7468): texts between BEGIN and END lines, with whatever stands between and around them left out. */

export type PemBlock = {
  /** What BEGIN names, e.g. CERTIFICATE. */
  readonly label: string;
  /** With its BEGIN and END lines. */
  readonly text: string;
};

/** Of one field. A certificate of an RSA key with its chain has 4 to 8 KB. */
export const MAX_PEM_BYTES = 16_384;

const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,40})-----[\s\S]*?-----END \1-----/g;

export const readPem = (text: string): PemBlock[] =>
  [...text.matchAll(BLOCK)].map(([block, label]) => ({ label: label!, text: block }));

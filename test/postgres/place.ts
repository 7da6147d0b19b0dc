/** Where the tests of this folder find things. */

/** The schema of our tables. */
export const SCHEMA = 'webhooks';

/** The private authority that signed the server's certificate. */
export const AUTHORITY_FILE = new URL('../support/certificates/authority.pem', import.meta.url).pathname;

/** Parameters of a URL. */
export const TLS = { sslmode: 'verify-full', sslrootcert: AUTHORITY_FILE };

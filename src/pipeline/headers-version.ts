/**
 * SQL of the version of a target's own headers, with the alias `t` for webhook_targets: a text that differs each time they are
 * sealed, because it is the nonce (domain/seal/seal.ts). Null: the target has none. Workers open each version once.
 */
export const HEADERS_VERSION = `encode(substring(t.sealed_headers from 6 for 12), 'hex')`;

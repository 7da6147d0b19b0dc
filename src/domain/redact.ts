/** How our keys and secrets begin: API keys, portal sessions, target secrets, private signing keys of Standard Webhooks. */
const SECRET = /(hkp?|whsec|whsk)_[A-Za-z0-9+/=_-]{8,}/g;

/** A private key as PEM, also where its end is missing. It ends with its text in JSON, whose quotes must stay. */
const PRIVATE_KEY =
  /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----(?:[^"\\]|\\[^"])*?(?:-----END (?:[A-Z0-9]+ )*PRIVATE KEY-----|(?=\\?(?:"|$)))/g;

/**
 * Takes keys and secrets out of a text that may come from a client. People paste keys where they do not belong (an id, the
 * document, the name of an operation), and error messages and logs are copied on.
 */
export const redact = (text: string): string =>
  text.replace(SECRET, '$1_…').replace(PRIVATE_KEY, '-----BEGIN PRIVATE KEY-----…');

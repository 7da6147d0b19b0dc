/** How our keys and secrets begin: API keys, target secrets, private signing keys of Standard Webhooks. */
const SECRET = /(hk|whsec|whsk)_[A-Za-z0-9+/=_-]{8,}/g;

/**
 * Takes keys and secrets out of a text that may come from a client. People paste keys where they do not belong (an id, the
 * document, the name of an operation), and error messages and logs are copied on.
 */
export const redact = (text: string): string => text.replace(SECRET, '$1_…');

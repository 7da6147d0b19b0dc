/** The text of API keys: how one is made, recognised and stored. */
import { createHash } from 'node:crypto';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const RANDOM_CHARACTERS = 40;
const PREFIX_CHARACTERS = 10;
const BEGINNING = 'hk_';
const PORTAL_BEGINNING = 'hkp_';

type RandomBytes = (size: number) => Uint8Array;

/** A new key: `hk_` and 40 base62 characters, each drawn evenly, 238 bits in all. */
export const makeApiKey = (randomBytes: RandomBytes): string => `${BEGINNING}${drawText(randomBytes)}`;

/** The token of a new portal session: `hkp_` and as many characters. It works as an API key does. */
export const makePortalToken = (randomBytes: RandomBytes): string => `${PORTAL_BEGINNING}${drawText(randomBytes)}`;

function drawText(randomBytes: RandomBytes): string {
  let text = '';
  while (text.length < RANDOM_CHARACTERS) {
    for (const byte of randomBytes(64)) {
      // 248 is the greatest multiple of 62 in a byte: the rest of it would favour the first characters.
      if (byte < 248 && text.length < RANDOM_CHARACTERS) text += BASE62[byte % 62];
    }
  }
  return text;
}

/**
 * Whether a text has the shape of a key: 32 to 255 printable ASCII characters without spaces. Keys made here have 43; an
 * operator chooses the text of a bootstrap key. A text of another shape is refused without a look-up.
 */
export const isApiKeyText = (text: string): boolean => /^[\x21-\x7e]{32,255}$/.test(text);

/** The first characters of a key: shown, so that people recognise it. */
export const apiKeyPrefix = (key: string): string => key.slice(0, PREFIX_CHARACTERS);

/**
 * A prefix for the log; null for a bootstrap key that an operator chose: its first characters may be a word that gives the rest
 * away, and neither this code nor a reader of logs knows them for a secret.
 */
export const loggedPrefix = (prefix: string): string | null =>
  [BEGINNING, PORTAL_BEGINNING].some((beginning) => prefix.startsWith(beginning)) ? prefix : null;

/** The hash that is stored in place of a key. */
export const hashApiKey = (key: string): Buffer => createHash('sha256').update(key).digest();

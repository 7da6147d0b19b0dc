/** The version of a filter: a name of its text. Equal texts have the same version, so targets share what was made of them. */
import { createHash } from 'node:crypto';

const UUID_DIGITS = 32;

/** Returns the digits of a UUID. */
export const filterVersion = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, UUID_DIGITS);

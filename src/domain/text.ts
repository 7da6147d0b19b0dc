/** Rules that every text of a client obeys before it is looked up or stored. */
import { userError, type UserError } from '../errors.ts';
import { redact } from './redact.ts';

/** Where a text stands in the input: a field, or a path such as ["customerIds", 3]. */
export type InputField = string | readonly (string | number)[];

type TextRule = {
  /** In Unicode code points: characters as a person counts them. */
  readonly most: number;
  /** Whether an empty text is refused. A text of blanks then counts as empty. */
  readonly required?: boolean;
};

/** The errors of one text: INVALID, REQUIRED or TOO_LONG. None when it may be stored. */
export function checkText(field: InputField, text: string, { most, required = false }: TextRule): UserError[] {
  const unstorable = checkStorable(field, text);
  if (unstorable.length > 0) return unstorable;
  if (required && text.trim() === '') {
    return [userError('REQUIRED', field, `Expected 1 to ${most} characters, got none.`)];
  }
  const count = characterCount(text);
  if (count > most) return [userError('TOO_LONG', field, `Expected at most ${most} characters, got ${count}.`)];
  return [];
}

/** PostgreSQL stores neither NUL nor half a surrogate pair, which has no UTF-8. To be called before a text reaches a query. */
export function checkStorable(field: InputField, text: string): UserError[] {
  const nulAt = text.indexOf('\0');
  if (nulAt >= 0) {
    return [userError('INVALID', field, `Expected text without NUL characters, got one at position ${nulAt}.`)];
  }
  if (!text.isWellFormed()) return [userError('INVALID', field, 'Expected Unicode text, got a lone surrogate.')];
  return [];
}

/** Counts Unicode code points, as PostgreSQL's char_length does. */
export function characterCount(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; count++) index += text.codePointAt(index)! > 0xffff ? 2 : 1;
  return count;
}

/** Says what is wrong with an idempotency key, as the end of a sentence; null when nothing is wrong. */
export function explainIdempotencyKey(key: string): string | null {
  if (/^[\x20-\x7e]{1,255}$/.test(key)) return null;
  const got = key === '' || key.length > 255 ? `${key.length} characters` : quote(key);
  return `1 to 255 printable ASCII characters, got ${got}.`;
}

/**
 * The value of an HTTP header without the whitespace around it: spaces and tabs only (RFC 9110, 5.6.3). `trim` also takes a
 * no-break space and 20 others. These belong to the value: other programs keep them.
 */
export const trimHeader = (value: string): string => value.replace(/^[ \t]+/, '').replace(/(?<![ \t])[ \t]+$/, '');

const QUOTED_CHARACTERS = 128;

/** A client's text as an error message shows it: in quotes, escaped, shortened, without secrets. */
export function quote(given: string): string {
  const text = redact(given);
  const shown = text.length > QUOTED_CHARACTERS ? `${text.slice(0, QUOTED_CHARACTERS)}…` : text;
  return JSON.stringify(shown.toWellFormed());
}

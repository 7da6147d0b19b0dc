/** Names of event types: their shape, and which known name a client probably meant by an unknown one. */
import { userError, type UserError } from '../../errors.ts';
import { characterCount, quote, type InputField } from '../text.ts';

export const MAX_EVENT_TYPE_NAME = 128;
const NAME_PATTERN = /^[a-z0-9_]+(\.[a-z0-9_]+)*$/;

/** Lower-case words joined by dots, e.g. transaction.auto.updated; at most 128 characters. */
export const isEventTypeName = (text: string): boolean => text.length <= MAX_EVENT_TYPE_NAME && NAME_PATTERN.test(text);

/** The errors of a name for a new event type: REQUIRED, TOO_LONG or INVALID. */
export function checkEventTypeName(field: InputField, name: string): UserError[] {
  if (name === '') return [userError('REQUIRED', field, 'Expected a name such as transaction.auto.updated, got none.')];
  const count = characterCount(name);
  if (count > MAX_EVENT_TYPE_NAME) {
    return [userError('TOO_LONG', field, `Expected at most ${MAX_EVENT_TYPE_NAME} characters, got ${count}.`)];
  }
  if (NAME_PATTERN.test(name)) return [];
  const shape = 'Expected lower-case letters, digits and underscores in words joined by dots';
  return [userError('INVALID', field, `${shape}, such as transaction.auto.updated, got ${quote(name)}.`)];
}

/** "transaction.auto.updated" -> "Transaction auto updated". */
export function displayNameOf(name: string): string {
  const words = name.replaceAll(/[._]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The error of an unknown event type, with the known one that was probably meant. */
export function unknownEventType(field: InputField, unknown: string, known: Iterable<string>): UserError {
  const suggestion = suggestEventType(unknown, known);
  const meant = suggestion === undefined ? '' : ` (did you mean ${quote(suggestion)}?)`;
  const message = `Unknown event type: ${quote(unknown)}${meant}. The eventTypes query lists the known ones.`;
  return userError('UNKNOWN_EVENT_TYPE', field, message);
}

/** The known name nearest to a mistyped name; undefined when none is near. */
export function suggestEventType(unknown: string, known: Iterable<string>): string | undefined {
  const typed = unknown.trim().toLowerCase();
  if (typed.length === 0 || typed.length > MAX_EVENT_TYPE_NAME) return undefined;
  const tolerated = Math.max(2, Math.floor(typed.length / 4));
  let nearest: string | undefined;
  let least = tolerated + 1;
  for (const name of known) {
    if (Math.abs(name.length - typed.length) >= least) continue;
    const distance = editDistance(typed, name);
    if (distance < least) [nearest, least] = [name, distance];
  }
  return nearest;
}

/** How many insertions, deletions and replacements turn `a` into `b` (Levenshtein). */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}

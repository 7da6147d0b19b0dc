/** How long a client's list may be: rows are compared with each of its entries. */
import { userError, type UserError } from '../errors.ts';

export const MAX_LIST = 1_000;

/** TOO_MANY when the list of the field is too long; otherwise no error. */
export function checkListLength(field: string, list: readonly unknown[]): UserError[] {
  if (list.length <= MAX_LIST) return [];
  return [userError('TOO_MANY', field, `Expected at most ${MAX_LIST} entries, got ${list.length}.`)];
}

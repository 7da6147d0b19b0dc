/** Tags: what a publisher gives an event to find it by, such as the id of a transaction. */
import { userError, type UserError } from '../errors.ts';
import { checkText } from './text.ts';

export const MAX_TAGS = 10;
export const MAX_TAG = 128;

/**
 * The errors of the tags of one event: TOO_MANY, or REQUIRED,
 * TOO_LONG or INVALID for single ones. `path`: where the list stands.
 */
export function checkTags(path: readonly (string | number)[], tags: readonly string[]): UserError[] {
  if (tags.length > MAX_TAGS) {
    return [userError('TOO_MANY', path, `Expected at most ${MAX_TAGS} tags, got ${tags.length}.`)];
  }
  return tags.flatMap((tag, index) => checkText([...path, index], tag, { most: MAX_TAG, required: true }));
}

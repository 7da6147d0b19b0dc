/** Which part of a list is asked for, judged by the four Relay arguments. */
import { RequestError } from '../../errors.ts';
import type { ListCursors, ListPosition } from './list-cursor.ts';

export type PageArguments = {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
};

/** `size` rows: forward from the start or from just after `from`; backward from the end or from just before it. */
export type Page = {
  readonly direction: 'forward' | 'backward';
  readonly size: number;
  readonly from: ListPosition | null;
};

export const DEFAULT_PAGE_SIZE = 20;
export const MAX_PAGE_SIZE = 100;

/** Throws BAD_USER_INPUT with the name of the argument, because a guess could give the wrong rows. */
export function pageOf(cursors: Pick<ListCursors<never>, 'read'>, { first, after, last, before }: PageArguments): Page {
  if (first != null && last != null) refuse('last', 'expected `first` or `last`, got both');
  if (after != null && before != null) refuse('before', 'expected `after` or `before`, got both');
  if (first != null && before != null) refuse('before', '`before` goes with `last`, `first` with `after`');
  if (last != null && after != null) refuse('after', '`after` goes with `first`, `last` with `before`');

  if (last != null || before != null) {
    const size = pageSize('last', last);
    return { direction: 'backward', size, from: before == null ? null : cursors.read(before, 'before') };
  }
  const size = pageSize('first', first);
  return { direction: 'forward', size, from: after == null ? null : cursors.read(after, 'after') };
}

function pageSize(argument: 'first' | 'last', size: number | null | undefined): number {
  if (size == null) return DEFAULT_PAGE_SIZE;
  return size >= 1 && size <= MAX_PAGE_SIZE ? size : refuse(argument, `expected 1 to ${MAX_PAGE_SIZE}, got ${size}`);
}

function refuse(argument: string, message: string): never {
  throw new RequestError('BAD_USER_INPUT', `\`${argument}\`: ${message}.`, { argument });
}

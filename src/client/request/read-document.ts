import { type AnyDocument, textOf } from './print-document.ts';
import { WatchError } from './watch-error.ts';

/** A subscription that can be resumed. */
export type ResumableDocument = {
  readonly text: string;
  /** The variable that holds the place to resume after. */
  readonly afterVariable: string;
};

const STRINGS_AND_COMMENTS = /"""[^]*?"""|"(?:\\.|[^"\\])*"|#.*/g;

/** Throws BAD_DOCUMENT when the document has no place for a cursor, or shows none. */
export function readDocument(document: AnyDocument<never, never>): ResumableDocument {
  const text = textOf(document);
  const code = text.replace(STRINGS_AND_COMMENTS, '""');
  const [, afterVariable] = /\bafter\s*:\s*\$(\w+)/.exec(code) ?? [];
  if (!afterVariable) {
    const message =
      'expected a subscription that takes its place from a variable: add ($after: String) and after: $after';
    throw new WatchError('BAD_DOCUMENT', message);
  }
  // Not a variable of that name, and not another name for the field.
  if (!/(?<![$\w])cursor\b(?!\s*:)/.test(code)) throw withoutCursor();
  return { text, afterVariable };
}

export const withoutCursor = (): WatchError =>
  new WatchError('BAD_DOCUMENT', 'expected `cursor` among the fields of the change: without it nothing can be resumed');

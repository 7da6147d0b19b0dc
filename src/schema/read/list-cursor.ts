/**
 * List cursors: opaque to clients. They hold a version, the kind of the list and the position of one row. A position is
 * compared, never looked up, so a list cursor stays good when its row is gone.
 *
 * The changes of a delivery have the cursors of their stream instead (change-list.ts).
 *
 * They are not sealed, as those of streams are (live/cursors/cursors.ts). A position is the id of the row, which stands in the
 * answer beside it, or the number of an attempt. An id is a date and random bits (domain/ksuid.ts): it does not tell how much
 * other organizations have.
 */
import { isId } from '../../domain/ksuid.ts';
import { quote } from '../../domain/text.ts';
import { RequestError } from '../../errors.ts';

/** Lists whose rows have positions of the same kind. A cursor is good for every list of its kind, and for no other. */
export type ListKind =
  | 'deliveries'
  | 'events'
  | 'targets'
  | 'apiKeys'
  | 'attempts'
  | 'entries'
  | 'replays'
  | 'erasures'
  | 'portalSessions'
  | 'organizations';

/** An id, or the number of an attempt. */
export type ListPosition = string | number;

/** The cursors of a list. */
export type ListCursors<Row> = {
  /** The cursor of a row. */
  of(row: Row): string;
  /** The position in a cursor that `argument` ("after" or "before") brought. Throws BAD_USER_INPUT for any other text. */
  read(cursor: string, argument: string): ListPosition;
};

export const listCursors = <Row>(kind: ListKind, positionOf: (row: Row) => ListPosition): ListCursors<Row> => ({
  of: (row) => encodeCursor(kind, positionOf(row)),
  read: (cursor, argument) => decodeCursor(kind, cursor, argument),
});

const VERSION = '1';
const CURSOR = /^([^:]*):([a-zA-Z]+):([0-9A-Za-z]+)$/;
const ATTEMPT_NUMBER = /^[1-9]\d{0,4}$/;

export const encodeCursor = (kind: ListKind, position: ListPosition): string =>
  Buffer.from(`${VERSION}:${kind}:${position}`).toString('base64url');

/** The position in a cursor that `argument` ("after" or "before") brought. Throws BAD_USER_INPUT for any other text. */
function decodeCursor(kind: ListKind, cursor: string, argument: string): ListPosition {
  const text = Buffer.from(cursor, 'base64url').toString();
  const [, version, owner, position = ''] = CURSOR.exec(text) ?? [];
  if (version !== VERSION || Buffer.from(text).toString('base64url') !== cursor) return refuse(argument, cursor);
  if (owner !== kind) {
    const message = `\`${argument}\`: expected a cursor of a list of ${kind}, got a cursor of a list of ${owner}.`;
    throw new RequestError('BAD_USER_INPUT', message, { argument });
  }
  if (kind === 'attempts') return ATTEMPT_NUMBER.test(position) ? Number(position) : refuse(argument, cursor);
  return isId(position) ? position : refuse(argument, cursor);
}

function refuse(argument: string, cursor: string): never {
  const expected = 'expected a cursor from pageInfo or an edge of this list, unchanged';
  throw new RequestError('BAD_USER_INPUT', `\`${argument}\`: ${expected}; got ${quote(cursor)}.`, { argument });
}

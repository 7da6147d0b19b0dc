/**
 * Positions in the history of changes, and the opaque text that clients keep of them.
 *
 * A position is that of a change which was final when the position was given, or ORIGIN. Never a bare transaction id
 * ("everything below the horizon"): ids of transactions that only sent a NOTIFY or rolled back are not on disk, so after a
 * crash Postgres gives them out again, and such a position would lie above changes still to come. The transaction of a
 * final change is on disk, and so is its id.
 *
 * The epoch (epoch.ts) says whose positions these are.
 */
import { quote } from '../domain/text.ts';
import { RequestError } from '../errors.ts';

/** The place of one change in the history: transaction id, then order within the transaction. */
export type Position = { readonly xid: bigint; readonly seq: bigint };

/** Before the first change. */
export const ORIGIN: Position = { xid: 0n, seq: 0n };

export const isAfter = (a: Position, b: Position): boolean => a.xid > b.xid || (a.xid === b.xid && a.seq > b.seq);

export const later = (a: Position, b: Position): Position => (isAfter(a, b) ? a : b);

/** Whose cursors these are, and what clients know them by. */
export type CursorKind = {
  /** Four characters: the kind and its version. */
  readonly prefix: string;
  readonly stream: string;
  /** Where in the API the cursors come from: for no change yet, and for each change. */
  readonly sources: readonly [string, string];
};

// Each part of a cursor is whole base64url: kind (4 characters), epoch (8 + 4), position (22).
const CURSOR = /^([\w-]{4})([\w-]{12})([\w-]{22})$/;
const DEPLOYMENT_CHARACTERS = 8;
const GREATEST_SEQ = 2n ** 63n - 1n;

/** The part of an epoch that travels with a dump. */
export const deploymentOf = (epoch: string): string => epoch.slice(0, DEPLOYMENT_CHARACTERS);

export function encodeCursor({ xid, seq }: Position, epoch: string, { prefix }: CursorKind): string {
  const bytes = Buffer.allocUnsafe(16);
  bytes.writeBigUInt64BE(xid, 0);
  bytes.writeBigUInt64BE(seq, 8);
  return `${prefix}${epoch}${bytes.toString('base64url')}`;
}

/**
 * The position in a cursor that came as `after`. Throws BAD_USER_INPUT for text that is no cursor of this stream, and
 * CURSOR_EXPIRED for one from before the database was restored.
 */
export function decodeCursor(text: string, epoch: string, kind: CursorKind): Position {
  const [, prefix, cursorEpoch, place] = CURSOR.exec(text) ?? [];
  const bytes = Buffer.from(place ?? '', 'base64url');
  if (prefix !== kind.prefix || cursorEpoch === undefined || bytes.toString('base64url') !== place) {
    return refuse(kind, `got ${quote(text)}. Cursors of lists and of other streams do not fit here.`);
  }
  if (deploymentOf(cursorEpoch) !== deploymentOf(epoch)) {
    return refuse(kind, 'got one of another deployment.');
  }
  if (cursorEpoch !== epoch) {
    const reason = 'The database was restored or moved since this cursor was given, so its place is not known any more';
    throw expired(kind, reason);
  }
  const position = { xid: bytes.readBigUInt64BE(0), seq: bytes.readBigUInt64BE(8) };
  return position.seq > GREATEST_SEQ ? refuse(kind, `got ${quote(text)}, which was changed on its way.`) : position;
}

function refuse({ stream, sources }: CursorKind, got: string): never {
  const expected = `\`after\`: expected a cursor of the ${stream}, unchanged, from ${sources.join(' or ')}`;
  throw new RequestError('BAD_USER_INPUT', `${expected}; ${got}`, { argument: 'after' });
}

/** CURSOR_EXPIRED: the changes after a cursor are not all kept any more. */
export const expired = ({ sources }: CursorKind, reason: string): RequestError =>
  new RequestError(
    'CURSOR_EXPIRED',
    `\`after\`: ${reason}. Take a new ${sources[0]}, load the list again and subscribe with that cursor.`,
    { argument: 'after' },
  );

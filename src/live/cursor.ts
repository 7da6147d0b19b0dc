/**
 * Positions in the history of changes, and the opaque text that clients keep of them:
 *
 *     kind and version   4 characters
 *     deployment         8, of the epoch (epoch.ts): whose positions these are
 *     mark               4, of the change at the position; where no change is named, the numbering of the epoch
 *     position          22
 *
 * A position is that of a change which was final when the position was given, or ORIGIN. Never a bare transaction id
 * ("everything below the horizon"): ids of transactions that only sent a NOTIFY or rolled back are not on disk, so after a
 * crash Postgres gives them out again, and such a position would lie above changes still to come. The transaction of a
 * final change is on disk, and so is its id.
 *
 * It is on the disk of that server. A standby that took over without the last commits gives their places out again, to
 * other changes. So a position carries a mark of its change, and everything that reads on from a position compares.
 */
import { hash } from 'node:crypto';
import { quote } from '../domain/text.ts';
import { RequestError } from '../errors.ts';

/** The place of one change in the history: transaction id, then order within the transaction. */
export type Position = {
  readonly xid: bigint;
  readonly seq: bigint;
  /** Of the change that stands here (markOf). Left out where no change is named, and in cursors of the release before. */
  readonly mark?: string;
};

/** Before the first change. */
export const ORIGIN: Position = { xid: 0n, seq: 0n };

export const isAfter = (a: Position, b: Position): boolean => a.xid > b.xid || (a.xid === b.xid && a.seq > b.seq);

export const later = (a: Position, b: Position): Position => (isAfter(a, b) ? a : b);

/** Whether two positions may be the same change. False when another one stands at this place. */
export const isSame = (a: Position, b: Position): boolean =>
  a.xid === b.xid && a.seq === b.seq && (a.mark === undefined || b.mark === undefined || a.mark === b.mark);

/** Whose cursors these are, and what clients know them by. */
export type CursorKind = {
  /** Four characters: the kind and its version. */
  readonly prefix: string;
  readonly stream: string;
  /** Where in the API the cursors come from: for no change yet, and for each change. */
  readonly sources: readonly [string, string];
};

// Each part of a cursor is whole base64url.
const CURSOR = /^([\w-]{4})([\w-]{8})([\w-]{4})([\w-]{22})$/;
const DEPLOYMENT_CHARACTERS = 8;
const MARK_CHARACTERS = 4;
const GREATEST_SEQ = 2n ** 63n - 1n;

/** The part of an epoch that travels with a dump. */
export const deploymentOf = (epoch: string): string => epoch.slice(0, DEPLOYMENT_CHARACTERS);

/** The part of an epoch that a restored dump changes. */
export const numberingOf = (epoch: string): string => epoch.slice(DEPLOYMENT_CHARACTERS);

/**
 * Tells a change from any other that a server may put at its place: 24 bits of its content and the numbering. The same in
 * every process. Never the numbering itself, which says that no change is named.
 */
export function markOf(content: string, epoch: string): string {
  const numbering = numberingOf(epoch);
  const mark = hash('sha256', `${numbering} ${content}`, 'base64url').slice(0, MARK_CHARACTERS);
  return mark === numbering ? `${mark.startsWith('A') ? 'B' : 'A'}${mark.slice(1)}` : mark;
}

export function encodeCursor({ xid, seq, mark }: Position, epoch: string, { prefix }: CursorKind): string {
  const bytes = Buffer.allocUnsafe(16);
  bytes.writeBigUInt64BE(xid, 0);
  bytes.writeBigUInt64BE(seq, 8);
  return `${prefix}${deploymentOf(epoch)}${mark ?? numberingOf(epoch)}${bytes.toString('base64url')}`;
}

/**
 * The position in a cursor that came as `after`; whether its change is there, the history has to say. Throws
 * BAD_USER_INPUT for text that is no cursor of this stream, and CURSOR_EXPIRED for the origin of a database from before
 * it was restored.
 *
 * Cursors of the release before have the numbering where now the mark is. They are taken, and only their place is
 * compared. A process of that release answers CURSOR_EXPIRED to a mark, and clients load their lists again.
 */
export function decodeCursor(text: string, epoch: string, kind: CursorKind): Position {
  const [, prefix, deployment, mark, place] = CURSOR.exec(text) ?? [];
  const bytes = Buffer.from(place ?? '', 'base64url');
  if (prefix !== kind.prefix || mark === undefined || bytes.toString('base64url') !== place) {
    return refuse(kind, `got ${quote(text)}. Cursors of lists and of other streams do not fit here.`);
  }
  if (deployment !== deploymentOf(epoch)) return refuse(kind, 'got one of another deployment.');
  const position = { xid: bytes.readBigUInt64BE(0), seq: bytes.readBigUInt64BE(8) };
  if (position.seq > GREATEST_SEQ) return refuse(kind, `got ${quote(text)}, which was changed on its way.`);
  if (mark === numberingOf(epoch)) return position;
  if (isSame(position, ORIGIN)) {
    const reason = 'The database was restored or moved since this cursor was given, so its place is not known any more';
    throw expired(kind, reason);
  }
  return { ...position, mark };
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

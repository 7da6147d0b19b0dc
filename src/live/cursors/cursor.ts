/**
 * Positions in the history of changes. Clients keep them as text (cursors.ts).
 *
 * A position is ORIGIN, or that of a change which was final when the position was given. It is never a bare transaction
 * id ("everything below the horizon"): ids of transactions that only sent a NOTIFY or rolled back are not on disk, so
 * after a crash Postgres gives them out again, and such a position would lie above changes still to come. The transaction
 * of a final change is on disk, and so is its id.
 *
 * This holds for the disk of that server only. A standby that took over without the last commits gives their places to
 * other changes. So a position carries a mark of its change, and whatever reads on from a position compares the mark.
 */
import { hash } from 'node:crypto';
import { RequestError } from '../../errors.ts';

/** The place of one change in the history: transaction id, then order within the transaction. */
export type StreamPosition = {
  readonly xid: bigint;
  readonly seq: bigint;
  /** The mark of the change at this place (markOf). Left out where there is no change, and in cursors of the release before. */
  readonly mark?: string;
};

/** The position before the first change. */
export const ORIGIN: StreamPosition = { xid: 0n, seq: 0n };

export const isAfter = (a: StreamPosition, b: StreamPosition): boolean =>
  a.xid > b.xid || (a.xid === b.xid && a.seq > b.seq);

export const later = (a: StreamPosition, b: StreamPosition): StreamPosition => (isAfter(a, b) ? a : b);

/** Whether two positions may name the same change. False when their places or their marks differ. */
export const isSame = (a: StreamPosition, b: StreamPosition): boolean =>
  a.xid === b.xid && a.seq === b.seq && (a.mark === undefined || b.mark === undefined || a.mark === b.mark);

/** The stream that cursors belong to, and how clients recognise them. */
export type CursorKind = {
  /** Four characters, with which every cursor of the stream begins. */
  readonly prefix: string;
  readonly stream: string;
  /** Where the API gives out these cursors: the field for the present position, and the field of each change. */
  readonly sources: readonly [string, string];
};

const DEPLOYMENT_CHARACTERS = 8;
const MARK_CHARACTERS = 4;

/** The part of an epoch that travels with a dump. */
export const deploymentOf = (epoch: string): string => epoch.slice(0, DEPLOYMENT_CHARACTERS);

/** The part of an epoch that a restored dump changes. */
export const numberingOf = (epoch: string): string => epoch.slice(DEPLOYMENT_CHARACTERS);

/**
 * Returns the mark that tells a change from any other that a server may put at its place: 24 bits, from its content and
 * the numbering. It is the same in every process. It is never the numbering itself: in a cursor that means "no change".
 */
export function markOf(content: string, epoch: string): string {
  const numbering = numberingOf(epoch);
  const mark = hash('sha256', `${numbering} ${content}`, 'base64url').slice(0, MARK_CHARACTERS);
  return mark === numbering ? `${mark.startsWith('A') ? 'B' : 'A'}${mark.slice(1)}` : mark;
}

/** The error CURSOR_EXPIRED: the stream cannot go on from this cursor. `sentAs`: how the client sent it. */
export const expired = ({ sources }: CursorKind, reason: string, sentAs = 'after'): RequestError =>
  new RequestError(
    'CURSOR_EXPIRED',
    `\`${sentAs}\`: ${reason}. Take a new ${sources[0]}, load the list again and subscribe with that cursor.`,
    { argument: sentAs },
  );

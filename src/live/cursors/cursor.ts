/**
 * Positions in the history of changes. Clients keep them as text (cursors.ts).
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
import { RequestError } from '../../errors.ts';

/** The place of one change in the history: transaction id, then order within the transaction. */
export type StreamPosition = {
  readonly xid: bigint;
  readonly seq: bigint;
  /** Of the change that stands here (markOf). Left out where no change is named, and in cursors of the release before. */
  readonly mark?: string;
};

/** Before the first change. */
export const ORIGIN: StreamPosition = { xid: 0n, seq: 0n };

export const isAfter = (a: StreamPosition, b: StreamPosition): boolean =>
  a.xid > b.xid || (a.xid === b.xid && a.seq > b.seq);

export const later = (a: StreamPosition, b: StreamPosition): StreamPosition => (isAfter(a, b) ? a : b);

/** Whether two positions may be the same change. False when another one stands at this place. */
export const isSame = (a: StreamPosition, b: StreamPosition): boolean =>
  a.xid === b.xid && a.seq === b.seq && (a.mark === undefined || b.mark === undefined || a.mark === b.mark);

/** Whose cursors these are, and what clients know them by. */
export type CursorKind = {
  /** Four characters, with which every cursor of the stream begins. */
  readonly prefix: string;
  readonly stream: string;
  /** Where in the API the cursors come from: for no change yet, and for each change. */
  readonly sources: readonly [string, string];
};

const DEPLOYMENT_CHARACTERS = 8;
const MARK_CHARACTERS = 4;

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

/** CURSOR_EXPIRED: the changes after a cursor are not all kept any more. */
export const expired = ({ sources }: CursorKind, reason: string): RequestError =>
  new RequestError(
    'CURSOR_EXPIRED',
    `\`after\`: ${reason}. Take a new ${sources[0]}, load the list again and subscribe with that cursor.`,
    { argument: 'after' },
  );

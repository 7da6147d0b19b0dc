/**
 * Positions in the history of changes, and the opaque text that clients keep of them.
 *
 * A position is that of a change which was final when the position was given, or ORIGIN. Never a bare transaction id
 * ("everything below the horizon"): ids of transactions that only sent a NOTIFY or rolled back are not on disk, so after a
 * crash Postgres gives them out again, and such a position would lie above changes still to come. The transaction of a
 * final change is on disk, and so is its id.
 *
 * The epoch says whose positions these are, in two parts:
 *
 *     deployment    made once and kept in `settings`; it travels with a dump
 *     numbering     which cluster and database number the transactions; a restored dump is numbered anew
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import { quote } from '../domain/text.ts';
import { RequestError } from '../errors.ts';

/** The place of one change in the history: transaction id, then order within the transaction. */
export type Position = { readonly xid: bigint; readonly seq: bigint };

/** Before the first change. */
export const ORIGIN: Position = { xid: 0n, seq: 0n };

export const isAfter = (a: Position, b: Position): boolean => a.xid > b.xid || (a.xid === b.xid && a.seq > b.seq);

export const later = (a: Position, b: Position): Position => (isAfter(a, b) ? a : b);

// Four characters, so that each part of a cursor is whole base64url: kind and version, epoch (8 + 4), position (22).
const KIND = 'chg1';
const DEPLOYMENT_CHARACTERS = 8;
const CURSOR = new RegExp(`^${KIND}([\\w-]{12})([\\w-]{22})$`);
const GREATEST_SEQ = 2n ** 63n - 1n;

export function encodeCursor({ xid, seq }: Position, epoch: string): string {
  const bytes = Buffer.allocUnsafe(16);
  bytes.writeBigUInt64BE(xid, 0);
  bytes.writeBigUInt64BE(seq, 8);
  return `${KIND}${epoch}${bytes.toString('base64url')}`;
}

/**
 * The position in a cursor that came as `after`. Throws BAD_USER_INPUT for text that is no cursor of this stream, and
 * CURSOR_EXPIRED for one from before the database was restored.
 */
export function decodeCursor(text: string, epoch: string): Position {
  const [, cursorEpoch, place] = CURSOR.exec(text) ?? [];
  const bytes = Buffer.from(place ?? '', 'base64url');
  if (cursorEpoch === undefined || bytes.toString('base64url') !== place) {
    return refuse(`got ${quote(text)}. Cursors of lists do not fit here.`);
  }
  if (cursorEpoch.slice(0, DEPLOYMENT_CHARACTERS) !== epoch.slice(0, DEPLOYMENT_CHARACTERS)) {
    return refuse('got one of another deployment.');
  }
  if (cursorEpoch !== epoch) {
    throw expired('The database was restored or moved since this cursor was given, so its place is not known any more');
  }
  const position = { xid: bytes.readBigUInt64BE(0), seq: bytes.readBigUInt64BE(8) };
  return position.seq > GREATEST_SEQ ? refuse(`got ${quote(text)}, which was changed on its way.`) : position;
}

function refuse(got: string): never {
  const expected =
    '`after`: expected a cursor of the delivery stream, unchanged, from Query.deliveryStreamCursor or DeliveryStatusChange.cursor';
  throw new RequestError('BAD_USER_INPUT', `${expected}; ${got}`, { argument: 'after' });
}

/** CURSOR_EXPIRED: the changes after a cursor are not all kept any more. */
export const expired = (reason: string): RequestError =>
  new RequestError(
    'CURSOR_EXPIRED',
    `\`after\`: ${reason}. Take a new Query.deliveryStreamCursor, load the list again and subscribe with that cursor.`,
    { argument: 'after' },
  );

/**
 * The epoch of this database, made at the first start. In a restored dump the kept changes carry ids that the new
 * numbering has yet to reach; they are removed, because they would come up again between new ones.
 */
export function loadEpoch(database: Database, clock: Clock): Promise<string> {
  return database.transaction(async (tx) => {
    const deployment = clock.randomBytes(6).toString('base64url');
    const numbering = await tx.query<{ name: string }>(
      `select system_identifier || '/' || (select oid from pg_database where datname = current_database()) as name
       from pg_control_system()`,
    );
    const current = createHash('sha256').update(numbering.rows[0]!.name).digest().subarray(0, 3).toString('base64url');
    await tx.query(`insert into settings (name, value) values ('stream_epoch', $1) on conflict do nothing`, [
      `${deployment}${current}`,
    ]);
    const stored = await tx.query<{ value: string }>(
      `select value from settings where name = 'stream_epoch' for update`,
    );
    const known = stored.rows[0]!.value;
    const epoch = `${known.slice(0, DEPLOYMENT_CHARACTERS)}${current}`;
    if (epoch !== known) {
      await tx.query(`update settings set value = $1 where name = 'stream_epoch'`, [epoch]);
      await tx.query(`delete from settings where name = 'stream_floor'`);
      await tx.query('delete from delivery_changes where xid > pg_current_xact_id()');
    }
    return epoch;
  });
}

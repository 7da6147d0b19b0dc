/** Opens cursors to find where their changes stand, as no client may; and makes cursors like those of earlier releases. */
import type { Sql } from '../../src/database/statement.ts';
import { deploymentOf, numberingOf, type CursorKind, type StreamPosition } from '../../src/live/cursors/cursor.ts';
import { createCursors, type Cursors } from '../../src/live/cursors/cursors.ts';
import { DELIVERY_CHANGES } from '../../src/live/changes/delivery-changes.ts';
import { MASTER_KEY } from './master-key.ts';

/** For feeds that run in a test. */
export const MASTER_KEYS = [Buffer.from('tests seal their cursors with it')];

/** `xid.seq` of a cursor of the delivery stream. */
export type PlaceOf = (cursor: string) => string;

/** The cursors of the delivery stream that services under MASTER_KEY give. `sql`: on their database. */
export async function createServiceCursors(sql: Sql): Promise<Cursors> {
  const { rows } = await sql.query<{ epoch: string }>(
    `select value as epoch from settings where name = 'stream_epoch'`,
  );
  const masterKeys = [Buffer.from(MASTER_KEY, 'base64')];
  return createCursors(DELIVERY_CHANGES.cursors, { epoch: rows[0]!.epoch, masterKeys });
}

/** For cursors that a service gave to readers of this organization. */
export async function createPlaceOf(sql: Sql, organizationId: string): Promise<PlaceOf> {
  const { decode } = await createServiceCursors(sql);
  return (cursor) => {
    const { position } = decode(cursor, organizationId);
    return `${position.xid}.${position.seq}`;
  };
}

/** As release 0.1.0 gave it: in the open. With a mark, as processes between that release and this one did. */
export function unsealedCursor({ xid, seq, mark }: StreamPosition, epoch: string, { prefix }: CursorKind): string {
  const bytes = Buffer.alloc(16);
  bytes.writeBigUInt64BE(xid, 0);
  bytes.writeBigUInt64BE(seq, 8);
  return `${prefix}${deploymentOf(epoch)}${mark ?? numberingOf(epoch)}${bytes.toString('base64url')}`;
}

/** The code that release 0.1.0 answers to a cursor of the delivery stream; undefined when it goes on from it. */
export function codeOfRelease010(cursor: string, epoch: string): string | undefined {
  const [, prefix, cursorEpoch, place] = /^([\w-]{4})([\w-]{12})([\w-]{22})$/.exec(cursor) ?? [];
  const bytes = Buffer.from(place ?? '', 'base64url');
  if (prefix !== 'chg1' || cursorEpoch === undefined || bytes.toString('base64url') !== place) return 'BAD_USER_INPUT';
  if (deploymentOf(cursorEpoch) !== deploymentOf(epoch)) return 'BAD_USER_INPUT';
  return cursorEpoch === epoch ? undefined : 'CURSOR_EXPIRED';
}

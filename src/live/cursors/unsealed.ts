/**
 * Unsealed cursors, as release 0.1.0 gave them: the place of their change can be read. Anybody can write such a cursor,
 * and learn where a change stands from the answer and from the changes that follow. So it is accepted only where that
 * tells nothing new:
 *
 *   - its change is there, and
 *   - it occurred while processes of that release may have run, which told every reader the places of that time.
 *
 * A cursor for a place between two changes is refused, and all refusals are alike, so a guesser does not learn that a
 * guess was near. The next release refuses all unsealed cursors and deletes this file.
 */
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/client.ts';
import { isSame, ORIGIN, type StreamPosition } from './cursor.ts';

const PLACE_START = 3;
const GREATEST_SEQ = 2n ** 63n - 1n;
/** How long processes of the release before may run beside this release, from its first start on. */
const UPGRADE_MS = 86_400_000;

/**
 * Reads the position in the last 19 bytes of an unsealed cursor; undefined when neither 0.1.0 nor a version after it
 * wrote them. In 0.1.0 they begin with the numbering of the epoch; later, with the mark of the change, if the cursor
 * names one.
 */
export function parseUnsealed(bytes: Buffer, numbering: string): StreamPosition | undefined {
  const mark = bytes.toString('base64url', 0, PLACE_START);
  const place = { xid: bytes.readBigUInt64BE(PLACE_START), seq: bytes.readBigUInt64BE(PLACE_START + 8) };
  if (place.seq > GREATEST_SEQ) return undefined;
  if (mark === numbering) return place;
  return isSame(place, ORIGIN) ? undefined : { ...place, mark };
}

/**
 * Loads the time before which a change must have occurred for its unsealed cursor to be accepted. It is a day after the
 * first start of this release on a database of the release before; where that release never ran, the first start itself.
 * Call it before loadEpoch, which leaves the trace of a release.
 */
export async function loadUnsealedUntil({ pool }: Pick<Database, 'pool'>, clock: Clock): Promise<Date> {
  const now = clock.now();
  await pool.query(
    `insert into settings (name, value)
     select 'unsealed_until', case when exists (select from settings where name = 'stream_epoch') then $1 else $2 end
     on conflict do nothing`,
    [new Date(now.getTime() + UPGRADE_MS).toISOString(), now.toISOString()],
  );
  const { rows } = await pool.query<{ value: string }>(`select value from settings where name = 'unsealed_until'`);
  return new Date(rows[0]!.value);
}

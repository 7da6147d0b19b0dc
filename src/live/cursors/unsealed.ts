/**
 * Cursors as release 0.1.0 gave them, with the place of their change in the open. Anybody can write one, and see by the
 * answer, and by which changes come after it, where a change stands. So they are taken where that says nothing new:
 *
 *   - their change is there, and
 *   - it occurred while processes of that release may have run, which told every reader the places of that time.
 *
 * Nothing is taken that only lies between changes, and all refusals are alike: whoever guesses learns nothing from being
 * near. The next release refuses all of them, and this file goes.
 */
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/client.ts';
import { isSame, ORIGIN, type StreamPosition } from './cursor.ts';

const PLACE_START = 3;
const GREATEST_SEQ = 2n ** 63n - 1n;
/** How long processes of the release before may run beside this one, from its first start on. */
const UPGRADE_MS = 86_400_000;

/**
 * The position in the last 19 bytes of a cursor; undefined where no cursor of 0.1.0, nor one from between the releases,
 * has these. Those of 0.1.0 begin with the numbering of the epoch; later ones with the mark of their change, if they name one.
 */
export function parseUnsealed(bytes: Buffer, numbering: string): StreamPosition | undefined {
  const mark = bytes.toString('base64url', 0, PLACE_START);
  const place = { xid: bytes.readBigUInt64BE(PLACE_START), seq: bytes.readBigUInt64BE(PLACE_START + 8) };
  if (place.seq > GREATEST_SEQ) return undefined;
  if (mark === numbering) return place;
  return isSame(place, ORIGIN) ? undefined : { ...place, mark };
}

/**
 * Until when a change must have occurred for its unsealed cursor to be taken: a day after the first start of this release
 * on a database of the release before. Where that release never ran, it is the time of the first start. Has to be asked
 * before loadEpoch, which leaves the trace of a release.
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

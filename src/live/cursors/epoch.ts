/**
 * The epoch says which database the positions in cursors belong to. It has two parts:
 *
 *     deployment    made once and kept in `settings`; it travels with a dump
 *     numbering     which cluster and database number the transactions; a restored dump is numbered anew
 *
 * A standby that takes over has both parts from its primary, so cursors stay valid. It gives the places of commits that
 * it lacks to other changes; the marks of positions (cursor.ts) tell these apart.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/client.ts';
import { floorName } from '../change.ts';
import { CHANGE_TABLES } from '../changes/change-tables.ts';
import { deploymentOf } from './cursor.ts';

/**
 * Loads the epoch of this database, or makes it at the first start. The changes in a restored dump have ids that the new
 * numbering has not reached yet. They are removed, because they would come up again between new changes. Statistics are counted
 * from here on: the changes that are left were counted, except perhaps those of the last seconds before the dump.
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
    const epoch = `${deploymentOf(known)}${current}`;
    if (epoch !== known) {
      await tx.query(`update settings set value = $1 where name = 'stream_epoch'`, [epoch]);
      for (const table of CHANGE_TABLES) {
        await tx.query('delete from settings where name = $1', [floorName(table)]);
        await tx.query(`delete from ${table.name} where xid > pg_current_xact_id()`);
      }
      await tx.query(`delete from statistics_progress where part = 'history'`);
      await tx.query(`update statistics_progress set xid = pg_current_xact_id(), seq = 0`);
    }
    return epoch;
  });
}

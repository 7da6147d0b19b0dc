/**
 * The changes that retention deletes. Those of deliveries stay until the statistics have counted them. A roll-up that is stuck
 * is waited for UNCOUNTED_MS; then its changes are deleted uncounted, because a table must not grow without end.
 */
import type { PoolClient } from 'pg';
import { floorName } from '../../live/change.ts';
import { CHANGE_TABLES } from '../../live/changes/change-tables.ts';
import { DELIVERY_CHANGES } from '../../live/changes/delivery-changes.ts';
import { forgetChanges } from '../../live/forget.ts';
import { countedThrough } from './statistics/progress.ts';

export type DeletedChanges = {
  readonly deleted: number;
  /** How many of them the statistics had not counted. */
  readonly uncounted: number;
  /** Whether nothing is left to delete now. */
  readonly isLast: boolean;
  /** Whether changes from before the time stay, until they are counted. */
  readonly isWaiting: boolean;
};

const UNCOUNTED_MS = 86_400_000;
const STEP_CHANGES = 1_000;

/** Deletes the next changes from before a time. */
export async function deleteChanges(tx: PoolClient, before: Date): Promise<DeletedChanges> {
  let deleted = 0;
  let isLast = true;
  for (const table of CHANGE_TABLES) {
    const through = table === DELIVERY_CHANGES ? await countedThrough(tx) : undefined;
    const count = await forgetChanges(tx, table, before, STEP_CHANGES, through);
    deleted += count;
    isLast &&= count < STEP_CHANGES;
  }
  if (!isLast) return { deleted, uncounted: 0, isLast, isWaiting: false };
  const longBefore = new Date(before.getTime() - UNCOUNTED_MS);
  const uncounted = await forgetChanges(tx, DELIVERY_CHANGES, longBefore, STEP_CHANGES);
  const { rows } = await tx.query<{ isWaiting: boolean }>(OLDEST, [before]);
  const isWaiting = rows[0]?.isWaiting ?? false;
  return { deleted: deleted + uncounted, uncounted, isLast: uncounted < STEP_CHANGES, isWaiting };
}

// From the floor on: before it lie rows that earlier steps deleted, until the next vacuum.
const OLDEST = `
  select c.occurred_at < $1 as "isWaiting" from delivery_changes c
  where c.xid < pg_snapshot_xmin(pg_current_snapshot()) and (c.xid, c.seq) > (
    coalesce((select split_part(value, '.', 1) from settings where name = '${floorName(DELIVERY_CHANGES)}'), '0')::xid8,
    coalesce((select split_part(value, '.', 2) from settings where name = '${floorName(DELIVERY_CHANGES)}'), '0')::bigint)
  order by c.xid, c.seq limit 1`;

/** Deletes the steps that are too old to be kept. A day of grace, for a question that was on its way. */
import type { PoolClient } from 'pg';
import { GRANULARITIES, keptFrom, type Granularity } from '../../../domain/statistics/granularity.ts';

export const STEP_EXPIRED = 1_000;
const GRACE_MS = 86_400_000;

/** Returns how many rows were deleted, of all steps together: less than STEP_EXPIRED at the end. */
export async function deleteExpired(tx: PoolClient, now: Date): Promise<number> {
  let deleted = 0;
  for (const granularity of Object.keys(GRANULARITIES) as Granularity[]) {
    const before = new Date(keptFrom(now.getTime() - GRACE_MS, granularity));
    const seconds = GRANULARITIES[granularity].stepMs / 1_000;
    const { rowCount } = await tx.query(DELETE, [seconds, before, STEP_EXPIRED - deleted]);
    deleted += rowCount ?? 0;
  }
  return deleted;
}

const DELETE = `
  delete from delivery_statistics s where s.ctid = any(array(
    select ctid from delivery_statistics where step_seconds = $1 and at < $2 order by at limit $3))`;

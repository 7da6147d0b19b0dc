/** Open deliveries, for all who cancel many: they are found, and cancelled, so many in one transaction. */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import type { Queue } from '../database/queue.ts';
import { IN_INDEX_ORDER, type Sql } from '../database/statement.ts';
import { cancelLocked, lockOpenDeliveries } from './delivery-rows.ts';
import { limitingWaits } from './order/lock-chains.ts';

type Options = {
  readonly database: Pick<Database, 'transaction'>;
  readonly queue: Queue;
  readonly clock: Clock;
  /** How long it waits for each lock; then it fails with LOCK_NOT_AVAILABLE. Default: as long as a statement may. */
  readonly lockWaitMs?: number;
};

// Small transactions: a change is final for readers of the stream only when every older transaction has ended.
export const CANCEL_BATCH = 1_000;

/**
 * Cancels the next open deliveries of a target after an id, those too that wait in a chain. Returns the id after which the next
 * batch begins; undefined after the last batch.
 */
export function cancelNextOf(
  { database, queue, clock, lockWaitMs }: Options,
  targetId: string,
  after: string,
): Promise<string | undefined> {
  return database.transaction(async (tx) => {
    await tx.query(IN_INDEX_ORDER);
    const ids = await nextOpen(tx, { of: 'target', id: targetId }, { after, before: NO_END });
    if (lockWaitMs !== undefined) await tx.query(limitingWaits(lockWaitMs));
    const open = await lockOpenDeliveries(tx, ids);
    if (open.length > 0) await cancelLocked(tx, open, { queue, now: clock.now() });
    return ids.at(CANCEL_BATCH - 1);
  });
}

/** Whose deliveries are looked through. */
export type OpenList = { readonly of: 'organization' | 'target' | 'event'; readonly id: string };

/** Deliveries between two ids, both excluded. */
export type Between = { readonly after: string; readonly before: string };

/** Greater than every id. */
export const NO_END = '~';

/**
 * Returns the ids of the next open deliveries, CANCEL_BATCH at most; of an event, also of those that have ended.
 * Goes after IN_INDEX_ORDER.
 */
export async function nextOpen(tx: Sql, { of, id }: OpenList, { after, before }: Between): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(NEXT_OPEN[of], [id, after, CANCEL_BATCH, before]);
  return rows.map((row) => row.id);
}

// By owner, indexed_status and id; those without an indexed_status are above the pending floor
// (pipeline/upkeep/pending-floor.ts). Starting after the last batch reads no row twice.
const nextOpenOf = (owner: string): string => `
  select id from (
    (select id from deliveries where ${owner} = $1 and indexed_status = 'PENDING' and id > $2 and id < $4
       order by id nulls first limit $3)
    union all
    (select id from deliveries where ${owner} = $1 and indexed_status = 'RETRYING' and id > $2 and id < $4
       order by id nulls first limit $3)
    union all
    (select id from deliveries where ${owner} = $1 and indexed_status is null and status = 'PENDING' and id > $2 and id < $4
       and id >= pending_floor() order by id nulls first limit $3)
  ) as open
  order by id limit $3`;

const NEXT_OPEN: { readonly [Owner in OpenList['of']]: string } = {
  organization: nextOpenOf('organization_id'),
  target: nextOpenOf('target_id'),
  event: 'select id from deliveries where event_id = $1 and id > $2 and id < $4 order by id nulls first limit $3',
};

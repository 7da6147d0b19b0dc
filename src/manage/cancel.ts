/** Cancels the open deliveries of a target that is deleted. */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import { DEADLOCK } from '../database/sql-state.ts';
import { IN_INDEX_ORDER, sqlState } from '../database/statement.ts';
import type { Queue } from '../database/queue.ts';
import { cancelLocked, lockOpenDeliveries } from '../live/delivery-rows.ts';
import type { Channel } from '../live/doorbell.ts';

type Options = {
  readonly database: Database;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly ring: (channel: Channel) => void;
};

type Target = { readonly id: string; readonly organizationId: string };

// Small transactions: a change is final for readers of the stream only when every older transaction has ended.
const BATCH_SIZE = 1_000;

/**
 * Cancels all open deliveries of a target that gets no new ones any more. A delivery that is published at the same moment,
 * or left over by a process that died here, is cancelled when its attempt comes up.
 */
export async function cancelOfTarget(options: Options, target: Target): Promise<void> {
  let lastId: string | undefined = '';
  while (lastId !== undefined) {
    lastId = await pastDeadlocks(() => cancelBatch(options, target, lastId!));
    options.ring('changes');
  }
}

/** Returns the id after which the next batch begins; undefined after the last batch. */
function cancelBatch({ database, queue, clock }: Options, target: Target, after: string): Promise<string | undefined> {
  return database.transaction(async (tx) => {
    await tx.query(IN_INDEX_ORDER);
    const next = await tx.query<{ id: string }>(NEXT_OPEN, [target.id, after, BATCH_SIZE]);
    const ids = next.rows.map(({ id }) => id);
    const open = await lockOpenDeliveries(tx, ids);
    if (open.length > 0) await cancelLocked(tx, open, { queue, now: clock.now() });
    return ids.at(BATCH_SIZE - 1);
  });
}

const MOST_DEADLOCKS = 10;

/** Repeats work after a deadlock. Workers lock deliveries in the order of their outcomes: now and then, in a ring with us. */
async function pastDeadlocks<T>(work: () => Promise<T>): Promise<T> {
  for (let deadlocks = 0; ; deadlocks++) {
    try {
      return await work();
    } catch (error) {
      if (sqlState(error) !== DEADLOCK || deadlocks === MOST_DEADLOCKS) throw error;
    }
  }
}

// By target, indexed_status and id; those without an indexed_status are above the pending floor
// (pipeline/upkeep/pending-floor.ts). Starting after the last batch reads no row twice.
const NEXT_OPEN = `
  select id from (
    (select id from deliveries where target_id = $1 and indexed_status = 'PENDING' and id > $2
       order by id nulls first limit $3)
    union all
    (select id from deliveries where target_id = $1 and indexed_status = 'RETRYING' and id > $2
       order by id nulls first limit $3)
    union all
    (select id from deliveries where target_id = $1 and indexed_status is null and status = 'PENDING' and id > $2
       and id >= pending_floor() order by id nulls first limit $3)
  ) as open
  order by id limit $3`;

/** Cancels the open deliveries of a target that is deleted. */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import { DEADLOCK } from '../database/sql-state.ts';
import { sqlState } from '../database/statement.ts';
import type { Queue } from '../database/queue.ts';
import type { Channel } from '../live/doorbell.ts';
import { cancelNextOf } from '../live/open-deliveries.ts';

type Options = {
  readonly database: Database;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly ring: (channel: Channel) => void;
};

/**
 * Cancels all open deliveries of a target that gets no new ones any more. A delivery that is published at the same moment,
 * or left over by a process that died here, is cancelled by the sweep (pipeline/upkeep/sweep.ts), or when its attempt comes up.
 */
export async function cancelOfTarget(options: Options, { id }: { readonly id: string }): Promise<void> {
  let lastId: string | undefined = '';
  while (lastId !== undefined) {
    lastId = await pastDeadlocks(() => cancelNextOf(options, id, lastId!));
    options.ring('changes');
  }
}

const MOST_DEADLOCKS = 10;

/** Repeats work after a deadlock. Workers lock deliveries in the order of their outcomes: now and then, in a ring with us. */
export async function pastDeadlocks<T>(work: () => Promise<T>): Promise<T> {
  for (let deadlocks = 0; ; deadlocks++) {
    try {
      return await work();
    } catch (error) {
      if (sqlState(error) !== DEADLOCK || deadlocks === MOST_DEADLOCKS) throw error;
    }
  }
}

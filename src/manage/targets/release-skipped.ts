/** Lets the chains of a target go on that a FAILED delivery holds up, once the target says SKIP. */
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/client.ts';
import type { Queue } from '../../database/queue.ts';
import type { Channel } from '../../live/doorbell.ts';
import { FIRST_OF_TARGET, lookAtHeads, mendChain } from '../../live/order/heads.ts';
import { countQueued, type Released } from '../../live/order/release.ts';

type Options = {
  readonly database: Database;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly ring: (channel: Channel) => void;
};

/** How many chains are looked at: some milliseconds. */
const MOST_LOOKED_AT = 1_000;
/** How many go on at once: a transaction for each. The others go on within seconds (pipeline/upkeep/mend-chains.ts). */
const MOST_RELEASED = 50;

/**
 * Goes after the commit of the change. It ends at the first chain that it cannot release, because others hold its lock or
 * PostgreSQL is away: that one and those after it are left to the mender too.
 */
export async function releaseSkipped({ database, queue, clock, ring }: Options, targetId: string): Promise<void> {
  const all: Released[] = [];
  try {
    const heads = await lookAtHeads(database.pool, { targetId, chain: FIRST_OF_TARGET }, MOST_LOOKED_AT, targetId);
    const skipped = heads.filter(({ state }) => state === 'skipped');
    for (const head of skipped.slice(0, MOST_RELEASED)) {
      const { released } = await database.transaction((tx) => mendChain(tx, head, { queue, now: clock.now() }));
      all.push(...released);
    }
  } catch {
    // The change is made, and says nothing of this. The mender finds the same, and reports what fails.
  }
  if (all.length > 0) ring('changes');
  if (countQueued(all) > 0) ring('jobs');
}

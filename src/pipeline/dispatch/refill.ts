/** Claims held deliveries for the lanes that have room for them, of many targets in one transaction. */
import type { Clock } from '../../clock.ts';
import type { ClaimedJobs, Claimer } from '../deliver/claim.ts';
import type { Holder } from './hold.ts';
import type { Scheduler } from './scheduler.ts';

type Options = {
  readonly holder: Pick<Holder, 'take'>;
  readonly claimer: Pick<Claimer, 'lookUp'>;
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  readonly receive: (claimed: ClaimedJobs) => Promise<void>;
};

/** Returns a function that refills the lanes that are hungry now, and returns whether there were any. */
export function createRefill({ holder, claimer, scheduler, clock, receive }: Options): () => Promise<boolean> {
  return async () => {
    const refills = scheduler.takeHungry(clock.monotonicMs());
    if (refills.length === 0) return false;
    const end = (found: readonly number[]) =>
      refills.forEach((refill, index) => scheduler.endRefill(refill, found[index]!, clock.monotonicMs()));
    try {
      const wanted = refills.map(({ lane, room }) => ({ targetId: lane.targetId, room }));
      const { jobs, probes, found } = await holder.take(wanted);
      const looked = await claimer.lookUp(jobs, clock.now(), probes);
      end(found);
      await receive(looked);
    } catch (error) {
      end(refills.map(({ room }) => room)); // The deliveries may still be held.
      throw error;
    }
    return true;
  };
}

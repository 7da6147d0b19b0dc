/** Looks which lanes with something in memory belong to deferred targets (deliver/defer.ts): those begin to wait, the others go on. */
import type { Clock } from '../../clock.ts';
import type { Claim } from '../deliver/claim.ts';
import type { Holder } from './hold.ts';
import type { Lanes } from './lanes.ts';
import { createRounds, type Rounds } from './rounds.ts';
import type { Scheduler } from './scheduler.ts';

type Options = {
  readonly lanes: Lanes;
  readonly scheduler: Scheduler;
  readonly holder: Pick<Holder, 'deferred'>;
  readonly clock: Clock;
  /** Claims whose targets turned out to be deferred: to be held. */
  readonly onDeferred: (claims: Claim[]) => void;
  readonly onError: (error: unknown) => void;
  readonly onEnd: () => void;
};

export function createDeferralWatch({ lanes, scheduler, holder, clock, onDeferred, onError, onEnd }: Options): Rounds {
  async function look(): Promise<boolean> {
    const looked = [...lanes].filter(({ isDeferred, waiting }) => isDeferred || waiting.length > 0);
    if (looked.length === 0) return false;
    const deferred = await holder.deferred(looked.map(({ targetId }) => targetId));
    for (const lane of looked) {
      if (deferred.has(lane.targetId)) onDeferred(scheduler.defer(lane));
      else if (lane.isDeferred) scheduler.resume(lane, clock.monotonicMs());
    }
    return false;
  }
  return createRounds({ round: look, onError, onEnd });
}

/**
 * Looks at the targets of all lanes that have claims in memory. Lanes of deferred targets (deliver/settle/defer.ts) begin to
 * wait, the others go on. Limits of a target (lease.ts) that were set, changed or removed are applied.
 */
import type { Clock } from '../../clock.ts';
import type { Claim } from '../deliver/claim.ts';
import type { Holder, Restraint } from './hold.ts';
import type { Lanes } from './lanes/lanes.ts';
import { createRounds, type Rounds } from './rounds.ts';
import type { Scheduler } from './scheduler.ts';

type Options = {
  readonly lanes: Lanes;
  readonly scheduler: Scheduler;
  readonly holder: Pick<Holder, 'restrained'>;
  readonly clock: Clock;
  /** Gets claims to hold, because their targets are deferred. */
  readonly onDeferred: (claims: Claim[]) => void;
  readonly onError: (error: unknown) => void;
  readonly onEnd: () => void;
};

const FREE: Restraint = { isDeferred: false, maxConcurrency: null, rateLimitPerSecond: null };

export function createDeferralWatch({ lanes, scheduler, holder, clock, onDeferred, onError, onEnd }: Options): Rounds {
  async function look(): Promise<boolean> {
    const looked = [...lanes].filter(({ isDeferred, waiting }) => isDeferred || waiting.length > 0);
    if (looked.length === 0) return false;
    const restrained = await holder.restrained(looked.map(({ targetId }) => targetId));
    for (const lane of looked) {
      const { isDeferred, ...limits } = restrained.get(lane.targetId) ?? FREE;
      lanes.limit(lane, limits);
      if (isDeferred) onDeferred(scheduler.defer(lane));
      else if (lane.isDeferred) scheduler.resume(lane, clock.monotonicMs());
    }
    return false;
  }
  return createRounds({ round: look, onError, onEnd });
}

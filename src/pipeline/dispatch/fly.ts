/** Runs an attempt from its start until it is settled, and tells its slot, its lane and its claim of each step. */
import type { Clock } from '../../clock.ts';
import type { FairShare } from '../../fairness/fair-share.ts';
import type { Attempter } from '../deliver/attempt.ts';
import { ClaimWithdrawn, type Claim } from '../deliver/claim.ts';
import { endsDeferral } from '../deliver/settle/defer.ts';
import type { Verdict } from '../deliver/judge.ts';
import type { ClaimPolicy } from './claim-policy.ts';
import { feedbackOf, type Feedback } from './lanes/feedback.ts';
import type { Heartbeat } from './heartbeat.ts';
import type { Scheduler } from './scheduler.ts';
import type { Flight } from './slots.ts';
import type { Unsettled } from './unsettled.ts';

type Options = {
  readonly attempt: Attempter;
  readonly scheduler: Pick<Scheduler, 'end' | 'defer' | 'resume'>;
  readonly policy: Pick<ClaimPolicy, 'ended'>;
  readonly unsettled: Pick<Unsettled, 'add' | 'remove'>;
  readonly heartbeat: Pick<Heartbeat, 'delete'>;
  readonly fairShare: Pick<FairShare, 'note' | 'lagMs'>;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
  /** Gets the claims that waited for a target which has now asked for time. */
  readonly onDeferred: (claims: readonly Claim[]) => void;
  /** Called when a slot is free. */
  readonly onRoom: () => void;
  /** Called when the outcome is committed: the target's lane may take more. */
  readonly onSettled: () => void;
  /** Called when nothing of the attempt is left. */
  readonly onEnd: () => void;
};

/** What an attempt takes of the event loop, from its claim until it is settled. Measured: 0.2 ms, and 0.4 where it fails. */
const ATTEMPT_MS = 0.4;

/**
 * Returns a function that runs an attempt. It resolves when the attempt is settled, or has failed and is left to another
 * claim; it never rejects.
 */
export function createFly(options: Options): (flight: Flight) => Promise<void> {
  const { attempt, scheduler, policy, unsettled, heartbeat, fairShare, clock, onError, onRoom } = options;
  return async (flight) => {
    fairShare.note(flight.lane.organizationId, ATTEMPT_MS);
    let isOver = false;
    let isDeferring = false;
    const end = (feedback: Feedback | undefined) => {
      isOver = true;
      unsettled.add(flight.claim);
      policy.ended();
      scheduler.end(flight, feedback, clock.monotonicMs());
      onRoom();
    };
    const onJudged = (verdict: Verdict) => {
      if (verdict.deferUntil) {
        isDeferring = true;
        flight.lane.deferring++;
        options.onDeferred(scheduler.defer(flight.lane));
      }
      end(feedbackOf(verdict, fairShare.lagMs));
    };
    try {
      const verdict = await attempt(flight.claim, onJudged);
      if (endsDeferral(verdict)) scheduler.resume(flight.lane, clock.monotonicMs());
      options.onSettled();
    } catch (error) {
      // Its heartbeat stops now, so another claim makes the attempt again, if the delivery is still to be sent.
      if (!(error instanceof ClaimWithdrawn)) onError(error);
      if (!isOver) end(undefined);
    }
    if (isDeferring) flight.lane.deferring--;
    heartbeat.delete(flight.claim.job);
    if (unsettled.remove(flight.claim)) onRoom();
    options.onEnd();
  };
}

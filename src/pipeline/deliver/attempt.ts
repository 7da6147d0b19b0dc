/** One attempt, as one pipe: refresh, sign, send, judge, settle. */
import type { Clock } from '../../clock.ts';
import type { RetryPolicy } from '../../domain/retry.ts';
import type { LogFields } from '../../log-event.ts';
import type { Claim, Claimer } from './claim.ts';
import { judge, type Verdict } from './judge.ts';
import type { Sender } from './send.ts';
import type { Settler } from './settle/settle.ts';
import type { Signer } from './sign.ts';

/**
 * Makes the attempt. `onJudged` is called when its request is over. The promise resolves when the verdict is committed;
 * it rejects only when the request cannot be signed, or Postgres refuses the verdict.
 */
export type Attempter = (claim: Claim, onJudged?: (verdict: Verdict) => void) => Promise<Verdict>;

type Stages = {
  readonly refresh: Claimer['refresh'];
  readonly sign: Signer['sign'];
  readonly sender: Sender;
  readonly settler: Settler;
};
type Options = Stages & {
  readonly clock: Clock;
  readonly policy: RetryPolicy;
  readonly onAttempted?: (verdict: Verdict) => void;
};

export function createAttempter({ refresh, sign, sender, settler, clock, policy, onAttempted }: Options): Attempter {
  return async (claimed, onJudged) => {
    const refreshed = refresh(claimed, clock.now());
    const fresh = refreshed instanceof Promise ? await refreshed : refreshed;
    const signed = sign(fresh, clock.now());
    const result = await sender.send(signed.outgoing);
    const verdict = judge(signed, result, { policy, now: clock.now(), random: clock.random() });
    onJudged?.(verdict);
    await settler.settle(verdict);
    onAttempted?.(verdict);
    return verdict;
  };
}

/** The one log line of an attempt, with the decision that it led to. Operators find a delivery by it. */
export function describeAttempt(verdict: Verdict): LogFields<'delivery.attempted'> {
  const { claim, result, outcome, error, transition, deferUntil } = verdict;
  return {
    deliveryId: claim.deliveryId,
    eventId: claim.eventId,
    targetId: claim.targetId,
    organizationId: claim.organizationId,
    eventType: claim.eventType,
    number: claim.number,
    trigger: claim.progress.trigger,
    outcome,
    urlHost: new URL(claim.url).host, // The rest of a URL may hold a token.
    responseStatus: result.kind === 'response' ? result.status : null,
    durationMs: result.durationMs,
    error,
    ...(result.resent ? { resent: true } : {}),
    status: transition.status,
    nextAttemptAt: transition.nextAttemptAt,
    ...(deferUntil ? { targetDeferredUntil: deferUntil } : {}),
  };
}

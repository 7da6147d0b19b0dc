/** One attempt, as one pipe: refresh, sign, send, judge, settle. */
import type { Clock } from '../../clock.ts';
import type { RetryPolicy } from '../../domain/retry.ts';
import type { LogFields } from '../../log-event.ts';
import type { TraceSpan, Tracing } from '../../tracing.ts';
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
  /** Default: attempts are not traced. */
  readonly tracing?: Tracing | undefined;
  /** Whether receivers get the header `traceparent` of the attempt. Default: false. */
  readonly propagatesTrace?: boolean;
  readonly onAttempted?: (verdict: Verdict, traceId: string | undefined) => void;
};

export function createAttempter(options: Options): Attempter {
  const { refresh, sign, sender, settler, clock, policy, tracing, propagatesTrace = false, onAttempted } = options;

  async function attempt(claimed: Claim, onJudged: ((verdict: Verdict) => void) | undefined, span?: TraceSpan) {
    const refreshed = refresh(claimed, clock.now());
    const fresh = refreshed instanceof Promise ? await refreshed : refreshed;
    const signed = sign(fresh, clock.now(), propagatesTrace ? span?.traceparent : undefined);
    const result = await sender.send(signed.outgoing);
    const verdict = judge(signed, result, { policy, now: clock.now(), random: clock.random() });
    onJudged?.(verdict);
    await settler.settle(verdict);
    if (span) noteVerdict(span, verdict);
    onAttempted?.(verdict, span?.traceId);
    return verdict;
  }

  if (!tracing) return (claim, onJudged) => attempt(claim, onJudged);
  return (claim, onJudged) => tracing.inSpan('deliver', factsOf(claim), (span) => attempt(claim, onJudged, span));
}

const factsOf = ({ deliveryId, eventId, eventType, number, organizationId, targetId, traceparent }: Claim) => ({
  causedBy: traceparent,
  attributes: {
    'hookcast.delivery.id': deliveryId,
    'hookcast.event.id': eventId,
    'hookcast.event.type': eventType,
    'hookcast.attempt.number': number,
  },
  owner: { 'hookcast.organization.id': organizationId, 'hookcast.target.id': targetId },
});

function noteVerdict(span: TraceSpan, { result, outcome, transition }: Verdict): void {
  span.set({
    'hookcast.attempt.outcome': outcome,
    'hookcast.delivery.status': transition.status,
    ...(result.kind === 'response' ? { 'http.response.status_code': result.status } : {}),
  });
  if (outcome !== 'DELIVERED') span.fail(outcome);
}

/** The one log line of an attempt, with the decision that it led to. Operators find a delivery by it. */
export function describeAttempt(verdict: Verdict, traceId?: string): LogFields<'delivery.attempted'> {
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
    ...(traceId === undefined ? {} : { traceId }),
  };
}

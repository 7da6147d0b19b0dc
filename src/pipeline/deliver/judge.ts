/** Judge: decides what the result of a request means for its delivery. Pure, and the only such decision in the pipeline. */
import {
  afterFailure,
  afterOwnFault,
  afterSuccess,
  type AttemptOutcome,
  type Transition,
} from '../../domain/delivery.ts';
import { deferralEnd, parseRetryAfterMs, type RetryPolicy } from '../../domain/retry.ts';
import type { Stamp } from '../../domain/signing/attempt-request.ts';
import type { Claim } from './claim.ts';
import { explainStatus } from './explain-status.ts';
import type { SendResult } from './send.ts';

/** An attempt with its consequence: what settle writes. */
export type Verdict = {
  readonly claim: Claim;
  readonly stamp: Stamp;
  readonly result: SendResult;
  readonly outcome: AttemptOutcome;
  /** Why it failed, for a person to read; null on success. */
  readonly error: string | null;
  readonly transition: Transition;
  /** Until when the target asked for no more requests, by Retry-After; null when it did not ask. See defer.ts. */
  readonly deferUntil: Date | null;
};

export type JudgeContext = { readonly policy: RetryPolicy; readonly now: Date; readonly random: number };

export function judge(
  { claim, stamp }: Pick<Verdict, 'claim' | 'stamp'>,
  result: SendResult,
  { policy, now, random }: JudgeContext,
): Verdict {
  const failed = (outcome: AttemptOutcome, error: string, retryAfterMs?: number): Verdict => {
    const transition = afterFailure(claim.progress, policy, { failedAt: now, retryAfterMs, random });
    const deferUntil = retryAfterMs ? deferralEnd(retryAfterMs, policy, now) : null;
    return { claim, stamp, result, outcome, error, transition, deferUntil };
  };
  switch (result.kind) {
    case 'failure': {
      const { outcome, error } = result;
      if (outcome !== 'PROXY_ERROR') return failed(outcome, error);
      const transition = afterOwnFault(claim.progress, policy, { failedAt: now, random, attempts: claim.number });
      return { claim, stamp, result, outcome, error, transition, deferUntil: null };
    }
    case 'response':
      if (result.status >= 200 && result.status < 300) {
        const transition = afterSuccess(claim.progress);
        return { claim, stamp, result, outcome: 'DELIVERED', error: null, transition, deferUntil: null };
      }
      return failed('HTTP_ERROR', explainStatus(result.status), retryAfterMs(result, now));
  }
}

/** The statuses that may ask for time: "too many requests" and "unavailable". */
function retryAfterMs({ status, headers }: SendResult & { kind: 'response' }, now: Date): number | undefined {
  if (status !== 429 && status !== 503) return undefined;
  const header = headers['retry-after'];
  return parseRetryAfterMs(Array.isArray(header) ? header[0] : header, now);
}

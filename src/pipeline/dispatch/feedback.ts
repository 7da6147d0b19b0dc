/** What the end of an attempt teaches about its target. */
import type { Verdict } from '../deliver/judge.ts';

export type Feedback = {
  /** Whether more or fewer requests at once would be right; undefined: nothing can be said. */
  readonly advice: 'widen' | 'narrow' | undefined;
  /** It took the whole time it had. */
  readonly isTimeout: boolean;
  readonly durationMs: number;
};

export function feedbackOf({ outcome, result }: Pick<Verdict, 'outcome' | 'result'>): Feedback {
  const { durationMs } = result;
  const isTimeout = outcome === 'TIMEOUT';
  if (outcome === 'DELIVERED') return { advice: 'widen', isTimeout, durationMs };
  // A refusal is an answer like any other, unless it is the target's way to ask for fewer requests.
  const isRefusal = result.kind === 'response' ? !ASKS_FOR_LESS.has(result.status) : outcome === 'FORBIDDEN_ADDRESS';
  return { advice: isRefusal ? undefined : 'narrow', isTimeout, durationMs };
}

/** Too many requests; unavailable. */
const ASKS_FOR_LESS = new Set([429, 503]);

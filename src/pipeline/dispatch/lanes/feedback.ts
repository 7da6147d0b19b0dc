/** What the end of an attempt teaches about its target. */
import type { Verdict } from '../../deliver/judge.ts';
import type { Lesson } from './width.ts';

export type Feedback = Lesson & {
  /** The attempt took the whole time it had. */
  readonly isTimeout: boolean;
  readonly durationMs: number;
};

/**
 * Returns the feedback of an attempt; undefined: it teaches nothing, because the egress proxy failed it. `lagMs`: how late this
 * process may have seen the answer (lag.ts).
 */
export function feedbackOf(
  { outcome, result }: Pick<Verdict, 'outcome' | 'result'>,
  lagMs: number,
): Feedback | undefined {
  if (outcome === 'PROXY_ERROR') return undefined;
  const { durationMs, latencyMs } = result;
  const known = { isTimeout: outcome === 'TIMEOUT', durationMs, latencyMs, lagMs };
  if (outcome === 'DELIVERED') return { ...known, advice: 'widen' };
  // A refusal is an answer like any other, unless it is the target's way to ask for fewer requests.
  const isRefusal = result.kind === 'response' ? !ASKS_FOR_LESS.has(result.status) : outcome === 'FORBIDDEN_ADDRESS';
  return { ...known, advice: isRefusal ? undefined : 'narrow' };
}

/** The statuses "too many requests" and "unavailable". */
const ASKS_FOR_LESS = new Set([429, 503]);

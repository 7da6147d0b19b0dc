/** The steps that a client asks for. */
import { RequestError } from '../../errors.ts';
import {
  GRANULARITIES,
  keptFrom,
  stepStart,
  type Granularity,
  type StepRange,
} from '../../domain/statistics/granularity.ts';
import type { DateTimeRange } from '../read/conditions.ts';

export const MAX_STEPS = 1_000;

/**
 * Whole steps around the range; without an end, up to the step of now. Throws BAD_USER_INPUT for a range without a beginning,
 * of too many steps, or of steps that are not kept any more.
 */
export function stepRange({ gte, lt }: DateTimeRange, granularity: Granularity, now: Date): StepRange {
  if (gte == null) refuse('`range.gte`: expected a time, got none. Say from when on.');
  const { stepMs, kept, coarser } = GRANULARITIES[granularity];
  const fromMs = stepStart(gte.getTime(), granularity);
  const lastMs = lt == null ? now.getTime() : lt.getTime() - 1;
  const untilMs = Math.max(fromMs, stepStart(lastMs, granularity) + stepMs);
  const isEmpty = lt != null && lt <= gte;
  const range = { granularity, fromMs, untilMs: isEmpty ? fromMs : untilMs };
  if (fromMs < keptFrom(now.getTime(), granularity)) {
    const cure = coarser ? `Ask for ${coarser}, which is kept for ${GRANULARITIES[coarser].kept}` : 'Begin later';
    refuse(`\`range.gte\`: ${granularity} is kept for ${kept}, and ${gte.toISOString()} is before that. ${cure}.`);
  }
  const steps = (range.untilMs - fromMs) / stepMs;
  if (steps > MAX_STEPS) {
    const cure = coarser ? `a shorter range, or ${coarser}` : 'a shorter range';
    refuse(`\`range\`: expected at most ${MAX_STEPS} steps of ${granularity}, got ${steps}. Ask for ${cure}.`);
  }
  return range;
}

function refuse(message: string): never {
  throw new RequestError('BAD_USER_INPUT', message, { argument: 'range' });
}

type Value = Readonly<Record<string, unknown>> | undefined;

/**
 * How many steps the arguments of an operation ask for at most, for its cost. A range without an end counts as all steps that
 * are kept, and one that is not valid as the most.
 */
export function countSteps(argument: (name: string) => unknown): number {
  const { gte, lt } = (argument('range') as Value) ?? {};
  const steps = GRANULARITIES[argument('granularity') as Granularity];
  if (!steps) return MAX_STEPS;
  const rangeMs = lt == null ? steps.keptMs : Date.parse(String(lt)) - Date.parse(String(gte));
  const count = Math.ceil(rangeMs / steps.stepMs) + 1;
  return count <= MAX_STEPS ? Math.max(count, 1) : MAX_STEPS;
}

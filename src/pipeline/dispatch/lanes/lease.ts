/**
 * The right to send to a target that has limits of its own. One worker process at a time has it, so that the limits hold for
 * all of them together: `maxConcurrency` and `rateLimitPerSecond` of its lane are then those of the target.
 *
 *     none needed   undefined: the target has no limits
 *     none          null: nothing of the lane starts, what is claimed for it is held
 *     has one       until its term ends by the clock of this process, which is before it ends by that of Postgres
 */
import type { TargetLimits } from '../../../domain/target.ts';

/** The term of this process: what is extended is the same object in every lane. */
export type TargetLease = { untilMs: number };

export const hasLimits = ({ maxConcurrency, rateLimitPerSecond }: TargetLimits): boolean =>
  maxConcurrency !== null || rateLimitPerSecond !== null;

/** Whether a request may start now. */
export const isAllowed = (lease: TargetLease | null | undefined, nowMs: number): boolean =>
  lease === undefined || (lease !== null && nowMs < lease.untilMs);

/**
 * A lease: the right to send to a target that has limits of its own. One worker process at a time has it, so the limits
 * of its lane (`maxConcurrency`, `rateLimitPerSecond`) hold for all processes together.
 *
 *     none needed   undefined: the target has no limits
 *     none          null: nothing of the lane starts, and its claims are held
 *     has one       until its term ends by the clock of this process, which is before it ends by that of Postgres
 */
import type { TargetLimits } from '../../../domain/targets/target.ts';

/** The term of this process. Every lane has the same object, so extending it extends all leases. */
export type TargetLease = { untilMs: number };

export const hasLimits = ({ maxConcurrency, rateLimitPerSecond }: TargetLimits): boolean =>
  maxConcurrency !== null || rateLimitPerSecond !== null;

/** Whether a request may start now. */
export const isAllowed = (lease: TargetLease | null | undefined, nowMs: number): boolean =>
  lease === undefined || (lease !== null && nowMs < lease.untilMs);

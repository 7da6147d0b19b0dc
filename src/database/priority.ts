/**
 * In which order due jobs are claimed. pg-boss takes the highest priority first, and the oldest among equals; here a
 * priority is a time, so that it needs no second look: the earlier the time, the higher the priority.
 *
 *     fresh jobs    0 … -1e9       by their turn: the time of the publish, later for heavy publishers (fair-priority.ts)
 *     retries    -1e9 … -2e9       by the time they are due
 *
 * Retries stand apart because they are dated: among the fresh ones, every claim would walk over all those that are not
 * due yet (12 ms at 350,000 of them). Apart and by time, the due ones are one range of the index, and a claim ends there.
 */

/** Both ends belong to the range; a missing end means no limit. */
export type PriorityRange = { readonly min?: number; readonly max?: number };

/** Whole seconds: 2^31 of them on both sides are 31 years for fresh jobs and as many for retries. */
const UNIT_MS = 1_000;
const EPOCH_MS = Date.UTC(2026, 0, 1);
export const BAND = 1_000_000_000;

const units = (time: Date): number =>
  Math.min(Math.max(Math.floor((time.getTime() - EPOCH_MS) / UNIT_MS), 0), BAND - 1);

/** The priority of a job that may run at once, and takes its place at the time `turn`. */
export const freshPriority = (turn: Date): number => -units(turn);

/** The priority of a job that may not run before it is due. */
export const retryPriority = (due: Date): number => -BAND - units(due);

/**
 * The date of a job that may run at once. Its maker and Postgres may disagree about the time, or the clock of Postgres may
 * be set back while the job waits. Up to a day, neither keeps the job waiting.
 */
export const dueAtOnce = (now: Date): Date => new Date(now.getTime() - AT_ONCE_MS);
export const AT_ONCE_MS = 86_400_000;

/** The priority of a job that a person waits for: ahead of everything that was published in the last minute. */
export const urgentPriority = (now: Date): number => freshPriority(new Date(now.getTime() - 60_000));

/** The priority of jobs that are claimed by the transaction that inserts them. */
export const TAKEN_PRIORITY = BAND;

/** The priority of jobs whose worker was lost: ahead of everything that was not begun. */
export const RESCUED_PRIORITY = BAND - 1;

/** Clocks of two machines may differ by this before a due retry is found late. */
const SKEW_MS = 60_000;

/** The range of all jobs that may be due. */
export const dueRange = (now: Date): PriorityRange => ({ min: retryPriority(new Date(now.getTime() + SKEW_MS)) });

/** The range of the fresh jobs whose turn has come. */
export const turnRange = (now: Date): PriorityRange => ({ min: freshPriority(new Date(now.getTime() + UNIT_MS)) });

/** Whether a fresh job with this priority is in that range. */
export const isInTurn = (priority: number, now: Date): boolean => priority >= turnRange(now).min!;

/** The range of the retries that may be due. */
export const dueRetries = (now: Date): PriorityRange => ({ ...dueRange(now), max: -BAND });

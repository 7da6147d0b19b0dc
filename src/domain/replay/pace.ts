/**
 * The pace of a replay. `pacedUntilMs` is the time up to which the rate is used up: each delivery moves it on by
 * 1,000 / ratePerSecond. It stands in the replay's row, so another worker goes on at the same pace.
 *
 *     ───────────────┬──────────────────┬──────▶ time
 *                    │  may be made now │ now
 *                    └ pacedUntilMs
 *
 * What was not made in time is made up for: CATCH_UP_MS of it, and no more than that 10 seconds have 5 % too much. So nothing
 * comes in a burst after a pause, and a step that is a little late costs nothing.
 */

export type ReplayPace = { readonly pacedUntilMs: number; readonly ratePerSecond: number };

const CATCH_UP_MS = 300;
/**
 * A step waits for this time, or for this many deliveries, so that a transaction writes several. More at once are sent at once,
 * and what is published at that moment waits for them.
 */
const STEP_MS = 100;
const STEP_DELIVERIES = 25;
/** The most deliveries of one step. */
export const MOST_PER_STEP = 100;
/** A hundredth of a delivery, against errors of rounding. */
const ROUNDING = 0.01;

const msPerDelivery = ({ ratePerSecond }: ReplayPace): number => 1_000 / ratePerSecond;

/**
 * Where the pace stands at `nowMs`: as far in the past as may be made up for. In 10 seconds come 10 times the rate, and fewer
 * than these besides; so below 2 a second it is one delivery. A clock that was set back stops no pace.
 */
function standing(pace: ReplayPace, nowMs: number): number {
  const most = Math.min(1 + (pace.ratePerSecond * CATCH_UP_MS) / 1_000, 1 + Math.floor(pace.ratePerSecond / 2));
  return Math.min(Math.max(pace.pacedUntilMs, nowMs - most * msPerDelivery(pace)), nowMs);
}

/** The pace of a replay that begins: its first delivery may be made at once. */
export const startingPace = (ratePerSecond: number, now: Date): number => now.getTime() - 1_000 / ratePerSecond;

/** How many deliveries may be made now. */
export function allowance(pace: ReplayPace, now: Date): number {
  const allowed = Math.floor((now.getTime() - standing(pace, now.getTime())) / msPerDelivery(pace) + ROUNDING);
  return Math.min(Math.max(allowed, 0), MOST_PER_STEP);
}

/** The pace after `made` deliveries at `now`. */
export const paceAfter = (pace: ReplayPace, made: number, now: Date): number =>
  standing(pace, now.getTime()) + made * msPerDelivery(pace);

/** In how many milliseconds the next step is worth its transaction. */
export function untilNextStep(pace: ReplayPace, now: Date): number {
  const worthMs = Math.max(Math.min(STEP_MS, STEP_DELIVERIES * msPerDelivery(pace)), msPerDelivery(pace));
  return Math.max(standing(pace, now.getTime()) + worthMs - now.getTime(), 1);
}

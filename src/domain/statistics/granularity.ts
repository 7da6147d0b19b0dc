/**
 * The steps by which attempts are counted, and for how long each is kept. They begin with the minute, the hour and the day of
 * UTC.
 */

export type Granularity = 'MINUTE' | 'HOUR' | 'DAY';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

type Steps = {
  readonly stepMs: number;
  /** A step is readable for this long after its end. */
  readonly keptMs: number;
  /** For people. */
  readonly kept: string;
  /** The steps to use for an older time. */
  readonly coarser: Granularity | null;
};

export const GRANULARITIES: Readonly<Record<Granularity, Steps>> = {
  MINUTE: { stepMs: 60_000, keptMs: 48 * HOUR_MS, kept: '48 hours', coarser: 'HOUR' },
  HOUR: { stepMs: HOUR_MS, keptMs: 30 * DAY_MS, kept: '30 days', coarser: 'DAY' },
  DAY: { stepMs: DAY_MS, keptMs: 400 * DAY_MS, kept: '400 days', coarser: null },
};

/** The beginning of the step that a time falls into. */
export const stepStart = (timeMs: number, granularity: Granularity): number =>
  timeMs - (timeMs % GRANULARITIES[granularity].stepMs);

/** The beginning of the oldest step that is kept. */
export const keptFrom = (nowMs: number, granularity: Granularity): number =>
  stepStart(nowMs - GRANULARITIES[granularity].keptMs, granularity);

/** Consecutive steps: `fromMs` is the beginning of the first one, `untilMs` the end of the last one. */
export type StepRange = { readonly granularity: Granularity; readonly fromMs: number; readonly untilMs: number };

/**
 * Learns how many requests a target bears at once from its own answers, as TCP Vegas and gradient limiters do.
 *
 *     success, while answers come as usual      + 1: the width doubles in a round; above the last width that was too much,
 *                                               + 1 in a round
 *     the mean of a round is well above the   no growth; far above it: narrower, by as much as the answers are late
 *       usual latency
 *     timeout, no connection, 429 or 503        half, once for all requests that were open at that moment
 *     any other answer                          no change
 *
 * The usual latency is the mean of rounds in which the width did not make answers late. Each narrowing for latency is a
 * trial. If the answers of the next round are as late as before, the width was not the cause: their latency is the usual
 * one from then on, and the width is what it was. So a target that became slower for other reasons is learned anew.
 *
 * A target that answers 500 to everything keeps the width that it has: what waits for it is sent when it works again, instead of
 * being used up at full speed while it does not.
 *
 * A width that is not used does not grow: nobody knows whether the target would bear more.
 *
 * Pure, and without a clock: latencies come in, and rounds are counted in answers.
 */

export type Width = {
  /** The upper bound of `value`. */
  most: number;
  /** The width. It grows by fractions; only its whole part counts. */
  value: number;
  /** Below this width each success adds one. */
  steepBelow: number;
  /** The most requests that were open at once in the present round. */
  peak: number;
  /** The mean latency while the width is not too large; undefined before the first round has ended. */
  usualMs: number | undefined;
  /** Whether the answers of the last round came as usual. */
  mayGrow: boolean;
  /** How many rounds in a row were late, but not so late that the width was narrowed. */
  lateRounds: number;
  /** The latencies of the present round. */
  readonly latenciesMs: number[];
  /** The sum, over these answers, of how many requests were open when each was sent. */
  openSum: number;
  /** How many answers make the round: as many as could be open when it began. */
  roundAnswers: number;
  /** How often the width was narrowed. Requests that began before the last narrowing do not count for the present width. */
  narrowings: number;
  /** The round before the last narrowing for latency, until the round after it is judged. */
  trial: { readonly width: number; readonly open: number; readonly meanMs: number } | undefined;
};

/** The state when a request began: how many were open, with it, and how often the width had been narrowed. */
export type Beginning = { readonly open: number; readonly narrowings: number };

/** What the end of one request says about the width. */
export type Lesson = {
  /** What to do with the width; undefined: nothing. */
  readonly advice: 'widen' | 'narrow' | undefined;
  /** Time from the sent request to the first byte of its answer; undefined: unknown. */
  readonly latencyMs: number | undefined;
  /** How late this process itself may have seen the answer. */
  readonly lagMs: number;
};

/** The width of a new lane. At this width, late answers are never blamed on the width. */
export const FIRST_WIDTH = 4;
/**
 * Answers are late, or too late, above these multiples of the usual latency plus SLACK_MS: a fast target that needs a few
 * milliseconds more is not late.
 */
const LATE = 1.2;
const TOO_LATE = 1.5;
const SLACK_MS = 5;
/** After this many late rounds the width is narrowed, to find out whether it is the cause. */
const TRIAL_ROUNDS = 10;
const TRIAL_SHARE = 0.8;
const STEEP_AFTER_TRIAL = 0.95;
/** The usual latency follows a lower mean fully from this number of answers on: the mean of a few may be low by chance. */
const SURE_ANSWERS = 32;
/** A width counts as used when this share of it was open at once: then the width is the limit, not the lack of events. */
const IN_USE = 0.75;
const MAX_ROUND = 256;
/** After a refusal the width grows fast up to this share of what it was, then by one in a round. */
const STEEP_SHARE = 0.75;

export function createWidth(): Width {
  return {
    most: FIRST_WIDTH,
    value: FIRST_WIDTH,
    steepBelow: Infinity,
    peak: 0,
    usualMs: undefined,
    mayGrow: true,
    lateRounds: 0,
    latenciesMs: [],
    openSum: 0,
    roundAnswers: FIRST_WIDTH,
    narrowings: 0,
    trial: undefined,
  };
}

export function limitWidth(width: Width, most: number): void {
  width.most = most;
  width.value = Math.min(width.value, most);
}

/** Half the width for each pause that has passed, as TCP does (RFC 2861). The width soon gets back to where it was. */
export function restart(width: Width, pauses: number): void {
  if (width.value <= FIRST_WIDTH) return;
  width.steepBelow = Math.max(width.value, Math.min(width.steepBelow, width.most));
  width.value = Math.max(FIRST_WIDTH, width.value / 2 ** pauses);
  width.mayGrow = true;
  width.trial = undefined;
  beginRound(width);
}

/** Whether each success adds one to the width. */
export const isDoubling = ({ mayGrow, value, steepBelow }: Width): boolean => mayGrow && value < steepBelow;

/** Notes that a request has begun; `open` are open now, with it. */
export function beginAt(width: Width, open: number): Beginning {
  width.peak = Math.max(width.peak, open);
  return { open, narrowings: width.narrowings };
}

export function learn(width: Width, { open, narrowings }: Beginning, lesson: Lesson): void {
  const { advice, latencyMs } = lesson;
  if (narrowings < width.narrowings) return;
  if (advice === 'narrow') return refuse(width);
  const isUsed = width.peak >= IN_USE * Math.floor(width.value);
  if (advice === 'widen' && width.mayGrow && isUsed) {
    width.value = Math.min(width.most, width.value + (isDoubling(width) ? 1 : 1 / width.value));
  }
  if (latencyMs === undefined) return;
  width.latenciesMs.push(unhurried(width, lesson));
  width.openSum += open;
  if (width.latenciesMs.length >= width.roundAnswers) judge(width, isUsed);
}

/** Returns the latency less the lag of this process, but not less than usual. */
function unhurried({ usualMs }: Width, { latencyMs = 0, lagMs }: Lesson): number {
  return usualMs === undefined || latencyMs <= usualMs ? latencyMs : Math.max(usualMs, latencyMs - lagMs);
}

/** Halves the width: the target asked for fewer requests, or took none. */
function refuse(width: Width): void {
  width.steepBelow = width.value * STEEP_SHARE;
  width.value = Math.max(1, width.value / 2);
  width.trial = undefined;
  width.mayGrow = true;
  width.narrowings++;
  beginRound(width);
}

function beginRound(width: Width): void {
  width.latenciesMs.length = 0;
  width.openSum = 0;
  width.roundAnswers = Math.min(MAX_ROUND, Math.max(FIRST_WIDTH, Math.floor(width.value)));
  width.peak = 0;
}

/** Judges a round that is over. `isUsed`: the width was in use, so it may be the cause of late answers. */
function judge(width: Width, isUsed: boolean): void {
  review(width, isUsed);
  beginRound(width);
}

function review(width: Width, isUsed: boolean): void {
  const { latenciesMs, trial } = width;
  const meanMs = middleOf(latenciesMs);
  const open = width.openSum / latenciesMs.length;
  const sureness = Math.min(1, latenciesMs.length / SURE_ANSWERS);
  const usualMs = (width.usualMs ??= meanMs);
  if (meanMs < usualMs) width.usualMs = usualMs + (meanMs - usualMs) * sureness;
  if (!isUsed) return;
  if (trial) {
    width.trial = undefined;
    if (isInnocent(trial, open, meanMs)) return acquit(width, trial.width, meanMs);
  }
  const lateMs = LATE * width.usualMs + SLACK_MS;
  width.mayGrow = meanMs <= lateMs;
  if (width.mayGrow) width.lateRounds = 0;
  else if (width.value <= FIRST_WIDTH) acquit(width, width.value, meanMs);
  else if (meanMs > TOO_LATE * width.usualMs + SLACK_MS)
    narrow(width, lateMs / meanMs, { width: width.value, open, meanMs });
  else if (++width.lateRounds >= TRIAL_ROUNDS) narrow(width, TRIAL_SHARE, { width: width.value, open, meanMs });
}

/**
 * Whether the trial shows that the width is not the cause. If it is, answers come sooner by the share by which fewer
 * requests are open; half of that is proof enough.
 */
function isInnocent(trial: NonNullable<Width['trial']>, open: number, meanMs: number): boolean {
  const fewer = 1 - open / trial.open;
  const sooner = 1 - meanMs / trial.meanMs;
  return fewer > 0 && sooner < fewer / 2;
}

function acquit(width: Width, value: number, meanMs: number): void {
  width.usualMs = meanMs;
  width.value = Math.min(width.most, Math.max(width.value, value));
  width.steepBelow = Infinity;
  width.mayGrow = true;
  width.lateRounds = 0;
}

/**
 * Narrows the width for latency, as a trial that the next round judges. Never below the first width: there a trial proves
 * nothing.
 */
function narrow(width: Width, share: number, trial: Width['trial']): void {
  const { value } = width;
  width.trial = trial;
  width.value = Math.max(Math.min(FIRST_WIDTH, width.value), width.value * Math.max(0.5, share));
  // After TRIAL_ROUNDS the width soon gets back to where it was: answers there were late, but not too late.
  width.steepBelow = share === TRIAL_SHARE ? value * STEEP_AFTER_TRIAL : width.value;
  width.lateRounds = 0;
  width.mayGrow = false;
  width.narrowings++;
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Returns the mean of the middle half, so that a few answers that take long by themselves do not move it. */
function middleOf(values: number[]): number {
  values.sort((one, other) => one - other);
  const quarter = Math.floor(values.length / 4);
  return meanOf(values.slice(quarter, values.length - quarter));
}

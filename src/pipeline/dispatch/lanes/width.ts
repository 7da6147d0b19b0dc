/**
 * How many requests a target bears at once, learned from its own answers, as TCP Vegas and gradient limiters do.
 *
 *     success, while answers come as usual      + 1: the width doubles in a round; beyond where it was last too much,
 *                                               + 1 in a round
 *     the mean of a round is well above the   no growth; far above it: narrower, by as much as the answers are late
 *       usual latency
 *     timeout, no connection, 429 or 503        half, once for all requests that were open at that moment
 *     any other answer                          as it is
 *
 * The usual latency is the mean of rounds in which the width was not to blame. Whether it is to blame is found by trial:
 * each narrowing for latency is one. If the answers of the next round are as late as before, the width was not the cause:
 * what they take is usual now, and the width is what it was. So a way that became longer is learned anew.
 *
 * A width that is not used does not grow: nothing is known of how the target would bear it.
 *
 * Pure, and without a clock: latencies come in, and rounds are counted in answers.
 */

export type Width = {
  /** The ceiling. */
  most: number;
  /** Grows by fractions: whole ones count. */
  value: number;
  /** Below this each success widens by one. */
  steepBelow: number;
  /** Most requests that were open at once in the present round. */
  peak: number;
  /** Mean latency while the width is not too much. */
  usualMs: number | undefined;
  /** The last round came as usual. */
  mayGrow: boolean;
  /** Rounds in which answers were late, and not so late that the width was narrowed. */
  lateRounds: number;
  /** Of the present round. */
  readonly latenciesMs: number[];
  /** How many were open when each of them was sent, in all. */
  openSum: number;
  /** So many answers make the round: as many as could be open when it began. */
  roundAnswers: number;
  /** How often it was narrowed. Requests that began before the last time say nothing of the present width. */
  narrowings: number;
  /** The round before the last narrowing for latency, until the one after it is judged. */
  trial: { readonly width: number; readonly open: number; readonly meanMs: number } | undefined;
};

/** What the width was when a request began: how many were open, with it, and how often it had been narrowed. */
export type Beginning = { readonly open: number; readonly narrowings: number };

/** What the end of one request says. */
export type Lesson = {
  /** undefined: it says nothing of the width. */
  readonly advice: 'widen' | 'narrow' | undefined;
  /** From the request sent to the first byte of its answer, without what this process itself was late; undefined: unknown. */
  readonly latencyMs: number | undefined;
  /** By so much this process itself may have been late to see the answer. */
  readonly lagMs: number;
};

/** As wide as a lane begins. At this width no latency is blamed on it. */
export const FIRST_WIDTH = 4;
/** Shares of the usual latency, and milliseconds on top: a fast target that needs a few milliseconds more is not late. */
const LATE = 1.2;
const TOO_LATE = 1.5;
const SLACK_MS = 5;
/** After so many late rounds a narrowing finds out whether the width is to blame. */
const TRIAL_ROUNDS = 10;
const TRIAL_SHARE = 0.8;
const STEEP_AFTER_TRIAL = 0.95;
/** The usual latency follows a lower mean by this number of answers: that of a few may be low by chance. */
const SURE_ANSWERS = 32;
/** Of the width, in use at once: the width is the limit, not what there is to send. */
const IN_USE = 0.75;
const MAX_ROUND = 256;
/** Of the width at which a request was refused: up to here it is soon again, and then grows by one in a round. */
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

/** After a pause the width goes on as it began, and soon gets to where it was. */
export function restart(width: Width): void {
  if (width.value <= FIRST_WIDTH) return;
  width.steepBelow = Math.max(width.value, Math.min(width.steepBelow, width.most));
  width.value = FIRST_WIDTH;
  width.mayGrow = true;
  width.trial = undefined;
  beginRound(width);
}

/** Another request has begun; `open` are open now, with it. */
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
    width.value = Math.min(width.most, width.value + (width.value < width.steepBelow ? 1 : 1 / width.value));
  }
  if (latencyMs === undefined) return;
  width.latenciesMs.push(unhurried(width, lesson));
  width.openSum += open;
  if (width.latenciesMs.length >= width.roundAnswers) judge(width, isUsed);
}

/** The latency without the lag of this process, as far as it is later than usual. */
function unhurried({ usualMs }: Width, { latencyMs = 0, lagMs }: Lesson): number {
  return usualMs === undefined || latencyMs <= usualMs ? latencyMs : Math.max(usualMs, latencyMs - lagMs);
}

/** The target asked for fewer requests, or took none. */
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

/** A round is over. `isUsed`: the width was in use, so it may be to blame for late answers. */
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

/** Answers of a target that has too many requests come sooner by as much as there are fewer; half of that convinces. */
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

/** For latency, to be judged by the next round. Never below the first width: less than that proves nothing. */
function narrow(width: Width, share: number, trial: Width['trial']): void {
  const { value } = width;
  width.trial = trial;
  width.value = Math.max(Math.min(FIRST_WIDTH, width.value), width.value * Math.max(0.5, share));
  // After a mere trial it is soon where it was: the answers there were late, and not too late.
  width.steepBelow = share === TRIAL_SHARE ? value * STEEP_AFTER_TRIAL : width.value;
  width.lateRounds = 0;
  width.mayGrow = false;
  width.narrowings++;
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The mean of the middle half: a few answers that take long by themselves do not move it. */
function middleOf(values: number[]): number {
  values.sort((one, other) => one - other);
  const quarter = Math.floor(values.length / 4);
  return meanOf(values.slice(quarter, values.length - quarter));
}

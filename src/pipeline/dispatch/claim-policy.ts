/**
 * Decides how many jobs the next claim asks for, and which: fresh jobs and retries of a long backlog take turns.
 *
 * While this process is busy, and a quiet organization sends beside a loud one, most claims are only for jobs whose turn
 * has come (publish/fair-priority.ts). Jobs published ahead of their turn wait in the queue, and a few of them are
 * claimed twenty times a second. So the events of one organization are not late because another has ten thousand targets
 * that refuse everything.
 */
import type { Clock } from '../../clock.ts';
import { dueRange, dueRetries, turnRange, type PriorityRange } from '../../database/priority.ts';
import type { FairShare } from '../../fairness/fair-share.ts';
import type { Scheduler } from './scheduler.ts';
import type { Slots } from './slots.ts';

export type OpenTo = 'all' | 'quiet' | 'nobody';

export type ClaimPolicy = {
  /** Call it when an attempt has ended. */
  ended(): void;
  /** Call it when jobs may have come into the queue. */
  heard(): void;
  /** Whether the last claim for all that is due took all. */
  readonly hasAll: boolean;
  /**
   * Whose deliveries may be sent past the queue. `all`: every job that is due is claimed, or is being claimed now. `quiet`: the
   * process is strained, and what waits in the queue leaves way to quiet organizations.
   */
  readonly openTo: OpenTo;
  /** Whether the last claim found no job that is due, and none was heard of since. */
  readonly isQueueEmpty: boolean;
  /** Returns what to claim now; with a limit of 0, nothing. */
  next(): { readonly limit: number; readonly range: PriorityRange };
  /** Call it when a claim has found `count` jobs. Returns whether there may be more to claim at once. */
  found(count: number, limit: number, range: PriorityRange): boolean;
};

type Options = {
  readonly slots: Slots;
  readonly scheduler: Scheduler;
  readonly concurrency: number;
  /** Whether this process is busy and one organization would keep another waiting, and the time by which that is measured. */
  readonly fairShare: Pick<FairShare, 'isStrained' | 'nowMs'>;
  /** Whether more attempts may start than this turn of the event loop takes (starts.ts). */
  readonly isBehind: () => boolean;
  readonly clock: Clock;
};

/** The most jobs claimed before slots are free for them. */
const MOST_AHEAD = 256;
/** The most jobs in one claim: to look them up and to make them ready takes some milliseconds of this process. */
const MOST_CLAIMED = 512;
/** While the process is strained: the most jobs in a claim that does not wait for turns, and how often there is one. */
const MOST_EARLY = 16;
const EARLY_EVERY_MS = 50;
/** How often there is one while the jobs of earlier ones still wait in memory. */
const CROWDED_EVERY_MS = 250;
/**
 * While the process is strained: the most jobs in any other claim. A small claim is soon over, and the next one finds
 * what has come meanwhile.
 */
const MOST_IN_TURN = 64;
/** Retries come after all fresh jobs, but while claims come back full, every fourth claim is for retries. */
const RETRIES_EVERY = 4;
/** How long no retry is looked for after none was due: otherwise every fourth round trip would be for nothing. */
const NO_RETRIES_MS = 250;

export function createClaimPolicy(options: Options): ClaimPolicy {
  const { slots, scheduler, concurrency, fairShare, isBehind, clock } = options;
  let fullClaims = 0;
  let earlyMs = -Infinity;
  let noRetriesMs = -Infinity;
  /** How many attempts ended since the last claim was asked for. */
  let ended = 0;
  /** Whether the present claim is for every job that is due. */
  let isForAll = false;
  /** Whether jobs were heard of since the last claim for all was asked for. */
  let isHeard = true;
  /** What the last claim for all found. */
  let last: 'nothing' | 'some' | 'much' = 'much';

  const isQueueEmpty = () => !isHeard && last === 'nothing';

  /**
   * Returns the limit: the free slots, and some jobs ahead. As many attempts as ended during one claim will end during
   * the next, and the slots of both would stand empty. So fast targets never wait for a claim, and for slow targets
   * nothing is claimed that another worker could send.
   *
   * While the process cannot start what it has, the slots are free for want of processor: more jobs would only wait here, and
   * those that wait in a full lane would be held (hold.ts), which costs as much as to send them.
   */
  function nextLimit(): number {
    if (isBehind()) return scheduler.waiting * 2 <= MOST_AHEAD ? MOST_AHEAD - scheduler.waiting : 0;
    const ahead = Math.min(2 * ended, MOST_AHEAD, 2 * concurrency);
    ended = 0;
    return Math.min(MOST_CLAIMED, slots.free + Math.max(0, ahead - scheduler.waiting));
  }

  function nextRange(limit: number): PriorityRange {
    const isTheirTurn = fullClaims % RETRIES_EVERY === RETRIES_EVERY - 1;
    const isForRetries = isTheirTurn && clock.monotonicMs() - noRetriesMs > NO_RETRIES_MS;
    isForAll = !isForRetries && limit > 0;
    if (isForAll) isHeard = false;
    return isForRetries ? dueRetries(clock.now()) : dueRange(clock.now());
  }

  return {
    ended: () => void ended++,
    heard() {
      if (isQueueEmpty()) ended = 0; // Nothing was claimed meanwhile.
      isHeard = true;
    },
    get hasAll() {
      return last !== 'much';
    },
    get openTo() {
      if (fairShare.isStrained) return 'quiet';
      return !isHeard && last !== 'much' ? 'all' : 'nobody';
    },
    get isQueueEmpty() {
      return isQueueEmpty();
    },
    next() {
      const limit = nextLimit();
      isForAll = false;
      if (!fairShare.isStrained) return { limit, range: nextRange(limit) };
      const everyMs = scheduler.waiting < MOST_EARLY ? EARLY_EVERY_MS : CROWDED_EVERY_MS;
      if (fairShare.nowMs - earlyMs < everyMs) {
        return { limit: Math.min(limit, MOST_IN_TURN), range: turnRange(clock.now()) };
      }
      earlyMs = fairShare.nowMs;
      const few = Math.min(limit, MOST_EARLY);
      return { limit: few, range: nextRange(few) };
    },
    found(count, limit, range) {
      // The queue rounds limits down, so even a claim that is half full may mean that more is due.
      const isFull = count >= limit / 2;
      const isForRetries = range.max !== undefined;
      if (isForAll) last = isFull ? 'much' : count > 0 ? 'some' : 'nothing';
      fullClaims = isFull ? fullClaims + 1 : 0;
      if (isForRetries && count === 0) noRetriesMs = clock.monotonicMs();
      return isFull || isForRetries;
    },
  };
}

/**
 * How many jobs the next claim asks for, and which: fresh ones and retries of a long backlog take turns.
 *
 * While this process is busy, and somebody who sends little sends beside somebody who sends much, most claims are for
 * those jobs only whose turn has come (publish/fair-priority.ts). What was published ahead of its publisher's turn waits
 * in the queue, and a few of it are claimed twenty times a second: so what one customer sends is not late because
 * another one has ten thousand targets that refuse everything.
 */
import type { Clock } from '../../clock.ts';
import { dueRange, dueRetries, turnRange, type PriorityRange } from '../../database/priority.ts';
import type { Scheduler } from './scheduler.ts';
import type { Slots } from './slots.ts';

export type ClaimPolicy = {
  /** An attempt ended. */
  ended(): void;
  /** What to claim now; a limit of 0: nothing. */
  next(): { readonly limit: number; readonly range: PriorityRange };
  /** A claim found `count` jobs. Returns whether there may be more to claim at once. */
  found(count: number, limit: number, range: PriorityRange): boolean;
};

type Options = {
  readonly slots: Slots;
  readonly scheduler: Scheduler;
  readonly concurrency: number;
  /** This process is busy, and one customer would keep another one waiting. */
  readonly isStrained: () => boolean;
  readonly clock: Clock;
};

/** Most claims made ahead. */
const MOST_AHEAD = 256;
/** Jobs in one claim: to look them up and to make them ready takes some milliseconds of this process. */
const MOST_CLAIMED = 512;
/** Jobs whose turn has not come, in one claim while the process is strained, and how often. */
const MOST_EARLY = 16;
const EARLY_EVERY_MS = 50;
/** Of the others: a small claim is soon over, and the next one has what has come meanwhile. */
const MOST_IN_TURN = 64;
/** Retries come after everything fresh, except in each such claim while claims come back full. */
const RETRIES_EVERY = 4;
/** When no retry was due, none is looked for in this time: it would be every fourth round trip, for nothing. */
const NO_RETRIES_MS = 250;

export function createClaimPolicy(options: Options): ClaimPolicy {
  const { slots, scheduler, concurrency, isStrained, clock } = options;
  let fullClaims = 0;
  let earlyMs = -Infinity;
  let noRetriesMs = -Infinity;
  /** Attempts that ended since the last claim was asked for. */
  let ended = 0;

  /**
   * For the free slots, and ahead: as many attempts as end while a claim is made will end again while the next one is,
   * and the slots of both would stand empty. So fast targets never wait for a claim, and for slow ones nothing is claimed
   * that another worker could send.
   */
  function nextLimit(): number {
    const ahead = Math.min(2 * ended, MOST_AHEAD, 2 * concurrency);
    ended = 0;
    return Math.min(MOST_CLAIMED, slots.free + Math.max(0, ahead - scheduler.waiting));
  }

  function nextRange(): PriorityRange {
    const isTheirTurn = fullClaims % RETRIES_EVERY === RETRIES_EVERY - 1;
    const isForRetries = isTheirTurn && clock.monotonicMs() - noRetriesMs > NO_RETRIES_MS;
    return isForRetries ? dueRetries(clock.now()) : dueRange(clock.now());
  }

  return {
    ended: () => void ended++,
    next() {
      const limit = nextLimit();
      if (!isStrained()) return { limit, range: nextRange() };
      if (clock.monotonicMs() - earlyMs < EARLY_EVERY_MS) {
        return { limit: Math.min(limit, MOST_IN_TURN), range: turnRange(clock.now()) };
      }
      earlyMs = clock.monotonicMs();
      return { limit: Math.min(limit, MOST_EARLY), range: nextRange() };
    },
    found(count, limit, range) {
      // The queue rounds limits down: half full may mean that more is due.
      const isFull = count >= limit / 2;
      const isForRetries = range.max !== undefined;
      fullClaims = isFull ? fullClaims + 1 : 0;
      if (isForRetries && count === 0) noRetriesMs = clock.monotonicMs();
      return isFull || isForRetries;
    },
  };
}

/** How many jobs the next claim asks for, and which: fresh ones and retries of a long backlog take turns. */
import type { Clock } from '../../clock.ts';
import { dueRange, dueRetries, type PriorityRange } from '../../database/priority.ts';
import type { Scheduler } from './scheduler.ts';
import type { Slots } from './slots.ts';

export type ClaimPolicy = {
  /** An attempt ended. */
  ended(): void;
  /** Jobs to claim now; 0: none. */
  nextLimit(): number;
  nextRange(): PriorityRange;
  /** A claim found `count` jobs. Returns whether there may be more to claim at once. */
  found(count: number, limit: number, range: PriorityRange): boolean;
};

type Options = {
  readonly slots: Slots;
  readonly scheduler: Scheduler;
  readonly concurrency: number;
  readonly clock: Clock;
};

/** Most claims made ahead. */
const MOST_AHEAD = 256;
/** Jobs in one claim: to look them up and to make them ready takes some milliseconds of this process. */
const MOST_CLAIMED = 512;
/** Retries come after everything fresh, except in each such claim while claims come back full. */
const RETRIES_EVERY = 4;
/** When no retry was due, none is looked for in this time: it would be every fourth round trip, for nothing. */
const NO_RETRIES_MS = 250;

export function createClaimPolicy({ slots, scheduler, concurrency, clock }: Options): ClaimPolicy {
  let fullClaims = 0;
  let noRetriesMs = -Infinity;
  /** Attempts that ended since the last claim was asked for. */
  let ended = 0;

  return {
    ended: () => void ended++,
    /**
     * For the free slots, and ahead: as many attempts as end while a claim is made will end again while the next one is,
     * and the slots of both would stand empty. So fast targets never wait for a claim, and for slow ones nothing is claimed
     * that another worker could send.
     */
    nextLimit() {
      const ahead = Math.min(2 * ended, MOST_AHEAD, 2 * concurrency);
      ended = 0;
      return Math.min(MOST_CLAIMED, slots.free + Math.max(0, ahead - scheduler.waiting));
    },
    nextRange() {
      const isTheirTurn = fullClaims % RETRIES_EVERY === RETRIES_EVERY - 1;
      const isForRetries = isTheirTurn && clock.monotonicMs() - noRetriesMs > NO_RETRIES_MS;
      return isForRetries ? dueRetries(clock.now()) : dueRange(clock.now());
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

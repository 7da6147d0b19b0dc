/**
 * Leaves turns of the event loop to everybody else. Without it, one change for 5,000 subscribers is answered in one turn:
 * requests wait, and all 5,000 answers are in memory at once, where the garbage collector takes them for long-lived.
 *
 * In a busy process a turn takes long, and there are few of them. Then the answers may take as long as everything else did: a
 * subscriber keeps up with a service that delivers as fast as it can.
 *
 * Owners take turns with each other: an owner with thousands of answers waiting delays each answer of another owner by one of
 * its own.
 */
import { createTurnQueue } from '../../domain/turn-queue.ts';

/** Answers never take longer than this at a time. */
const LONGEST_MS = 20;

export type EventLoopShare = {
  /** Runs `work` at once, or in a later turn of the event loop when this turn is full. */
  run<T>(owner: string, work: () => T | Promise<T>): T | Promise<T>;
  /** Counts this many answers more in the present turn: `work` has begun them too. */
  spend(answers: number): void;
};

/**
 * In one turn of the event loop, `perTurn` answers of all owners together may begin, and more of them for as long as everything
 * else has taken since the turn before.
 */
export function createEventLoopShare(perTurn: number, monotonicMs: () => number): EventLoopShare {
  const queue = createTurnQueue<() => void>();
  let taken = 0;
  let lastMs = -Infinity;
  let untilMs = -Infinity;

  const isFull = (): boolean => {
    if (taken < perTurn) return false;
    lastMs = monotonicMs();
    return lastMs >= untilMs;
  };

  const nextTurn = (): void => {
    const nowMs = monotonicMs();
    untilMs = nowMs + Math.min(nowMs - lastMs, LONGEST_MS);
    lastMs = nowMs;
    taken = 0;
    while (!queue.isEmpty && !isFull()) queue.take()!();
    if (taken > 0) setImmediate(nextTurn);
  };

  return {
    run(owner, work) {
      if (taken === 0) setImmediate(nextTurn);
      if (queue.isEmpty && !isFull()) {
        taken++;
        return work();
      }
      return new Promise((resolve, reject) =>
        queue.add(owner, () => {
          taken++;
          Promise.try(work).then(resolve, reject);
        }),
      );
    },
    spend: (answers) => void (taken += answers),
  };
}

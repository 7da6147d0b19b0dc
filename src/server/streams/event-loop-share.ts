/**
 * Leaves turns of the event loop to everybody else. Without it, one change for 5,000 subscribers is answered in one turn:
 * requests wait, and all 5,000 answers are in memory at once, where the garbage collector takes them for long-lived.
 *
 * Owners take turns with each other: an owner with thousands of answers waiting delays each answer of another owner by one of
 * its own.
 */
import { createTurnQueue } from '../../domain/turn-queue.ts';

export type EventLoopShare = {
  /** Undefined: go on. A promise: go on when it resolves, in a later turn of the event loop. */
  take(owner?: string): Promise<void> | undefined;
};

/** At most `perTurn` answers, of all owners together, begin in one turn of the event loop. */
export function createEventLoopShare(perTurn: number): EventLoopShare {
  const queue = createTurnQueue<() => void>();
  let taken = 0;

  const nextTurn = (): void => {
    const entering: (() => void)[] = [];
    while (entering.length < perTurn && !queue.isEmpty) entering.push(queue.take()!);
    taken = entering.length;
    if (taken > 0) setImmediate(nextTurn);
    for (const enter of entering) enter();
  };

  return {
    take(owner = '') {
      if (taken === 0) setImmediate(nextTurn);
      if (queue.isEmpty && taken < perTurn) {
        taken++;
        return undefined;
      }
      return new Promise((enter) => queue.add(owner, enter));
    },
  };
}

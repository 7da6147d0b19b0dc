/**
 * Leaves turns of the event loop to everybody else. Without it, one change for 5,000 subscribers is answered in one breath:
 * requests wait, and all 5,000 answers are in memory at once, where the garbage collector takes them for long-lived.
 *
 * Owners take turns with each other: who has thousands of works waiting delays those of others by one work of its own each.
 */
import { createTurnQueue } from '../../domain/turn-queue.ts';

export type EventLoopShare = {
  /** Undefined: go on. A promise: go on when it resolves, in a later turn of the event loop. */
  take(owner?: string): Promise<void> | undefined;
};

/** `perTurn` works, of all owners together, are let in per turn of the event loop. */
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

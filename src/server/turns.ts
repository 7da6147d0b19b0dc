/**
 * Leaves turns of the event loop to everybody else. Without it, one change for 5,000 subscribers is answered in one breath:
 * requests wait, and all 5,000 answers are in memory at once, where the garbage collector takes them for long-lived.
 *
 * Owners take turns with each other: who has thousands of works waiting delays those of others by one work of its own each.
 */
export type Turns = {
  /**
   * Undefined: go on. A promise: go on when it resolves, in a later turn of the event loop. `weight`: what the work takes of a
   * turn; a work that is heavier than a turn has one to itself.
   */
  take(owner?: string, weight?: number): Promise<void> | undefined;
};

type Waiting = { readonly weight: number; readonly enter: () => void };

/** Works of `perTurn` in weight, in all, are let in per turn of the event loop. */
export function createTurns(perTurn: number): Turns {
  const queues = new Map<string, Waiting[]>(); // Insertion order is the order of the owners' turns.
  let taken = 0;

  /** The next one that fits into this turn; the first one always does. */
  const next = (): Waiting | undefined => {
    const [first] = queues;
    if (!first) return undefined;
    const [owner, queue] = first;
    if (taken > 0 && taken + queue[0]!.weight > perTurn) return undefined;
    const waiting = queue.shift();
    queues.delete(owner);
    if (queue.length > 0) queues.set(owner, queue);
    return waiting;
  };

  const nextTurn = (): void => {
    taken = 0;
    for (let waiting = next(); waiting; waiting = next()) {
      taken += waiting.weight;
      waiting.enter();
    }
    if (taken > 0) setImmediate(nextTurn);
  };

  return {
    take(owner = '', weight = 1) {
      if (taken === 0) setImmediate(nextTurn);
      if (queues.size === 0 && (taken === 0 || taken + weight <= perTurn)) {
        taken += weight;
        return undefined;
      }
      return new Promise((enter) => {
        const queue = queues.get(owner);
        if (queue) queue.push({ weight, enter });
        else queues.set(owner, [{ weight, enter }]);
      });
    },
  };
}

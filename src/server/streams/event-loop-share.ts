/**
 * Leaves turns of the event loop to everybody else. Without it, one change for 5,000 subscribers is answered in one breath:
 * requests wait, and all 5,000 answers are in memory at once, where the garbage collector takes them for long-lived.
 *
 * Owners take turns with each other: who has thousands of works waiting delays those of others by one work of its own each.
 */
export type Turns = {
  /** Undefined: go on. A promise: go on when it resolves, in a later turn of the event loop. */
  take(owner?: string): Promise<void> | undefined;
};

/** `perTurn` works, of all owners together, are let in per turn of the event loop. */
export function createTurns(perTurn: number): Turns {
  const queues = new Map<string, (() => void)[]>(); // Insertion order is the order of the owners' turns.
  let taken = 0;

  const next = (): (() => void) | undefined => {
    const [first] = queues;
    if (!first) return undefined;
    const [owner, queue] = first;
    const enter = queue.shift();
    queues.delete(owner);
    if (queue.length > 0) queues.set(owner, queue);
    return enter;
  };

  const nextTurn = (): void => {
    const entering: (() => void)[] = [];
    for (let enter = next(); enter; enter = entering.length < perTurn ? next() : undefined) entering.push(enter);
    taken = entering.length;
    if (taken > 0) setImmediate(nextTurn);
    for (const enter of entering) enter();
  };

  return {
    take(owner = '') {
      if (taken === 0) setImmediate(nextTurn);
      if (queues.size === 0 && taken < perTurn) {
        taken++;
        return undefined;
      }
      return new Promise((enter) => {
        const queue = queues.get(owner);
        if (queue) queue.push(enter);
        else queues.set(owner, [enter]);
      });
    },
  };
}

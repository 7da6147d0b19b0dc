/**
 * Leaves turns of the event loop to everybody else. Without it, one change for 5,000 subscribers is answered in one breath:
 * requests wait, and all 5,000 answers are in memory at once, where the garbage collector takes them for long-lived.
 */
export type Turns = {
  /** Undefined: go on. A promise: go on when it resolves, in a later turn, first come, first served. */
  take(): Promise<void> | undefined;
};

/** At most `perTurn` works are let in per turn of the event loop. */
export function createTurns(perTurn: number): Turns {
  let queue: (() => void)[] = [];
  let taken = 0;

  const nextTurn = (): void => {
    const entering = queue.slice(0, perTurn);
    queue = queue.slice(perTurn);
    taken = entering.length;
    if (taken > 0) setImmediate(nextTurn);
    for (const enter of entering) enter();
  };

  return {
    take() {
      if (taken === 0) setImmediate(nextTurn);
      if (taken < perTurn && queue.length === 0) {
        taken++;
        return undefined;
      }
      return new Promise((enter) => queue.push(enter));
    },
  };
}

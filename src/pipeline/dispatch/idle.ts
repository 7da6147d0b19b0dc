/** Lets callers wait for the moment when nothing is under way. */

export type Idle = {
  /** Resolves when nothing is under way; at once when nothing is. */
  wait(): Promise<void>;
  /** Call it whenever something has ended. */
  announce(): void;
};

export function createIdle(isIdle: () => boolean): Idle {
  let waiters: (() => void)[] = [];
  return {
    wait: () => (isIdle() ? Promise.resolve() : new Promise((resolve) => waiters.push(resolve))),
    announce() {
      if (waiters.length === 0 || !isIdle()) return;
      const ready = waiters;
      waiters = [];
      for (const resolve of ready) resolve();
    },
  };
}

/**
 * How much of the event loop callers without a key may take, all together. After each of their operations the event loop
 * belongs to everybody else, for several times as long as that operation took. So they wait for each other, even in the first
 * second of a flood, when every address has all operations of its minute left.
 *
 * Addresses take turns: many operations of one address delay another address by one operation each time.
 */
import type { Clock } from '../../clock.ts';
import { createTurnQueue } from '../../domain/turn-queue.ts';

export type Pace = {
  /** Undefined: go on now. A promise: go on when it resolves. False: too many are waiting already. */
  enter(address: string): Promise<void> | undefined | false;
};

type PaceOptions = {
  readonly clock: Clock;
  /** Part of the event loop's time, above 0 and at most 1. */
  readonly share: number;
  /** Operations that wait at once. Each is a request whose body nobody has read yet. */
  readonly mostWaiting: number;
};

export function createPace({ clock, share, mostWaiting }: PaceOptions): Pace {
  const queue = createTurnQueue<() => void>();
  let isTaken = false;
  let waiting = 0;

  function begin(): void {
    isTaken = true;
    const startedMs = clock.monotonicMs();
    setImmediate(() => {
      const tookMs = clock.monotonicMs() - startedMs;
      setTimeout(next, tookMs * (1 / share - 1));
    });
  }

  function next(): void {
    isTaken = false;
    const enter = queue.take();
    if (!enter) return;
    waiting--;
    begin();
    enter();
  }

  return {
    enter(address) {
      if (!isTaken) {
        begin();
        return undefined;
      }
      if (waiting >= mostWaiting) return false;
      waiting++;
      return new Promise((enter) => queue.add(address, enter));
    },
  };
}

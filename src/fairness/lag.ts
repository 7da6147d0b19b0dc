/** Measures how late this process itself is, so that its own delay is not taken for slow targets. */
import type { Clock } from '../clock.ts';

export type Lag = {
  start(): void;
  stop(): void;
  /** How late the timers were, on average over the last LOOKS looks. */
  readonly ms: number;
};

const LOOK_MS = 20;
const LOOKS = 8;

/** Creates the measurement. Its timer does not keep the process alive. */
export function createLag(clock: Pick<Clock, 'monotonicMs'>): Lag {
  const late = new Array<number>(LOOKS).fill(0);
  let looks = 0;
  let lastMs = 0;
  let meanMs = 0;
  let timer: NodeJS.Timeout | undefined;

  function look(): void {
    const nowMs = clock.monotonicMs();
    late[looks++ % LOOKS] = Math.max(0, nowMs - lastMs - LOOK_MS);
    lastMs = nowMs;
    meanMs = late.reduce((sum, ms) => sum + ms, 0) / LOOKS;
  }

  return {
    start() {
      lastMs = clock.monotonicMs();
      timer = setInterval(look, LOOK_MS).unref();
    },
    stop: () => clearInterval(timer),
    get ms() {
      return meanMs;
    },
  };
}

/** How a listener stops: first in order, then at once. */
import type { Say } from '../command.ts';

export type Stopping = {
  /** Ends the stream. */
  readonly signal: AbortSignal;
  /** Says what is to be waited for, and how to interrupt it. Before this, a signal ends the process. */
  begin(work: { underWay(): number; interrupt(): void }): void;
  /** As the first signal. */
  now(): void;
};

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * The first SIGINT, SIGTERM or SIGHUP ends the stream and waits for the requests under way. The second one interrupts them: the
 * next listener sends them again.
 */
export function createStopping(say: Say): Stopping {
  const stop = new AbortController();
  let work = { underWay: () => 0, interrupt: () => process.exit(0) as void };
  const onSignal = (): void => {
    const count = work.underWay();
    if (stop.signal.aborted || count === 0) work.interrupt();
    else say(`Waiting for ${count === 1 ? 'a request' : `${count} requests`}; Ctrl-C again interrupts.`);
    stop.abort();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: stop.signal,
    begin(begun) {
      work = begun;
    },
    now: onSignal,
  };
}

/**
 * A caretaker does a round of work again and again: it sweeps, deletes what is old, or brings a figure up to date. Several
 * processes have the same caretakers, so a round must tolerate the same round in another process.
 *
 * Invariants:
 *   - rounds of one process never overlap: a call during a round gets the result of that round;
 *   - onError hears of a failed round, and the next one comes at its time;
 *   - after a commit whose outcome is unknown, the round ends only when that commit has ended: the next would hang beside it;
 *   - stop resolves when nothing runs any more. It may be called twice, and before start.
 */
import { OutcomeUnknown } from './commit.ts';

export type Caretaker<T = void> = {
  /** Begins the rounds: the first comes after `everyMs`. */
  start(): void;
  /** Runs a round now, or joins the round that is under way. Rejects when it fails. */
  run(): Promise<T>;
  /** Begins no more rounds, aborts the signal of the one under way, and waits for its end. */
  stop(): Promise<void>;
};

type Options<T> = {
  readonly everyMs: number;
  /** One round. It ends soon after the signal aborts, between two transactions. */
  readonly round: (signal: AbortSignal) => Promise<T>;
  /** Called with the error of a round that nobody asked for. */
  readonly onError: (error: unknown) => void;
};

export function createCaretaker<T = void>({ everyMs, round, onError }: Options<T>): Caretaker<T> {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<T> | undefined;
  let stopping = new AbortController();

  function run(): Promise<T> {
    running ??= round(stopping.signal)
      .catch(untilEnded)
      .finally(() => (running = undefined));
    return running;
  }

  return {
    start() {
      clearInterval(timer);
      stopping = new AbortController();
      timer = setInterval(() => run().catch(onError), everyMs);
    },
    run,
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await running?.catch(() => {});
    },
  };
}

async function untilEnded(error: unknown): Promise<never> {
  if (error instanceof OutcomeUnknown) await error.ended;
  throw error;
}

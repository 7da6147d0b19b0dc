/** Runs work in rounds, one at a time. Asking for a round while one is under way gives one more after it. */
import { OutcomeUnknown } from '../../database/commit.ts';
import { DEADLOCK } from '../../database/sql-state.ts';
import { sqlState } from '../../database/statement.ts';

export type Rounds = {
  /** Asks for a round, because there may be something to do. */
  ask(): void;
  readonly isRunning: boolean;
};

type Options = {
  /** One round of the work; true: ask again. */
  readonly round: () => Promise<boolean>;
  /** Called when a round failed. It is not repeated unless somebody asks. */
  readonly onError: (error: unknown) => void;
  readonly onEnd: () => void;
};

export function createRounds({ round, onError, onEnd }: Options): Rounds {
  let isRunning = false;
  let isAsked = false;

  async function run(): Promise<void> {
    isRunning = true;
    await null; // Callers in the same turn of the event loop share the first round: many attempts are settled at a time.
    while (isAsked) {
      isAsked = false;
      try {
        if (await round()) isAsked = true;
      } catch (error) {
        // Harmless, and over at once: Postgres has let the other one through.
        if (sqlState(error) === DEADLOCK) isAsked = true;
        else onError(error);
        if (error instanceof OutcomeUnknown) await error.ended; // Otherwise the next round would hang beside it.
      }
    }
    isRunning = false;
    onEnd();
  }

  return {
    ask() {
      isAsked = true;
      if (!isRunning) void run();
    },
    get isRunning() {
      return isRunning;
    },
  };
}

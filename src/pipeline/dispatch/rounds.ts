/** Work in rounds: one at a time, and whoever asks for one while another is under way gets one more after it. */
import { OutcomeUnknown } from '../../database/commit.ts';
import { DEADLOCK } from '../../database/sql-state.ts';
import { sqlState } from '../../database/statement.ts';

export type Rounds = {
  /** There may be something to do. */
  ask(): void;
  readonly isRunning: boolean;
};

type Options = {
  /** True: ask again. */
  readonly round: () => Promise<boolean>;
  /** A round failed; it is not repeated unless somebody asks. */
  readonly onError: (error: unknown) => void;
  readonly onEnd: () => void;
};

export function createRounds({ round, onError, onEnd }: Options): Rounds {
  let isRunning = false;
  let isAsked = false;

  async function run(): Promise<void> {
    isRunning = true;
    await null; // Who asks in the same turn of the event loop shares the first round: attempts are settled many at a time.
    while (isAsked) {
      isAsked = false;
      try {
        if (await round()) isAsked = true;
      } catch (error) {
        // Harmless, and over at once: Postgres has let the other one through.
        if (sqlState(error) === DEADLOCK) isAsked = true;
        else onError(error);
        if (error instanceof OutcomeUnknown) await error.ended; // The next round would hang beside it.
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

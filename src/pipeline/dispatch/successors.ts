/**
 * Takes deliveries over that a settlement of this process has released: the next ones of their chains. Their jobs are inserted as
 * claimed ones, and the commit shows what their attempts need: so from an answer to the next request of a chain it is one commit.
 *
 * The others go through the queue, where turns decide: also when a job may wait there that nobody is just claiming.
 */
import type { Clock } from '../../clock.ts';
import type { ClaimedJobs, Claimer, Successor } from '../deliver/claim.ts';

export type Successors = {
  /** Whether this process takes what is released now. */
  readonly isOpen: boolean;
  /** Sends these deliveries. */
  take(successors: readonly Successor[]): void;
  /** Whether some of them are still being put where they belong. */
  readonly isRunning: boolean;
};

type Options = {
  readonly claimer: Pick<Claimer, 'takeOver'>;
  readonly clock: Clock;
  readonly isOpen: () => boolean;
  readonly receive: (claimed: ClaimedJobs) => Promise<void>;
  readonly onError: (error: unknown) => void;
  readonly onEnd: () => void;
};

export function createSuccessors({ claimer, clock, isOpen, receive, onError, onEnd }: Options): Successors {
  let running = 0;

  async function send(successors: readonly Successor[]): Promise<void> {
    running++;
    try {
      await receive(claimer.takeOver(successors, clock.now()));
    } catch (error) {
      onError(error); // Nobody touches these jobs, so they are claimed again after a heartbeat.
    }
    running--;
    onEnd();
  }

  return {
    get isOpen() {
      return isOpen();
    },
    take: (successors) => void send(successors),
    get isRunning() {
      return running > 0;
    },
  };
}

/**
 * Takes deliveries over that a settlement of this process has released: the next ones of their chains. Their jobs are inserted as
 * claimed ones, so from an answer to the next request of a chain it is one commit and one look-up.
 *
 * The others go through the queue, where turns decide: also when a job may wait there that nobody is just claiming.
 */
import type { Clock } from '../../clock.ts';
import type { Job } from '../../database/job.ts';
import type { ClaimedJobs, Claimer } from '../deliver/claim.ts';

export type Successors = {
  /** Whether this process takes what is released now. */
  readonly isOpen: boolean;
  /** Sends the deliveries of these claimed jobs. */
  take(jobs: readonly Job[]): void;
  /** Whether some are being looked up. */
  readonly isRunning: boolean;
};

type Options = {
  readonly claimer: Pick<Claimer, 'lookUp'>;
  readonly clock: Clock;
  readonly isOpen: () => boolean;
  readonly receive: (looked: ClaimedJobs) => Promise<void>;
  readonly onError: (error: unknown) => void;
  readonly onEnd: () => void;
};

const NO_PROBES: ReadonlySet<Job> = new Set();

export function createSuccessors({ claimer, clock, isOpen, receive, onError, onEnd }: Options): Successors {
  let running = 0;

  async function send(jobs: readonly Job[]): Promise<void> {
    running++;
    try {
      await receive(await claimer.lookUp(jobs, clock.now(), NO_PROBES));
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
    take: (jobs) => void send(jobs),
    get isRunning() {
      return running > 0;
    },
  };
}

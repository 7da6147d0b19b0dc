/** The jobs that this worker has claimed. Each is touched until it is let go: a job that nobody touches is claimed by others. */
import type { Clock } from '../../clock.ts';
import type { Job } from '../../database/job.ts';
import { TOUCH_INTERVAL_MS, type Queue } from '../../database/queue.ts';

export type Heartbeat = {
  /** The job was claimed just now. */
  add(job: Job): void;
  /** The job is settled, held, removed or given back. */
  delete(job: Job): void;
  /** No job is claimed. */
  readonly isEmpty: boolean;
  /** To be called every TOUCH_INTERVAL_MS. */
  touch(): Promise<void>;
};

type Options = {
  readonly queue: Pick<Queue, 'touch'>;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
};

/** Jobs in one statement. */
const MOST_TOUCHED = 512;

export function createHeartbeat({ queue, clock, onError }: Options): Heartbeat {
  const claimedMs = new Map<Job, number>();
  return {
    add: (job) => void claimedMs.set(job, clock.monotonicMs()),
    delete: (job) => void claimedMs.delete(job),
    get isEmpty() {
      return claimedMs.size === 0;
    },
    /** A job that was claimed a moment ago needs no touch: most are settled soon. */
    async touch() {
      const youngestMs = clock.monotonicMs() - TOUCH_INTERVAL_MS / 2;
      const jobs = [...claimedMs].filter(([, sinceMs]) => sinceMs <= youngestMs).map(([job]) => job);
      for (let first = 0; first < jobs.length; first += MOST_TOUCHED) {
        await queue.touch(jobs.slice(first, first + MOST_TOUCHED)).catch(onError);
      }
    },
  };
}

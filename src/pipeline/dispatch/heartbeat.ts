/** Touches each job that this worker has claimed until the worker lets it go: other workers claim jobs that nobody touches. */
import type { Clock } from '../../clock.ts';
import type { Job } from '../../database/job.ts';
import { TOUCH_INTERVAL_MS, type Queue } from '../../database/queue.ts';

export type Heartbeat = {
  /** Adds a job that was claimed just now. */
  add(job: Job): void;
  /** Takes out a job that was settled, held, removed or given back. */
  delete(job: Job): void;
  /** True when no job is claimed. */
  readonly isEmpty: boolean;
  /** Touches the jobs. Call it every TOUCH_INTERVAL_MS. */
  touch(): Promise<void>;
};

type Options = {
  readonly queue: Pick<Queue, 'touch'>;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
};

/** The most jobs in one statement. */
const MOST_TOUCHED = 512;

export function createHeartbeat({ queue, clock, onError }: Options): Heartbeat {
  const claimedMs = new Map<Job, number>();
  return {
    add: (job) => void claimedMs.set(job, clock.monotonicMs()),
    delete: (job) => void claimedMs.delete(job),
    get isEmpty() {
      return claimedMs.size === 0;
    },
    /** Skips jobs that were claimed a moment ago: most are settled soon. */
    async touch() {
      const youngestMs = clock.monotonicMs() - TOUCH_INTERVAL_MS / 2;
      const jobs = [...claimedMs].filter(([, sinceMs]) => sinceMs <= youngestMs).map(([job]) => job);
      for (let first = 0; first < jobs.length; first += MOST_TOUCHED) {
        await queue.touch(jobs.slice(first, first + MOST_TOUCHED)).catch(onError);
      }
    },
  };
}

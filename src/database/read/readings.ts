/** Decides which operations read together: those that begin before the reading of earlier ones is on its way. */
import type pg from 'pg';
import { createLongRuns } from './long-runs.ts';
import { Reading } from './reading.ts';
import { QUEUE } from '../job.ts';
import type { Reader } from '../statement.ts';

/** One snapshot, for one operation among those that share it. */
export type SharedReading = Reader & {
  /** A query of the ids of all jobs that workers have claimed, to be part of a statement. */
  readonly claimedJobs: string;
  /** Calls `load` when statements can be sent. For loaders: the later it is called, the more of them share a statement. */
  schedule(load: () => void): void;
  /** The operation reads nothing more; once for each `join`. */
  leave(): void;
};

export type Readings = {
  /**
   * A snapshot that will be taken after this call: it shows all that is committed by now. With `isAlone` it is shared with
   * nobody.
   */
  join(isAlone?: boolean): SharedReading;
};

/** One connection serves this many operations at most: more would wait for each other and not for PostgreSQL. */
const MAX_OPERATIONS = 64;

type Options = {
  readonly pool: pg.Pool;
  /** The statement_timeout of the pool. */
  readonly timeoutMs: number;
  /** The schema of the queue's tables. */
  readonly queueSchema: string;
};

export function createReadings({ pool, timeoutMs, queueSchema }: Options): Readings {
  const times = { timeoutMs, patienceMs: Math.ceil(timeoutMs / 5), lifeMs: 2 * timeoutMs };
  const claimedJobs = `select id from ${queueSchema}.job_common where name = '${QUEUE}' and state = 'active'`;
  const parts = { pool, times, longRuns: createLongRuns(pool.options.max), claimedJobs };
  let gathering: Reading | undefined;
  const release = (reading: Reading): void => {
    if (gathering === reading) gathering = undefined;
  };
  return {
    join(isAlone = false) {
      const isFirst = isAlone || !gathering;
      const reading = isFirst ? new Reading(parts, () => release(reading)) : gathering!;
      if (!isAlone) gathering = reading;
      if (reading.join() === MAX_OPERATIONS) release(reading);
      return reading;
    },
  };
}

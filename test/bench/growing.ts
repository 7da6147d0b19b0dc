/** What the lines about growing share: what PostgreSQL did for some deliveries, and workers that send nothing. */
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import type { Service } from './service.ts';
import type { Publisher, Stage } from './stage.ts';

/** Of all deliveries of a run together. */
export type Work = {
  readonly seconds: number;
  /** Milliseconds of processor time by part. */
  readonly cpuMs: ReadonlyMap<string, number>;
  readonly walBytes: number;
  readonly commits: number;
  /** Flushes of the write-ahead log; NaN before PostgreSQL 18, which does not count them in one place. */
  readonly flushes: number;
  readonly storedBytes: number;
};

/** PostgreSQL tells its counters up to a second late. */
const COUNTERS_MS = 1_200;

const COUNTERS = `
  select (pg_current_wal_lsn() - '0/0')::float8 as "walBytes",
    (select xact_commit::float8 from pg_stat_database where datname = current_database()) as commits,
    (select sum(pg_total_relation_size(oid))::float8 from pg_class
      where relkind in ('r', 'p') and relnamespace::regnamespace::text in ('public', 'pgboss')) as "storedBytes"`;
const FLUSHES = `select sum(fsyncs)::float8 as flushes from pg_stat_io where object = 'wal'`;

async function readCounters(pool: pg.Pool) {
  await pause(COUNTERS_MS);
  const { rows } = await pool.query(`select current_setting('server_version_num')::int >= 180000 as "hasFlushes"`);
  const { flushes } = rows[0].hasFlushes ? (await pool.query(FLUSHES)).rows[0] : { flushes: NaN };
  return { ...(await pool.query(COUNTERS)).rows[0], flushes } as Omit<Work, 'seconds' | 'cpuMs'>;
}

/** Does the work and says what it took. */
export async function observeWork(stage: Stage, work: () => Promise<void>): Promise<Work> {
  const before = await readCounters(stage.pool);
  let seconds = 0;
  const cpuMs = await stage.measureCpu(async () => {
    const startedAt = performance.now();
    await work();
    seconds = (performance.now() - startedAt) / 1_000;
  });
  const after = await readCounters(stage.pool);
  return {
    seconds,
    cpuMs,
    walBytes: after.walBytes - before.walBytes,
    commits: after.commits - before.commits,
    flushes: after.flushes - before.flushes,
    storedBytes: after.storedBytes - before.storedBytes,
  };
}

/** "PostgreSQL 92 us, 3,500 bytes of log, 0.03 commits, 0.02 flushes, 1,900 bytes stored; worker 98 us" */
export function describeWork({ cpuMs, walBytes, commits, flushes, storedBytes }: Work, count: number): string {
  const each = (sum: number, digits = 0) => (sum / count).toFixed(digits);
  const us = (part: string) => `${part} ${each((cpuMs.get(part) ?? 0) * 1_000)} us`;
  const others = [...cpuMs]
    .filter(([part, ms]) => part !== 'PostgreSQL' && ms * 1_000 > count)
    .map(([part]) => us(part));
  return (
    `${us('PostgreSQL')}, ${each(walBytes)} bytes of log, ${each(commits, 3)} commits, ${each(flushes, 3)} flushes, ` +
    `${each(storedBytes)} bytes stored${others.length > 0 ? `; ${others.join(', ')}` : ''}`
  );
}

/** A worker process that is real but for the network: each of its requests is answered after the pause. */
export const startSimulatedWorker = (stage: Stage, pauseMs: number): Promise<Service> =>
  stage.startService(
    {
      ROLES: 'worker',
      SIMULATED_PAUSE_MS: String(pauseMs),
      NODE_OPTIONS: `--import ${new URL('processes/simulated-sending.ts', import.meta.url).pathname}`,
    },
    'workers',
  );

export type Batch = {
  readonly eventTypes: readonly string[];
  readonly perRequest: number;
  readonly events: number;
  /** Default: 4. */
  readonly connections?: number;
};

/** Publishes the events as fast as they are accepted. */
export async function publishBatch(publisher: Publisher, service: Service, batch: Batch): Promise<void> {
  await publisher.publish({ url: service.url, connections: 4, ...batch });
}

const LOOK_MS = 250;
const MOST_LOOKS = 480;

/** Waits until no delivery is open. It looks seldom, because PostgreSQL is what is measured. */
export async function drained({ pool }: Stage): Promise<void> {
  for (let look = 0; look < MOST_LOOKS; look++) {
    const { rows } = await pool.query(`select exists (select from deliveries where status = 'PENDING') as "isOpen"`);
    if (!rows[0].isOpen) return;
    await pause(LOOK_MS);
  }
  throw new Error(`Deliveries are still open after ${(MOST_LOOKS * LOOK_MS) / 1_000} s`);
}

/**
 * The job queue: one pg-boss job per attempt. A job's data is only the delivery id; everything else is looked up when it
 * runs. Inserting and removing are statements of the caller's transaction.
 *
 * pg-boss's own retry is for crashed workers only: a job whose heartbeat stops goes back to the queue. The customer's
 * retry schedule is dated jobs of ours.
 */
import { PgBoss } from 'pg-boss';
import type { Clock as BossClock, Db } from 'pg-boss';
import type { Database } from './client.ts';
import { QUEUE, type Job, type NewJob } from './job.ts';
import { givingBack, insertingClaimed, insertingFrom, insertingQueued, rescuing, touching } from './job-claims.ts';
import { freshPriority, TAKEN_PRIORITY, type PriorityRange } from './priority.ts';
import { BY_JOB_ID, FORGETTABLE, IN_INDEX_ORDER, type Sql, type Statement } from './statement.ts';
import { transact } from './transaction.ts';

export type Queue = {
  start(): Promise<void>;
  stop(): Promise<void>;
  insert(tx: Sql, jobs: readonly NewJob[]): Promise<void>;
  /** The statement that inserts `jobs`, to be sent with others of its transaction. */
  insertion(jobs: readonly NewJob[]): Statement;
  /**
   * Inserts due jobs and claims them in the same transaction, so that no other worker sees them unclaimed. A job that is
   * not due yet by the clock of Postgres is inserted only.
   */
  insertClaimed(tx: Sql, jobs: readonly NewJob[]): Promise<Job[]>;
  /** The statement that does the same. The first claim of a job has the retryCount 0. */
  insertionClaimed(jobs: readonly NewJob[]): Statement;
  /**
   * The SQL that inserts a job for each row of a query: id, delivery, priority, date. For statements that decide themselves which
   * deliveries get a job. `areClaimed`: those that are due are inserted as claimed.
   */
  insertingFrom(source: string, areClaimed: boolean): string;
  /** Claims up to `limit` due jobs (from 16 on, down to a multiple of 16), highest priority first. */
  fetch(limit: number, range?: PriorityRange): Promise<Job[]>;
  /** Says that the claims are alive. */
  touch(jobs: readonly Job[]): Promise<void>;
  /** Gives claimed jobs back that were not begun: another worker may claim them at once, when it is their turn. */
  giveBack(jobs: readonly Job[], now: Date): Promise<void>;
  /** Gives a claimed job back, not to be claimed before `until`. */
  postpone(job: Job, until: Date): Promise<void>;
  /**
   * The statement that removes claimed jobs, except those that another worker has claimed since. It goes after
   * BY_JOB_ID.
   */
  removal(jobs: readonly Job[]): Promise<Statement>;
  /** Whether a job is claimed. A job that is not claimed stays so until the transaction ends. */
  isClaimed(tx: Sql, jobId: string): Promise<boolean>;
  /** Puts jobs that were interrupted ahead of all others; returns how many. */
  rescue(): Promise<number>;
  /** For a clock of Postgres that was set back: dates that pg-boss took from it lie in the future, and would be waited for. */
  catchUp(): Promise<void>;
  /** Removes jobs whatever their state. */
  discard(tx: Sql, jobIds: readonly string[]): Promise<void>;
};

type Options = {
  readonly database: Pick<Database, 'pool' | 'transact' | 'heartbeat' | 'connector'>;
  /** Whether this process looks for jobs of crashed workers. */
  readonly supervise: boolean;
  /** Longest time between claim and settlement. */
  readonly attemptTimeoutMs: number;
  readonly onError: (error: Error) => void;
  /** Tests drive pg-boss's timers and its SQL clock with a TestClock. */
  readonly clock?: BossClock;
};

// pg-boss takes no shorter heartbeat. With a look every SUPERVISE_SECONDS a crashed worker's jobs run again within 15 s.
const HEARTBEAT_SECONDS = 10;
const SUPERVISE_SECONDS = 5;
/**
 * No job has a group. But asked to mind groups, pg-boss claims by an array of ids, and a plan made while the queue was empty
 * stays right; without, it has joined each claim to the whole backlog (838,907 rows for a claim of 112 were seen).
 */
const NO_GROUPS = 1_000_000;
// A crash must never exhaust a job: it ends only when its attempt is settled.
const NEVER_EXHAUSTED = 1_000_000;
const YEAR_SECONDS = 365 * 86_400;
/** Jobs for each second between two counts, and the most seconds: see `deferCount`. */
const [JOBS_A_SECOND, MOST_BETWEEN_COUNTS_SECONDS] = [10_000, 60];
/** The statements of ours on pg-boss's tables, in its schema. */
const ownStatements = (schema: string) => ({
  /** Waits for a claim that is being made; a later claim passes over what this statement locks. */
  lockJob: `select state = 'active' as claimed from ${schema}.job_common where name = $1 and id = $2 for update`,
  /**
   * With each look for dead workers' jobs pg-boss counts all jobs, for the gauges (backlog.ts): 340 ms with 200,000 jobs, and no vacuum
   * gets past it. It leaves the count out until this time: so long after the last one that counting up to 600,000 takes 2 % of the time.
   */
  deferCount: `update ${schema}.version set monitor_backoff_on = counted.until
    from (
      select monitor_on + least(queued_count / ${JOBS_A_SECOND}, ${MOST_BETWEEN_COUNTS_SECONDS}) * interval '1 s' as until
      from ${schema}.queue where name = $1 and queued_count > ${JOBS_A_SECOND * SUPERVISE_SECONDS}
    ) as counted
    where counted.until > ${schema}.job_now() and counted.until is distinct from monitor_backoff_on`,
  /** A living worker touches its claims again within a heartbeat. Claims of a dead worker would seem alive for hours. */
  catchUp: [
    `update ${schema}.queue set monitor_on = least(monitor_on, ${schema}.job_now()),
       monitor_claim_on = least(monitor_claim_on, ${schema}.job_now()), maintain_on = least(maintain_on, ${schema}.job_now())`,
    `update ${schema}.job_common set heartbeat_on = ${schema}.job_now(), started_on = least(started_on, ${schema}.job_now())
     where state = 'active' and heartbeat_on > ${schema}.job_now()`,
    `update ${schema}.version set monitor_backoff_on = null
     where monitor_backoff_on > ${schema}.job_now() + ${MOST_BETWEEN_COUNTS_SECONDS} * interval '1 s'`,
  ],
});
/** A third of the heartbeat: one touch may be lost. */
export const TOUCH_INTERVAL_MS = (HEARTBEAT_SECONDS * 1_000) / 3;

export function createQueue({ database, supervise, attemptTimeoutMs, onError, clock }: Options): Queue {
  const { queueSchema: schema } = database.connector;
  const own = ownStatements(schema);
  const boss = new PgBoss({
    db: poolAdapter(database, onError),
    schema,
    schedule: false,
    supervise,
    superviseIntervalSeconds: SUPERVISE_SECONDS,
    monitorIntervalSeconds: SUPERVISE_SECONDS,
    ...(clock && { clock }),
  });
  boss.on('error', onError);
  const timers: Pick<BossClock, 'setInterval' | 'clearInterval'> = clock ?? globalThis;
  let deferring: ReturnType<typeof timers.setInterval> | undefined;
  let deferral: Promise<void> | undefined;

  /** One name for each text: the ends of the range are parameters, the limit is not. */
  function fetching(batchSize: number, { min, max }: PriorityRange): Promise<Statement> {
    const ends = { ...(min !== undefined && { minPriority: min }), ...(max !== undefined && { maxPriority: max }) };
    const name = [
      'fetch_jobs',
      batchSize,
      ...(min === undefined ? [] : ['min']),
      ...(max === undefined ? [] : ['max']),
    ].join('_');
    return captured(name, (db) => boss.fetch(QUEUE, { batchSize, ...ends, groupConcurrency: NO_GROUPS, db }));
  }

  /** Runs on the connection that no batch can take; returns the number of changed jobs. */
  async function heartbeat(statement: Statement): Promise<number> {
    const pools = { pool: database.heartbeat, reads: database.heartbeat };
    const [, , changed] = await transact(pools, [FORGETTABLE, BY_JOB_ID, statement]);
    return changed!.rowCount ?? 0;
  }

  function deferCount(): Promise<void> {
    const statement = { name: 'defer_job_count', text: own.deferCount, values: [QUEUE] };
    deferral = database
      .transact([FORGETTABLE, statement])
      .then(() => {})
      .finally(() => (deferral = undefined));
    return deferral;
  }

  async function catchUp(): Promise<void> {
    for (const statement of own.catchUp) await database.pool.query(statement);
  }

  return {
    async start() {
      await boss.start();
      const queue = {
        retryLimit: NEVER_EXHAUSTED,
        retryDelay: 0,
        heartbeatSeconds: HEARTBEAT_SECONDS,
        expireInSeconds: Math.ceil(attemptTimeoutMs / 1_000) + 60,
        retentionSeconds: YEAR_SECONDS,
      };
      await boss.createQueue(QUEUE, queue);
      await boss.updateQueue(QUEUE, queue);
      // Fills pg-boss's cache of the queue: otherwise its first use inside a transaction would wait for a second connection.
      await boss.deleteJob(QUEUE, '00000000-0000-0000-0000-000000000000');
      await catchUp();
      if (!supervise) return;
      await deferCount();
      // At once, and then every SUPERVISE_SECONDS: processes that live shorter than that look too.
      void boss.supervise(QUEUE).catch(onError);
      // One at a time: while PostgreSQL does not answer, no more are sent.
      const deferAgain = () => void (deferral ?? deferCount().catch(onError));
      deferring = timers.setInterval(deferAgain, SUPERVISE_SECONDS * 1_000);
    },
    async stop() {
      if (deferring !== undefined) timers.clearInterval(deferring);
      await deferral?.catch(() => {});
      await boss.stop({ graceful: false, close: false });
    },
    async insert(tx, jobs) {
      if (jobs.length > 0) await tx.query(insertingQueued(schema, QUEUE, jobs));
    },
    async insertClaimed(tx, jobs) {
      if (jobs.length === 0) return [];
      const taken = jobs.map((job) => ({ ...job, priority: TAKEN_PRIORITY }));
      const { rows: claimed } = await tx.query<{ id: string }>(insertingClaimed(schema, QUEUE, taken));
      const ids = new Set(claimed.map(({ id }) => id));
      return jobs.flatMap(({ id, deliveryId }) => (ids.has(id) ? { id, deliveryId, retryCount: 0 } : []));
    },
    ...jobInsertion(schema),
    async fetch(limit, range = {}) {
      const [, , , fetched] = await database.transact([
        IN_INDEX_ORDER,
        BY_JOB_ID,
        FORGETTABLE,
        await fetching(preparedLimit(limit), range),
      ]);
      return fetched!.rows.map(toJob);
    },
    async touch(jobs) {
      if (jobs.length > 0) await heartbeat(touching(schema, QUEUE, jobs));
    },
    async giveBack(jobs, now) {
      if (jobs.length === 0) return;
      await database.transact([
        FORGETTABLE,
        BY_JOB_ID,
        givingBack(schema, QUEUE, jobs, { priority: freshPriority(now) }),
      ]);
    },
    async postpone(job, until) {
      await database.transact([BY_JOB_ID, givingBack(schema, QUEUE, [job], { startAfter: until })]);
    },
    removal: (jobs) => captured('delete_jobs', (db) => boss.deleteJob(QUEUE, attempts(jobs), { db })),
    async isClaimed(tx, jobId) {
      const { rows } = await tx.query<{ claimed: boolean }>(own.lockJob, [QUEUE, jobId]);
      return rows[0]?.claimed ?? false;
    },
    rescue: () => heartbeat(rescuing(schema, QUEUE)),
    catchUp,
    async discard(tx, jobIds) {
      if (jobIds.length > 0) await boss.deleteJob(QUEUE, [...jobIds], { db: transactionAdapter(tx) });
    },
  };
}

/** Also for a process that has not started the queue. The workers find such jobs within a second. */
export const jobInsertion = (schema: string): Pick<Queue, 'insertion' | 'insertionClaimed' | 'insertingFrom'> => ({
  insertion: (jobs) => insertingQueued(schema, QUEUE, jobs),
  insertionClaimed: (jobs) => insertingClaimed(schema, QUEUE, jobs),
  insertingFrom: (source, areClaimed) => insertingFrom(schema, `'${QUEUE}'`, source, areClaimed),
});

type FetchedJob = {
  readonly id: string;
  readonly data: { readonly deliveryId: string; readonly givenBack?: number };
  readonly retryCount: number;
};

const toJob = ({ id, data, retryCount }: FetchedJob): Job => ({ id, retryCount, ...data });

const attempts = (jobs: readonly Job[]) => jobs.map(({ id, retryCount }) => ({ id, retryCount }));

const transactionAdapter = (tx: Sql): Db => ({ executeSql: (text, values) => tx.query(text, values as unknown[]) });

/** pg-boss writes the limit into the statement, and each limit is a statement of its own: few are worth preparing. */
const preparedLimit = (limit: number): number => (limit < 16 ? limit : limit - (limit % 16));

/** Returns the statement of a pg-boss call without running it: it can then travel with others in one round trip. */
async function captured(name: string, call: (db: Db) => Promise<unknown>): Promise<Statement> {
  let statement: Statement | undefined;
  await call({
    executeSql: async (text, values = []) => {
      statement = { name, text, values };
      return { rows: [{ count: '0', ids: [] }] };
    },
  });
  if (!statement) throw new Error(`pg-boss ran no statement for ${name}`);
  return statement;
}

/** Matches a text of pg-boss that is a transaction of several statements; any other can be part of a transaction. */
const BEGINS = /^\s*begin;/i;
const WRITES = /^\s*(with|update|insert|delete)\b/i;

/**
 * pg-boss on our pools; the session statements are those of a TestClock, which must reach every connection. What pg-boss
 * writes by itself is done again by the next process that looks, so it does not hang with a standby that is away.
 */
function poolAdapter({ pool, heartbeat, transact }: Options['database'], onError: (error: Error) => void): Db {
  let sessionStatements: string[] = [];
  for (const each of [pool, heartbeat]) {
    each.on('connect', (client) => {
      for (const statement of sessionStatements) client.query(statement).catch(onError);
    });
  }
  return {
    async executeSql(text, values = []) {
      if (BEGINS.test(text)) return pool.query(text.replace(BEGINS, '$& set local synchronous_commit = off;'));
      if (!WRITES.test(text)) return pool.query(text, values);
      const [, result] = await transact([FORGETTABLE, { name: '', text, values }]);
      return result!;
    },
    setSessionStatements: async (statements) => {
      sessionStatements = statements;
    },
  };
}

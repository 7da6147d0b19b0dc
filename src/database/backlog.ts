/**
 * Figures of what waits, for gauges: a few seconds old at most, those of jobs a minute, cheap however much waits, and never waited
 * for long. Each read takes a few steps in an index, or stops at MOST_COUNTED.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import type { Database } from './client.ts';
import { IN_INDEX_ORDER, type Statement } from './statement.ts';
import { AT_ONCE_MS, BAND } from './priority.ts';
import { QUEUE } from './job.ts';

export type Backlog = {
  /**
   * Jobs that a worker may claim, and jobs that are due later, as pg-boss counted them within the last seconds; above 50,000 of
   * both, within a second for each 10,000, and a minute at most (queue.ts).
   */
  readonly due: number;
  readonly dated: number;
  /** For how long the oldest of the next jobs has been due; 0 when no job is due. */
  readonly oldestDueSeconds: number;
  /** Held deliveries; MOST_COUNTED means that many or more. */
  readonly held: number;
  /** How many targets these are for. */
  readonly heldLanes: number;
  /** Chains in which a delivery waits for another one, among the MOST_CHAINED oldest deliveries of chains. */
  readonly chainsBlocked: number;
  /** Time since the publish of the oldest of these deliveries. */
  readonly oldestBlockedSeconds: number;
  readonly streamLagSeconds: number;
  /** Age of the oldest committed change that the statistics have not counted; 0 when all are. */
  readonly statisticsLagSeconds: number;
};

export type BacklogReader = {
  /** Null when Postgres does not answer in time. Never rejects. */
  read(): Promise<Backlog | null>;
};

type Options = {
  readonly database: Pick<Database, 'transact' | 'connector'>;
  readonly clock: Clock;
  /** The place up to which the live stream has passed changes on; null when nobody watches it. */
  readonly streamedTo: () => { readonly xid: bigint; readonly seq: bigint } | null;
  readonly onError: (error: Error) => void;
};

/** Postgres is asked this often at most, however many readers ask. */
const FRESH_MS = 3_000;
/** A scrape waits this long; Postgres is told to give up a little earlier. */
const PATIENCE_MS = 1_500;
const STATEMENT_MS = 1_000;
export const MOST_COUNTED = 10_000;
/** Deliveries of chains that are looked at: a step in an index for each. */
const MOST_CHAINED = 1_000;
/** Fresh jobs are claimed by turns, not by age: the oldest is looked for among this many of the next jobs. */
const NEXT_JOBS = 1_000;

export function createBacklogReader({ database, clock, streamedTo, onError }: Options): BacklogReader {
  const all = waiting(database.connector.queueSchema);
  let reading: Promise<Backlog | null> | undefined;
  let newest: { readonly value: Promise<Backlog | null>; readonly atMs: number } | undefined;

  async function ask(): Promise<Backlog | null> {
    const position = streamedTo();
    const statements: Statement[] = [LIMIT, IN_INDEX_ORDER, all, STATISTICS_LAG, CHAINS_BLOCKED];
    if (position) statements.push({ name: 'measure_stream_lag', text: STREAM, values: [position.xid, position.seq] });
    const [, , counted, statistics, blocked, stream] = await database.transact(statements);
    const { due, dated, held, heldLanes, oldestDueSeconds } = counted!.rows[0];
    const streamLagSeconds: number = stream?.rows[0]?.seconds ?? 0;
    const statisticsLagSeconds: number = statistics?.rows[0]?.seconds ?? 0;
    const { chainsBlocked, oldestBlockedSeconds } = blocked!.rows[0];
    const order = { chainsBlocked, oldestBlockedSeconds };
    return { due, dated, held, heldLanes, oldestDueSeconds, ...order, streamLagSeconds, statisticsLagSeconds };
  }

  return {
    read() {
      if (newest && clock.monotonicMs() - newest.atMs < FRESH_MS) return newest.value;
      // A read that Postgres has not answered yet is not sent again: connections are few.
      reading ??= ask()
        .catch((error: Error) => {
          onError(error);
          return null;
        })
        .finally(() => (reading = undefined));
      const value = Promise.race([reading, delay(PATIENCE_MS, null, { ref: false })]);
      newest = { value, atMs: clock.monotonicMs() };
      return value;
    },
  };
}

const LIMIT: Statement = {
  name: 'limit_backlog_read',
  text: `select set_config('statement_timeout', '${STATEMENT_MS}', true)`,
  values: [],
};

/** Since when a fresh job is due. Those that may run at once are dated back (dueAtOnce). */
const freshDue = (schema: string): string =>
  `start_after + case when start_after <= ${schema}.job_now() - ${AT_ONCE} then ${AT_ONCE} else interval '0' end`;
const AT_ONCE = `interval '${AT_ONCE_MS} ms'`;

/** Reads since when jobs are due, in the order of their index; `and` continues the condition. */
const nextJobs = (schema: string, due: string, and: string, limit: number): string => `
  (select ${due} as due from ${schema}.job_common
   where name = '${QUEUE}' and state < 'active' and not blocked and start_after <= ${schema}.job_now() and ${and}
   order by priority desc, created_on limit ${limit})`;

const waiting = (schema: string): Statement => ({
  name: 'count_backlog',
  text: `
    select counted.due, counted.dated, held.count as held, held.lanes as "heldLanes", greatest(oldest.seconds, 0)::float8 as "oldestDueSeconds"
    from (
      select greatest(queued_count - deferred_count, 0) as due, deferred_count as dated
      from ${schema}.queue where name = '${QUEUE}'
    ) as counted,
    (
      select count(*)::int as count, count(distinct target_id)::int as lanes
      from (select target_id from deliveries where held limit ${MOST_COUNTED}) as first
    ) as held,
    (
      select extract(epoch from ${schema}.job_now() - min(due)) as seconds
      from (${nextJobs(schema, freshDue(schema), `priority > -${BAND}`, NEXT_JOBS)}
        union all ${nextJobs(schema, 'start_after', `priority <= -${BAND}`, 1)}) as next
    ) as oldest`,
  values: [],
});

const STATISTICS_LAG: Statement = {
  name: 'measure_statistics_lag',
  text: `
    select greatest(extract(epoch from clock_timestamp() - occurred_at), 0)::float8 as seconds
    from delivery_changes where (xid, seq) > (
      coalesce((select xid from statistics_progress where part = 'live'), '0'),
      coalesce((select seq from statistics_progress where part = 'live'), 0))
    order by xid, seq limit 1`,
  values: [],
};

// The second of each chain has waited for the longest of those that wait.
const CHAINS_BLOCKED: Statement = {
  name: 'count_blocked_chains',
  text: `
    select count(*)::int as "chainsBlocked",
      coalesce(greatest(extract(epoch from clock_timestamp() - min(d.created_at)), 0), 0)::float8 as "oldestBlockedSeconds"
    from (
      select delivery_id, row_number() over (partition by target_id, chain order by place) as nth
      from (
        select delivery_id, target_id, chain, place from ordered_deliveries order by delivery_id limit ${MOST_CHAINED}
      ) as oldest
    ) as ranked
    join deliveries d on d.id = ranked.delivery_id
    where ranked.nth = 2`,
  values: [],
};

const STREAM = `
  select greatest(extract(epoch from clock_timestamp() - occurred_at), 0)::float8 as seconds
  from delivery_changes where (xid, seq) > ($1::xid8, $2::bigint) order by xid, seq limit 1`;

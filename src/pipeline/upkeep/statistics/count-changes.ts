/**
 * AttemptCounts the next changes, in one statement: their counts by minute, target and event type become rows of fresh_statistics,
 * and the position moves past them. Only changes below the commit horizon are read: they are final (live/tail.ts).
 *
 * An attempt counts in the minute in which it was recorded: the time of its change. So minutes that are over stay as they are.
 *
 * The transaction has an id only from its first insert on, when all has been read and grouped: until then it holds no stream up.
 */
import type { PoolClient } from 'pg';
import { OUTCOME_KEY_FACTOR, OUTCOME_NUMBERS } from '../../../domain/statistics/counts.ts';
import { BUCKET_GROWTH, EXACT_BUCKETS } from '../../../domain/statistics/tally.ts';
import type { Part, RollUpProgress } from './progress.ts';

/** How many changes one step looks at. At 5,000 deliveries a second, a second makes as many. */
export const STEP_CHANGES = 10_000;

/** Returns how many changes were looked at: fewer than STEP_CHANGES at the end. */
export async function countChanges(tx: PoolClient, part: Part, { position, until }: RollUpProgress): Promise<number> {
  const values = [part, position.xid, position.seq, ...(until ? [until.xid, until.seq] : [])];
  const { rows } = await tx.query<{ looked: number }>({ name: `count_${part}_changes`, text: COUNT[part], values });
  return rows[0]!.looked;
}

const bucketOf = (ms: string): string => `
  case when ${ms} < ${EXACT_BUCKETS} then ${ms}
    else ${EXACT_BUCKETS} + floor(ln(${ms} / ${EXACT_BUCKETS}.0::float8) / ${Math.log(BUCKET_GROWTH)})::int end`;

const OUTCOME_KEY = `
  ${OUTCOME_KEY_FACTOR} * case outcome ${Object.entries(OUTCOME_NUMBERS)
    .map(([outcome, number]) => `when '${outcome}' then ${number}`)
    .join(' ')} end
    + case when response_status between 200 and 599 then response_status / 100 else 0 end`;

// Changes that a process of the release before recorded say nothing of their attempts. Such an attempt may have been corrected
// since: then it has two changes, and counts with the one that agrees with it. All its deliveries were first ones. The laterals
// keep the planner from reading all attempts.
const TOLD = `
    select 1, c.organization_id, c.target_id, c.event_type, c.attempt_number, c.occurred_at, c.status = 'FAILED',
      a.trigger, a.outcome, a.duration_ms, a.response_status,
      case when a.outcome = 'DELIVERED' then greatest(0, least(2147483647,
        a.duration_ms + floor(extract(epoch from a.started_at - d.created_at) * 1000)))::int end
    from step c
    cross join lateral (
      select * from delivery_attempts where delivery_id = c.delivery_id and number = c.attempt_number offset 0) as a
    cross join lateral (select created_at from deliveries where id = c.delivery_id offset 0) as d
    where c.outcome is null and c.attempt_number is not null and (c.status = 'DELIVERED') = (a.outcome = 'DELIVERED')`;

const NOTED = `
    select weight, organization_id, target_id, event_type, attempt_number, occurred_at, false, trigger, outcome,
      duration_ms, response_status, latency_ms
    from noted`;

const TAKE_NOTED = `, noted as (delete from uncounted_attempts returning *)`;

const counting = (part: Part): string => `
  with step as materialized (
    select c.*
    from delivery_changes c
    where (c.xid, c.seq) > ($2::xid8, $3::bigint) and c.xid < pg_snapshot_xmin(pg_current_snapshot())
      ${part === 'history' ? 'and (c.xid, c.seq) <= ($4::xid8, $5::bigint)' : ''}
    order by c.xid, c.seq limit ${STEP_CHANGES}
  )${part === 'live' ? TAKE_NOTED : ''}, attempt (weight, organization_id, target_id, event_type, attempt_number, occurred_at,
    is_exhausted, trigger, outcome, duration_ms, response_status, latency_ms) as (
    select 1, organization_id, target_id, event_type, attempt_number, occurred_at, status = 'FAILED', trigger, outcome,
      duration_ms, response_status::int, latency_ms
    from step where outcome is not null
    union all ${TOLD}
    ${part === 'live' ? `union all ${NOTED}` : ''}
  ), kind as (
    select organization_id, target_id, event_type, date_trunc('minute', occurred_at) as at,
      attempt_number > 1 as is_retry, trigger = 'MANUAL' as is_manual, is_exhausted, outcome = 'DELIVERED' as is_delivered,
      ${OUTCOME_KEY} as outcome_key, ${bucketOf('duration_ms')} as duration, ${bucketOf('latency_ms')} as latency,
      sum(weight)::int as count
    from attempt group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
  ), counted as (
    insert into fresh_statistics (organization_id, target_id, event_type, at, attempts, delivered, retries, manual, exhausted,
      outcomes, durations, latencies)
    select organization_id, target_id, event_type, at, sum(count),
      ${['is_delivered', 'is_retry', 'is_manual', 'is_exhausted']
        .map((condition) => `coalesce(sum(count) filter (where ${condition}), 0)`)
        .join(', ')},
      ${['outcome_key', 'duration', 'latency'].map(tallying).join(', ')}
    from kind group by 1, 2, 3, 4
  ), moved as (
    update statistics_progress p set xid = last.xid, seq = last.seq
    from (select s.xid, s.seq from step s order by s.xid desc, s.seq desc limit 1) as last
    where p.part = $1
  )
  select count(*)::int as looked from step`;

const tallying = (key: string): string =>
  `('[' || coalesce(string_agg(${key} || ',' || count, ',') filter (where ${key} is not null), '') || ']')::json`;

const COUNT: Readonly<Record<Part, string>> = { live: counting('live'), history: counting('history') };

/** What the statistics must say, counted from the attempts themselves; and what they say. */
import type { Sql } from '../../../src/database/statement.ts';
import { BUCKET_GROWTH, EXACT_BUCKETS } from '../../../src/domain/statistics/tally.ts';
import { OUTCOME_NUMBERS } from '../../../src/domain/statistics/counts.ts';

const number = Object.entries(OUTCOME_NUMBERS).map(([outcome, is]) => `when '${outcome}' then ${is}`);
const bucket = (ms: string) =>
  `case when ${ms} < ${EXACT_BUCKETS} then ${ms} else ${EXACT_BUCKETS} + floor(ln(${ms} / ${EXACT_BUCKETS}::float8) / ln(${BUCKET_GROWTH}::float8))::int end`;

/** A count of all attempts that are kept: `what` is a plain count, an outcome or a duration. */
const ATTEMPTS = `
  select d.organization_id, d.target_id, d.event_type, what, count(*) from delivery_attempts a join deliveries d on d.id = a.delivery_id
  cross join lateral unnest(array['attempt', case when a.outcome = 'DELIVERED' then 'delivered' end,
    case when a.number > 1 then 'retry' end, case when a.trigger = 'MANUAL' then 'manual' end,
    'outcome ' || 10 * case a.outcome ${number.join(' ')} end + coalesce(a.response_status / 100, 0),
    'duration ' || ${bucket('a.duration_ms')}]) as what
  where what is not null group by 1, 2, 3, 4`;

const tally = (name: string, column: string) => `
  select organization_id, target_id, event_type, '${name} ' || (${column}->>(2 * n)), (${column}->>(2 * n + 1))::int
  from row cross join lateral generate_series(0, json_array_length(${column}) / 2 - 1) as n`;

/** What is counted: the rows of one step, and what is not merged yet. */
const countedIn = (stepSeconds: number) => `
  with row as (
    select organization_id, target_id, event_type, attempts, delivered, retries, manual, outcomes, durations from fresh_statistics
    union all
    select organization_id, target_id, event_type, attempts, delivered, retries, manual, outcomes, durations from delivery_statistics
    where step_seconds = ${stepSeconds} and target_id <> '' and event_type <> ''
  ), part (organization_id, target_id, event_type, what, count) as (
    select organization_id, target_id, event_type, 'attempt', attempts from row
    union all select organization_id, target_id, event_type, 'delivered', delivered from row
    union all select organization_id, target_id, event_type, 'retry', retries from row
    union all select organization_id, target_id, event_type, 'manual', manual from row
    union all ${tally('outcome', 'outcomes')} union all ${tally('duration', 'durations')}
  )
  select organization_id, target_id, event_type, what, sum(count)::bigint as count from part group by 1, 2, 3, 4 having sum(count) <> 0`;

export type Difference = { readonly what: string; readonly made: number | null; readonly counted: number | null };

/** Where a count of all attempts and the statistics by this step differ. They must not. */
export async function statisticsDifferences(sql: Sql, stepSeconds = 86_400): Promise<Difference[]> {
  const { rows } = await sql.query<Difference>(`
    select concat_ws(' ', a.target_id, a.event_type, what) as what, a.count::int as made, s.count::int as counted
    from (${ATTEMPTS}) as a full join (${countedIn(stepSeconds)}) as s using (organization_id, target_id, event_type, what)
    where a.count is distinct from s.count order by 1`);
  return rows;
}

/** The sums of all targets and event types say the same as their parts. Returns the steps that do not. */
export async function unequalSums(sql: Sql): Promise<unknown[]> {
  const { rows } = await sql.query(`
    select step_seconds, at, array_agg(distinct attempts) as sums from (
      select step_seconds, at, target_id = '' as all_targets, event_type = '' as all_types, sum(attempts) as attempts
      from delivery_statistics group by organization_id, 1, 2, 3, 4
    ) as sum group by 1, 2 having count(*) <> 4 or count(distinct attempts) <> 1`);
  return rows;
}

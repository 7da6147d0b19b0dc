/** What statistics may read. Their rows are made here: those of all hours and days of 30 days. */
import type pg from 'pg';
import type { Check } from './checks.ts';
import { EVENT_TYPES, type Organization } from './population.ts';
import type { World } from './world.ts';

const STATISTICS = 'delivery_statistics by delivery_statistics_pkey';
const EXPIRED = 'delivery_statistics by delivery_statistics_step_seconds_at_idx';
const HISTORY = 'delivery_changes by delivery_changes_pkey';
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const HOURS = 720;
/** Of so many deliveries, one target is busy in each hour. */
const DELIVERIES_PER_TARGET = 10_000;
/** As if the roll-up had come up to here. */
const UNCOUNTED_CHANGES = 10_000;

type Options = { readonly organizations: readonly Organization[]; readonly deliveries: number; readonly now: Date };

/** Statistics of targets of the largest organization, in each hour. */
export async function populateStatistics(pool: pg.Pool, { organizations, deliveries, now }: Options): Promise<void> {
  const { id, targetIds } = organizations[0]!;
  const targets = targetIds.slice(0, Math.max(5, deliveries / DELIVERIES_PER_TARGET));
  for (const [seconds, steps] of [
    [3_600, HOURS],
    [86_400, HOURS / 24],
  ]) {
    await pool.query(INSERT, [id, seconds, steps, now, [...targets, ''], [...EVENT_TYPES, '']]);
  }
  await pool.query(PROGRESS, [UNCOUNTED_CHANGES]);
  await pool.query('vacuum (analyze) delivery_statistics');
}

const INSERT = `
  insert into delivery_statistics (organization_id, step_seconds, at, target_id, event_type, attempts, delivered, retries, manual,
    exhausted, outcomes, durations, latencies)
  select $1, $2::int, to_timestamp(floor(extract(epoch from $4::timestamptz) / $2 - n) * $2), target, type, 500, 490, 10, 0, 0,
    '[12,490,25,10]', tally.text, tally.text
  from generate_series(0, $3::int - 1) as n, unnest($5::text[]) as target, unnest($6::text[]) as type,
    (select ('[' || string_agg(key || ',' || 500 / key, ',') || ']')::json as text from generate_series(3, 40) as key) as tally
  order by n desc, target, type`;

const PROGRESS = `
  insert into statistics_progress (part, xid, seq)
  select 'live', xid, seq from delivery_changes order by xid desc, seq desc offset $1 limit 1`;

const todayMs = ({ clock }: World): number => Math.floor(clock.now().getTime() / DAY_MS) * DAY_MS;

/**
 * Up to now, with 23 hours at the begin whatever the time of day: 29 to 30 days. For a few hours only, PostgreSQL may rightly
 * take those of all targets by the index of the times.
 */
const longBegin = (world: World): string => `gte: "${new Date(todayMs(world) - 29 * DAY_MS + HOUR_MS).toISOString()}"`;
const range = (world: World): string => `range: { ${longBegin(world)} }`;
/** The same with 23 hours at the end, too. */
const longEnds = (world: World): string =>
  `range: { ${longBegin(world)}, lt: "${new Date(todayMs(world) - HOUR_MS).toISOString()}" }`;

const POINT = 'at attempts delivered failed retries outcomes { outcome statusClass count } latencyMs { p50 p99 }';

/** 30 days by the hour of one target, as a console shows it. */
export const ofTarget = (world: World): string =>
  `{ deliveryStatistics(${range(world)}, granularity: HOUR, filter: { targetId: "${world.heldTargetId}" }) {
    upTo total { ${POINT} } points { ${POINT} } } }`;

/** A page of deliveries of the same target, as a console shows it: there are more than a hundred of them. */
export const pageOfTarget = ({ heldTargetId }: World): string =>
  `{ deliveries(first: 100, filter: { targetId: "${heldTargetId}" }) { nodes {
    id status attemptCount nextAttemptAt createdAt event { id createdAt } target { id url }
    attempts(last: 1) { nodes { number outcome responseStatus durationMs error startedAt } } } } }`;

export const STATISTICS_READS: readonly Check[] = [
  {
    name: 'statistics: 30 days by the hour of a target',
    reads: [STATISTICS, HISTORY],
    pages: 6_000,
    run: (world) => world.query(ofTarget(world)),
  },
  {
    name: 'statistics: of the organization',
    reads: [STATISTICS],
    pages: 6_000,
    run: (world) => world.query(`{ deliveryStatistics(${range(world)}, granularity: HOUR) { total { attempts } } }`),
  },
  {
    name: 'statistics: of each target of a page',
    reads: [STATISTICS],
    pages: 60_000,
    run: (world) =>
      world.query(`{ webhookTargets(first: 100) { nodes {
        statistics(${longEnds(world)}, granularity: HOUR) { total { attempts failed } } } } }`),
  },
  {
    name: 'statistics: the targets and types that fail most',
    reads: [STATISTICS],
    pages: 60_000,
    run: (world) =>
      world.query(`{ deliveryStatistics(${range(world)}, granularity: HOUR) {
        byTarget(first: 5) { target { url } total { failed } } byEventType(first: 5) { total { failed } } } }`),
  },
  {
    name: 'roll-up: the next changes of the release before',
    reads: [HISTORY, 'delivery_attempts by delivery_attempts_pkey', 'deliveries by deliveries_pkey'],
    pages: 200_000,
    run: (world) => world.rollUp.counting.run(),
  },
  {
    name: 'roll-up: merge what was counted',
    reads: [STATISTICS, EXPIRED, 'delivery_statistics by Tid Scan'],
    pages: 60_000,
    run: (world) => world.rollUp.merging.run(),
  },
];

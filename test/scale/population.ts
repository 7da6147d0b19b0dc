/**
 * A database with a past, made in SQL: organizations of very different size, 1,000 targets, and the events of a month with
 * their deliveries, attempts and changes. Ids begin as KSUIDs of their time do and go on with a counter, so they lie in the
 * indexes as real ones would.
 */
import type pg from 'pg';
import { retryPriority } from '../../src/database/priority.ts';
import { firstIdAt } from '../../src/domain/ksuid.ts';
import type { Fixtures } from '../support/fixtures.ts';
import { populateStatistics } from './statistics-checks.ts';
import { listByTags, tagsOf, tagTen } from './tag-checks.ts';

export type Organization = { readonly id: string; readonly targetIds: readonly string[] };

/** `organizations`: the largest first. */
export type Population = { readonly organizations: readonly Organization[]; readonly heldTargetId: string };

type Options = {
  readonly pool: pg.Pool;
  /** Where pg-boss has its tables. */
  readonly queueSchema: string;
  readonly fixtures: Fixtures;
  /** About so many. */
  readonly deliveries: number;
  readonly now: Date;
};

export const EVENT_TYPES = ['transaction.auto.updated', 'customer.created', 'wallet.created'] as const;
const ORGANIZATIONS = 12;
const TARGETS = 1_000;
const DELIVERIES_PER_EVENT = 10;
const CHANGES_PER_TARGET = 20;
const MOST_CHUNK_EVENTS = 2_500;
const FEWEST_CHUNKS = 40;
const HELD_DELIVERIES = 10_000;
const DAY_MS = 86_400_000;
const TAGGED = ['event_tags', 'delivery_tags'];
const LARGE = ['events', 'deliveries', 'delivery_attempts', 'delivery_changes', 'event_changes'];

export async function populate({ pool, queueSchema, fixtures, deliveries, now }: Options): Promise<Population> {
  const tables = [...LARGE, ...TAGGED, `${queueSchema}.job_common`, 'target_changes'];
  for (const name of EVENT_TYPES) await fixtures.eventType({ name });
  const organizations: Organization[] = [];
  for (let nth = 0; nth < ORGANIZATIONS; nth++) organizations.push(await makeOrganization(fixtures, shareOf(nth)));

  // Over 200,000 it pays to insert without indexes and to build them whole.
  const isBulk = deliveries > 200_000;
  if (isBulk) await pool.query(SET_INDEXES_UNREADY, [[...LARGE, ...TAGGED]]);
  const insert = chunkStatement(queueSchema);
  await insertEvents(pool, insert, organizations, { events: Math.ceil(deliveries / DELIVERIES_PER_EVENT), now });
  if (isBulk) for (const table of tables) await pool.query(`reindex table ${table}`);
  await tagTen(pool, organizations[0]!.id);
  await pool.query(TARGET_CHANGES, [CHANGES_PER_TARGET, now]);
  const [largest] = organizations as [Organization];
  const heldTargetId = largest.targetIds[0]!;
  await pool.query(HELD, [
    largest.id,
    heldTargetId,
    firstIdAt(now).slice(0, 8),
    Math.min(HELD_DELIVERIES, deliveries / 50),
  ]);
  for (const table of tables) await pool.query(`vacuum (freeze, analyze) ${table}`);
  await populateStatistics(pool, { organizations, deliveries, now });
  await pool.query('analyze');
  return { organizations, heldTargetId };
}

/** The largest of 12 has 44 % of everything, the next 11 %, the smallest 3 %. */
const shareOf = (nth: number): number => Math.cbrt((nth + 1) / ORGANIZATIONS) - Math.cbrt(nth / ORGANIZATIONS);

async function makeOrganization(fixtures: Fixtures, share: number): Promise<Organization> {
  const { id } = await fixtures.organization();
  const targetIds: string[] = [];
  for (let made = 0; made < Math.round(TARGETS * share); made++) {
    // Every second one takes everything, the others one type each.
    const eventTypes = made % 2 === 0 ? [] : [EVENT_TYPES[made % EVENT_TYPES.length]!];
    targetIds.push((await fixtures.target({ organizationId: id, eventTypes })).id);
  }
  return { id, targetIds };
}

type Amount = { readonly events: number; readonly now: Date };

async function insertEvents(
  pool: pg.Pool,
  insert: string,
  organizations: readonly Organization[],
  { events, now }: Amount,
) {
  const chunkEvents = Math.min(MOST_CHUNK_EVENTS, Math.ceil(events / FEWEST_CHUNKS));
  const chunks = Math.ceil(events / chunkEvents);
  const sizes = organizations.map(({ targetIds }) => targetIds.length);
  const firsts = sizes.map((_, nth) => sizes.slice(0, nth).reduce((sum, size) => sum + size, 0));
  const constants = [
    organizations.map(({ id }) => id),
    firsts,
    sizes,
    organizations.flatMap(({ targetIds }) => targetIds),
    EVENT_TYPES,
    retryPriority(now),
  ];
  let next = 0;
  const lane = async () => {
    while (next < chunks) {
      const chunk = next++;
      // Over the last 29 days, none of it in the last hour.
      const time = new Date(now.getTime() - DAY_MS / 24 - (29 * DAY_MS * (chunks - chunk)) / chunks);
      const count = Math.min(chunkEvents, events - chunk * chunkEvents);
      await pool.query(insert, [firstIdAt(time).slice(0, 8), count, time, now, ...constants]);
    }
  };
  await Promise.all([lane(), lane()]);
}

const SET_INDEXES_UNREADY = `
  update pg_index set indisready = false where indrelid = any(select to_regclass(name) from unnest($1::text[]) as name)`;

/** 8 characters of the time, 8 of the row's number, and the rest by chance. */
const idOf = (number: string, prefix = '$1'): string =>
  `${prefix} || lpad(to_hex(${number}), 8, '0') || substr(md5(random()::text), 1, 11)`;

// Of the deliveries, 1 % FAILED, 0.5 % CANCELLED, and of the last two days' 2 % RETRYING, with their dated jobs.
const chunkStatement = (queueSchema: string): string => `
  with drawn as (
    select n, 1 + floor(${ORGANIZATIONS} * power((n * 7919 % 10007) / 10007.0, 3))::int as nth,
      ($9::text[])[1 + n % ${EVENT_TYPES.length}] as event_type
    from generate_series(1, $2::int) as n
  ), event as (
    insert into events (id, organization_id, event_type, body, created_at, tags)
    select ${idOf('n')}, ($5::text[])[nth], event_type,
      '{"id":"","event":"' || event_type || '","data":{"text":"' || repeat(md5(n::text), 8) || '"}}', $3::timestamptz,
      ${tagsOf('n')}
    from drawn
    returning id, organization_id, event_type, tags
  ), published as (
    insert into event_changes (organization_id, event_id, event_type, occurred_at)
    select organization_id, id, event_type, $3 from event
  ), delivered as (
    select event.id as event_id, event.organization_id, event.event_type, at.number,
      ($8::text[])[1 + ($6::int[])[org.nth] + (at.number + t) % ($7::int[])[org.nth]] as target_id,
      (case when (at.number + t) % 200 < 2 then 'FAILED' when (at.number + t) % 200 = 2 then 'CANCELLED'
         when (at.number + t) % 200 < 7 and $3 > $4::timestamptz - interval '2 days' then 'RETRYING'
         else 'DELIVERED' end)::delivery_status as status
    from (select *, row_number() over (order by id) as row from event) as event
    join unnest($5::text[]) with ordinality as org (id, nth) on org.id = event.organization_id
    cross join generate_series(1, ${DELIVERIES_PER_EVENT}) as t
    cross join lateral (select (event.row * ${DELIVERIES_PER_EVENT} + t)::int as number) as at
  ), delivery as (
    insert into deliveries (id, organization_id, event_id, target_id, event_type, status, attempt_count, max_attempts,
      job_id, next_attempt_at, last_attempt_at, delivered_at, created_at, updated_at)
    select ${idOf('number')}, organization_id, event_id, target_id, event_type, status,
      case status when 'FAILED' then 10 else 1 end, 10, case status when 'RETRYING' then gen_random_uuid() end,
      case status when 'RETRYING' then $4::timestamptz + random() * interval '12 hours' end, $3,
      case status when 'DELIVERED' then $3::timestamptz end, $3, $3
    from delivered order by number
    returning id, organization_id, event_id, target_id, event_type, status, attempt_count, job_id, next_attempt_at
  ), attempt as (
    insert into delivery_attempts (delivery_id, number, trigger, outcome, response_status, response_headers, response_body,
      duration_ms, started_at)
    select id, number, 'SCHEDULE', (case status when 'DELIVERED' then 'DELIVERED' else 'HTTP_ERROR' end)::attempt_outcome,
      case status when 'DELIVERED' then 204 else 500 end, '{"date":"Thu, 01 Jan 2026 00:00:00 GMT"}', '', 12, $3
    from delivery, generate_series(1, attempt_count) as number
  ), job as (
    insert into ${queueSchema}.job_common (id, name, data, priority, start_after, created_on, keep_until, heartbeat_seconds)
    select job_id, 'attempts', jsonb_build_object('deliveryId', id), $10::int - extract(epoch from next_attempt_at - $4)::int,
      next_attempt_at, $3, $4 + interval '1 year', 10
    from delivery where job_id is not null
  ), ${listByTags('$3')}
  insert into delivery_changes (organization_id, delivery_id, target_id, event_id, event_type, previous_status, status,
    attempt_number, occurred_at)
  select organization_id, id, target_id, event_id, event_type, change.previous, coalesce(change.status, delivery.status),
    change.number, $3
  from delivery, (values (null::delivery_status, 'PENDING'::delivery_status, null::int), ('PENDING', null, 1))
    as change (previous, status, number)
  order by id, change.number nulls first`;

// Each target was disabled and set ACTIVE again, time after time.
const TARGET_CHANGES = `
  insert into target_changes (organization_id, target_id, previous_status, status, occurred_at)
  select t.organization_id, t.id, (case n % 2 when 1 then 'ACTIVE' else 'DISABLED' end)::webhook_target_status,
    (case n % 2 when 0 then 'ACTIVE' else 'DISABLED' end)::webhook_target_status,
    $2::timestamptz - interval '29 days' * (1 - n / $1::float8)
  from generate_series(1, $1::int) as n, webhook_targets t
  order by n, t.id`;

// What waits for a target that hangs.
const HELD = `
  insert into deliveries (id, organization_id, event_id, target_id, event_type, status, max_attempts, next_attempt_at, held,
    created_at, updated_at)
  select ${idOf('n', '$3')}, $1, id, $2, '${EVENT_TYPES[0]}', 'PENDING', 10, now(), true, now(), now()
  from (select id, row_number() over (order by id) as n from events where organization_id = $1 limit $4) as event`;

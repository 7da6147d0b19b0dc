/**
 * Deliveries that are over, made in SQL with their events, attempts and changes. One in a hundred has FAILED. Ids begin like
 * KSUIDs of their time and go on with a counter, so they lie in the indexes like real ids.
 */
import type pg from 'pg';
import { firstIdAt } from '../../src/domain/ksuid.ts';
import { firstOrganization } from './targets.ts';

export type History = {
  readonly deliveries: number;
  readonly targetIds: readonly string[];
  readonly eventType: string;
  /** Default: whether it pays. Indexes are then built at the end. */
  readonly isBulk?: boolean;
};

const TABLES = ['events', 'deliveries', 'delivery_attempts', 'delivery_changes'];
const DELIVERIES_PER_EVENT = 20;
const CHUNK_EVENTS = 2_500;
const DAY_MS = 86_400_000;

export async function makeHistory(pool: pg.Pool, history: History): Promise<void> {
  const { deliveries, targetIds, eventType, isBulk = deliveries > 200_000 } = history;
  const organizationId = await firstOrganization(pool);
  const events = deliveries / DELIVERIES_PER_EVENT;
  const chunks = Math.ceil(events / CHUNK_EVENTS);
  const now = Date.now();
  // Not ready: rows are inserted without them, and reindex builds them whole.
  if (isBulk) await pool.query(SET_INDEXES_UNREADY, [TABLES]);
  let next = 0;
  const lane = async () => {
    while (next < chunks) {
      const chunk = next++;
      // Over the last 29 days, none of it in the last hour.
      const time = new Date(now - DAY_MS / 24 - (29 * DAY_MS * (chunks - chunk)) / chunks);
      const count = Math.min(CHUNK_EVENTS, events - chunk * CHUNK_EVENTS);
      await pool.query(CHUNK, [firstIdAt(time).slice(0, 8), count, organizationId, eventType, time, targetIds]);
    }
  };
  await Promise.all([lane(), lane()]);
  for (const table of TABLES) {
    if (isBulk) await pool.query(`reindex table ${table}`);
    await pool.query(`vacuum (freeze, analyze) ${table}`);
  }
}

const SET_INDEXES_UNREADY = `
  update pg_index set indisready = false where indrelid = any(select to_regclass(name) from unnest($1::text[]) as name)`;

// An id: 8 characters of the time, 8 of the row's number, and the rest at random, all of them base62.
const CHUNK = `
  with event as (
    insert into events (id, organization_id, event_type, body, created_at)
    select $1 || lpad(to_hex(n), 8, '0') || substr(md5(random()::text), 1, 11), $3, $4,
      '{"id":"","event":"' || $4 || '","data":{"text":"' || repeat(md5(n::text), 27) || '"},"created_at":"2026-01-01T00:00:00Z"}',
      $5::timestamptz + n * interval '1 ms'
    from generate_series(1, $2::int) as n
    returning id, created_at
  ), numbered as (
    select id, created_at, row_number() over (order by id) as n from event
  ), delivery as (
    insert into deliveries (id, organization_id, event_id, target_id, event_type, status, attempt_count, max_attempts,
      last_attempt_at, delivered_at, created_at, updated_at)
    select $1 || lpad(to_hex(event.n * ${DELIVERIES_PER_EVENT} + t), 8, '0') || substr(md5(random()::text), 1, 11), $3, event.id,
      ($6::text[])[(event.n * ${DELIVERIES_PER_EVENT} + t) % cardinality($6::text[]) + 1], $4,
      (case when (event.n * ${DELIVERIES_PER_EVENT} + t) % 100 = 0 then 'FAILED' else 'DELIVERED' end)::delivery_status, 1, 10,
      event.created_at, event.created_at, event.created_at, event.created_at
    from numbered as event, generate_series(1, ${DELIVERIES_PER_EVENT}) as t
    order by event.n, t
    returning id, event_id, target_id, status, created_at
  ), attempt as (
    insert into delivery_attempts (delivery_id, number, trigger, outcome, response_status, response_headers, response_body,
      duration_ms, started_at)
    select id, 1, 'SCHEDULE', (case when status = 'FAILED' then 'HTTP_ERROR' else 'DELIVERED' end)::attempt_outcome,
      case when status = 'FAILED' then 500 else 204 end,
      '{"date":"Thu, 01 Jan 2026 00:00:00 GMT","connection":"keep-alive","keep-alive":"timeout=60"}', '', 12, created_at
    from delivery
  )
  insert into delivery_changes (organization_id, delivery_id, target_id, event_id, event_type, previous_status, status,
    attempt_number, occurred_at)
  select $3, id, target_id, event_id, $4, 'PENDING', status, 1, created_at from delivery order by id`;

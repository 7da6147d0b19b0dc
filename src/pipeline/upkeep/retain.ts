/**
 * Retention: deletes what has not changed for RETENTION_DAYS. First the changes, which moves the floor of the live
 * stream. An hour later the events, each with its deliveries and their attempts: so no change that can still be read
 * names a deleted delivery. An event stays as long as one of its deliveries is open, is FAILED and holds others up (live/order),
 * or has changed since.
 *
 * The lists by tag lose a delivery, and an event, with its row.
 *
 * A replay is deleted in the same way, by the time of its end, with the list of its deliveries; a destination by its last use.
 *
 * Requests with an idempotency key are deleted after their 24 hours, and rows of the audit log and erasures that are over after
 * AUDIT_RETENTION_DAYS, in the same way.
 *
 * Changes that the statistics have yet to count stay (retain-changes.ts), and events stay as long as such changes.
 *
 * Transactions are small, because a change is streamed only after all older transactions have ended. Each takes a lock
 * that ends with it: so workers take turns, a worker that dies holds nobody up, and a connection pooler may be in
 * between.
 *
 * There are no partitions, although dropping one is cheaper still. Ids are times, so old rows lie together, at one end of
 * the tables and of most indexes; vacuum gives those pages to new rows. With partitions, an idempotency key would not be
 * unique any more, and each lookup of an id, an event or a target would be one lookup in every partition.
 */
import type { PoolClient } from 'pg';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/client.ts';
import { HOLDS_OTHERS } from '../../live/delivery-rows.ts';
import { createCaretaker, type Caretaker } from '../../database/caretaker.ts';
import { FORGETTABLE } from '../../database/statement.ts';
import { lockNumber } from '../../database/locks.ts';
import { forgetRequests } from '../../database/idempotency.ts';
import { firstIdAt } from '../../domain/ksuid.ts';
import { RECORDED_MS } from '../deliver/settle/record-destinations.ts';
import { deleteChanges } from './retain-changes.ts';

/** How many rows were deleted. */
export type Retained = {
  auditEntries: number;
  changes: number;
  events: number;
  deliveries: number;
  attempts: number;
  replays: number;
  destinations: number;
};

type Options = {
  readonly database: Pick<Database, 'transaction' | 'connector'>;
  readonly clock: Clock;
  readonly retentionDays: number;
  readonly auditRetentionDays: number;
  /** Called when changes that are past their time stay, because the statistics have not counted them. */
  readonly onWaiting: () => void;
  /** Called when changes are deleted that the statistics had not counted. */
  readonly onUncounted: (changes: number) => void;
  readonly onError: (error: unknown) => void;
};

const DAY_MS = 86_400_000;
/** How often retention runs. Each run then deletes only as much as was published in a minute. */
const RUN_MS = 60_000;
/** Events outlive their changes by this time, for readers of the stream that have read a change but not yet its delivery. */
const EVENTS_LATER_MS = 3_600_000;
/** Destinations outlive their last use by this time more: a use is written down within RECORDED_MS only. */
const DESTINATIONS_LATER_MS = 2 * RECORDED_MS;
const STEP_REQUESTS = 500;
const STEP_AUDIT_ENTRIES = 500;
const STEP_EVENTS = 200;
const STEP_DELIVERIES = 500;
const STEP_REPLAYS = 100;
const STEP_LISTED = 5_000;
const STEP_DESTINATIONS = 500;
/** Retention rests this many times as long as a step took: it uses a fifth of one CPU at most, and less when Postgres is busy. */
const REST_FACTOR = 4;

/** A step of the work. It returns whether it was the last. */
type Step = (tx: PoolClient) => Promise<boolean>;

export function createRetention(options: Options): Caretaker<Retained> {
  const { database, clock, retentionDays, auditRetentionDays, onWaiting, onUncounted, onError } = options;
  const lock = lockNumber('retention', database.connector.schema);

  /** Repeats a step. Returns whether it came to the last one. */
  async function repeat(step: Step, signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      const startedMs = clock.monotonicMs();
      const isLast = await database.transaction(async (tx) => {
        await tx.query(FORGETTABLE);
        return (await isOurTurn(tx, lock)) ? step(tx) : undefined;
      });
      if (isLast !== false) return isLast === true;
      const restMs = (clock.monotonicMs() - startedMs) * REST_FACTOR;
      await delay(restMs, undefined, { signal }).catch(() => {});
    }
    return false;
  }

  async function retain(signal: AbortSignal): Promise<Retained> {
    const retained: Retained = {
      auditEntries: 0,
      changes: 0,
      events: 0,
      deliveries: 0,
      attempts: 0,
      replays: 0,
      destinations: 0,
    };
    const now = clock.now();
    const before = new Date(now.getTime() - retentionDays * DAY_MS);
    await repeat(async (tx) => (await forgetRequests(tx, now, STEP_REQUESTS)) < STEP_REQUESTS, signal);
    const auditEnd = firstIdAt(new Date(now.getTime() - auditRetentionDays * DAY_MS));
    await repeat(async (tx) => {
      const { rowCount } = await tx.query(DELETE_AUDIT_ENTRIES, [auditEnd, STEP_AUDIT_ENTRIES]);
      retained.auditEntries += rowCount ?? 0;
      return rowCount !== STEP_AUDIT_ENTRIES;
    }, signal);
    await repeat(async (tx) => {
      const { rowCount } = await tx.query(DELETE_ERASURES, [auditEnd, STEP_AUDIT_ENTRIES]);
      return rowCount !== STEP_AUDIT_ENTRIES;
    }, signal);
    let areAllCounted = true;
    const changesAreGone = await repeat(async (tx) => {
      const { deleted, uncounted, isLast, isWaiting } = await deleteChanges(tx, before);
      retained.changes += deleted;
      if (uncounted > 0) onUncounted(uncounted);
      areAllCounted = !isWaiting;
      return isLast;
    }, signal);
    const eventsBefore = new Date(before.getTime() - EVENTS_LATER_MS);
    if (changesAreGone) await repeat(deletingReplays(eventsBefore, retained), signal);
    const unusedSince = new Date(before.getTime() - DESTINATIONS_LATER_MS);
    if (changesAreGone) await repeat(deletingDestinations(unusedSince, retained), signal);
    if (changesAreGone && !areAllCounted) onWaiting();
    if (changesAreGone && areAllCounted) await repeat(deletingEvents(eventsBefore, retained), signal);
    return retained;
  }

  return createCaretaker({ everyMs: RUN_MS, round: retain, onError });
}

/** Returns the step that deletes the next replays that ended before a time: first the lists of their deliveries. */
function deletingReplays(before: Date, retained: Retained): Step {
  return async (tx) => {
    const { rows } = await tx.query<{ id: string }>(ENDED_REPLAYS, [before, STEP_REPLAYS]);
    const ids = rows.map(({ id }) => id);
    if (ids.length === 0) return true;
    const unlisted = await tx.query(DELETE_LISTED, [ids, STEP_LISTED]);
    if (unlisted.rowCount === STEP_LISTED) return false;
    retained.replays += (await tx.query(DELETE_REPLAYS, [ids])).rowCount ?? 0;
    return ids.length < STEP_REPLAYS;
  };
}

function deletingDestinations(unusedSince: Date, retained: Retained): Step {
  return async (tx) => {
    const { rowCount } = await tx.query(DELETE_DESTINATIONS, [unusedSince, STEP_DESTINATIONS]);
    retained.destinations += rowCount ?? 0;
    return rowCount !== STEP_DESTINATIONS;
  };
}

/** Returns the step that deletes the next events before a time, oldest first, and adds to `retained`. */
function deletingEvents(before: Date, retained: Retained): Step {
  const end = firstIdAt(before);
  let after = '';
  return async (tx) => {
    const looked = await tx.query<{ id: string; isOver: boolean }>(NEXT_EVENTS, [after, end, before, STEP_EVENTS]);
    const ids = looked.rows.filter(({ isOver }) => isOver).map(({ id }) => id);
    const gone = await tx.query<{ deliveries: number; attempts: number }>(DELETE_DELIVERIES, [
      ids,
      before,
      STEP_DELIVERIES,
    ]);
    const { deliveries, attempts } = gone.rows[0]!;
    retained.deliveries += deliveries;
    retained.attempts += attempts;
    if (deliveries === STEP_DELIVERIES) return false; // The same events may have more deliveries.
    const { rows: deleted } = await tx.query<{ events: number }>(DELETE_EVENTS, [ids]);
    retained.events += deleted[0]!.events;
    after = looked.rows.at(-1)?.id ?? after;
    return looked.rows.length < STEP_EVENTS;
  };
}

async function isOurTurn(tx: PoolClient, lock: string): Promise<boolean> {
  const { rows } = await tx.query('select pg_try_advisory_xact_lock($1) as "isOurs"', [lock]);
  return rows[0].isOurs;
}

// Oldest first, by the primary key: ids are times.
const DELETE_AUDIT_ENTRIES = `
  delete from audit_log where id = any(array(select id from audit_log where id < $1 order by id limit $2))`;

const DELETE_ERASURES = `
  delete from erasures where id = any(array(
    select id from erasures where id < $1 and completed_at is not null order by id limit $2))`;

const ENDED_REPLAYS = 'select id from replays where ended_at < $1 order by ended_at limit $2';

const DELETE_LISTED = `
  delete from replay_deliveries where ctid = any(array(
    select ctid from replay_deliveries where replay_id = any($1) limit $2))`;

const DELETE_REPLAYS = 'delete from replays where id = any($1)';

const DELETE_DESTINATIONS = `
  delete from target_destinations where ctid = any(array(
    select ctid from target_destinations where last_used_at < $1 order by last_used_at limit $2))`;

// The subselects hide the ends of the range from the planner, and deleted tables are not joined. Otherwise the planner
// would look for the first row of the table to estimate the range, over all rows deleted since the last vacuum (60 ms a
// step at 2 million rows). For a hidden range, "exists" would be planned as a look at all deliveries.
const NEXT_EVENTS = `
  select e.id, (
    select true from deliveries d
    where d.event_id = e.id
      and (d.status in ('PENDING', 'RETRYING') or d.updated_at >= $3 or ${HOLDS_OTHERS}) limit 1
  ) is null as "isOver"
  from events e where e.id > (select $1::text) and e.id < (select $2::text) order by e.id limit $4`;

// A delivery that is being retried by hand is open again when its row is unlocked: it stays, and so does its event.
const DELETE_DELIVERIES = `
  with doomed as (
    select d.id
    from unnest($1::text[]) as e (id)
    cross join lateral (select id from deliveries where event_id = e.id order by id nulls first limit $3) as d
    limit $3
  ), gone as (
    delete from deliveries d
    where d.id = any(array(select id from doomed)) and d.status in ('DELIVERED', 'FAILED', 'CANCELLED')
      and d.updated_at < $2 and not ${HOLDS_OTHERS}
    returning d.id, d.event_id, d.organization_id
  ), attempts as (
    delete from delivery_attempts a where a.delivery_id = any(array(select id from gone)) returning 1
  ), tags as (
    delete from delivery_tags where ctid = any(array(
      select listed.ctid
      from (select id, tags from events where id = any($1) and tags is not null) as event
      join gone on gone.event_id = event.id
      cross join unnest(event.tags) as given (tag)
      cross join lateral (
        select ctid from delivery_tags t
        where t.organization_id = gone.organization_id and t.tag = given.tag and t.delivery_id = gone.id
      ) as listed))
  )
  select (select count(*) from gone)::int as deliveries, (select count(*) from attempts)::int as attempts`;

const DELETE_EVENTS = `
  with gone as (
    delete from events e where e.id = any($1) and (select true from deliveries d where d.event_id = e.id limit 1) is null
    returning e.id, e.organization_id, e.tags
  ), tags as (
    delete from event_tags where ctid = any(array(
      select listed.ctid
      from (select * from gone where tags is not null) as event
      cross join unnest(event.tags) as given (tag)
      cross join lateral (
        select ctid from event_tags t
        where t.organization_id = event.organization_id and t.tag = given.tag and t.id = event.id
      ) as listed))
  )
  select count(*)::int as events from gone`;

/**
 * Takes the data out of events, and cancels their open deliveries, in the transaction of a step.
 *
 * Locks: the chains first (live/order/lock-chains.ts), then the events, then their deliveries. Who reopens or adds a delivery,
 * or records an attempt late, holds the event off from erasure first (live/delivery-rows.ts): so all of them find the event
 * erased, or this step finds what they did. Each statement after a lock sees what was committed while it waited.
 */
import { isPlainKey, type KeyHash } from '../../database/key-hash.ts';
import type { Queue } from '../../database/queue.ts';
import type { Sql } from '../../database/statement.ts';
import { cancelLocked, HOLDS_OTHERS, LOCKED_DELIVERY, type LockedDelivery } from '../../live/delivery-rows.ts';
import { areUnlocked } from '../../live/order/lock-chains.ts';
import { forgetErrors } from './forget-errors.ts';

export type Erasing = {
  readonly queue: Pick<Queue, 'discard' | 'insertingFrom'>;
  readonly keyHash: Pick<KeyHash, 'of'>;
  readonly now: Date;
  /** Of events with ids before it the idempotency key goes too, and the tags. */
  readonly horizon: string;
  /** The locks of chains that the transaction has taken, before all others. */
  readonly chainLocks: readonly string[];
};

export type ErasedSome = {
  /** Those of the events that are done. Deliveries of the others are left. */
  readonly done: readonly string[];
  /** How many of them had not been erased before. */
  readonly erased: number;
  readonly cancelled: number;
  /** How many deliveries have a job now, which waited for those. */
  readonly released: number;
};

/** The most deliveries of a step: an event may have 50,000. */
export const MOST_DELIVERIES = 1_000;

export const NOTHING_ERASED: ErasedSome = { done: [], erased: 0, cancelled: 0, released: 0 };

/**
 * Erases the events, in their order, as far as MOST_DELIVERIES allow. Does nothing when a replay has just put one of the
 * deliveries into a chain: the next step takes its lock first.
 */
export async function eraseEvents(tx: Sql, ids: readonly string[], erasing: Erasing): Promise<ErasedSome> {
  const { rows: events } = await tx.query<EventRow>({ name: 'lock_events', text: LOCK_EVENTS, values: [ids] });
  const found = await tx.query<Full>({ name: 'find_full_deliveries', text: FULL, values: [ids, MOST_DELIVERIES] });
  const deliveryIds = found.rows.map(({ id }) => id);
  if (deliveryIds.length > 0 && (await areUnlocked(tx, deliveryIds, erasing.chainLocks))) return NOTHING_ERASED;
  const ended = deliveryIds.length > 0 ? await eraseDeliveries(tx, deliveryIds, erasing) : NOTHING_ERASED;
  const last = found.rows.length === MOST_DELIVERIES ? found.rows.at(-1)!.eventId : undefined;
  const done = events.filter(({ id }) => last === undefined || id < last);
  if (done.length > 0) await emptyEvents(tx, done, erasing);
  return {
    done: done.map(({ id }) => id),
    erased: done.filter(({ isErased }) => !isErased).length,
    cancelled: ended.cancelled,
    released: ended.released,
  };
}

type EventRow = {
  readonly id: string;
  readonly organizationId: string;
  /** Null: it has none, or the hash stands there already. */
  readonly idempotencyKey: string | null;
  readonly isErased: boolean;
};

const LOCK_EVENTS = `
  select id, organization_id as "organizationId", erased_at is not null as "isErased",
    case when ${isPlainKey('idempotency_key')} then idempotency_key end as "idempotencyKey"
  from events where id = any($1) order by id for update`;

/** A delivery that is open or holds others up, has something of an answer or an error, or is listed by tags. */
type Full = { readonly id: string; readonly eventId: string };

const FULL = `
  select d.id, d.event_id as "eventId"
    from unnest($1::text[]) as asked (id)
    join events e on e.id = asked.id
   cross join lateral (
     select id, event_id from deliveries d
      where d.event_id = e.id and (d.status in ('PENDING', 'RETRYING') or ${HOLDS_OTHERS}
        or exists (
          select from delivery_attempts a
           where a.delivery_id = d.id
             and coalesce(a.response_headers, a.response_body, a.error) is not null)
        or e.tags is not null and exists (
          select from delivery_tags t
           where t.organization_id = e.organization_id and t.tag = e.tags[1] and t.delivery_id = d.id))
      order by d.id nulls first limit $2) as d
   order by d.event_id, d.id limit $2`;

type EndedDeliveries = Pick<ErasedSome, 'cancelled' | 'released'>;

async function eraseDeliveries(tx: Sql, ids: readonly string[], { queue, now }: Erasing): Promise<EndedDeliveries> {
  await tx.query({ name: 'lock_deliveries_to_erase', text: LOCK_DELIVERIES, values: [ids] });
  const { rows: open } = await tx.query<LockedDelivery>({
    name: 'find_unended_deliveries',
    text: UNENDED,
    values: [ids],
  });
  const released = open.length > 0 ? await cancelLocked(tx, open, { queue, now }) : 0;
  await forgetErrors(tx, ids);
  await tx.query({ name: 'erase_attempts', text: ERASE_ATTEMPTS, values: [ids] });
  await tx.query({ name: 'delete_delivery_tags', text: DELETE_DELIVERY_TAGS, values: [ids] });
  return { cancelled: open.length, released };
}

const LOCK_DELIVERIES = 'select from deliveries where id = any($1) order by id for update';

const UNENDED = `
  select ${LOCKED_DELIVERY} from deliveries d
   where d.id = any($1) and (d.status in ('PENDING', 'RETRYING') or ${HOLDS_OTHERS})
   order by d.id`;

const ERASE_ATTEMPTS = `
  update delivery_attempts set response_headers = null, response_body = null, error = null
   where delivery_id = any($1) and coalesce(response_headers, response_body, error) is not null`;

const DELETE_DELIVERY_TAGS = `
  delete from delivery_tags where ctid = any(array(
    select listed.ctid
      from deliveries d
      join events e on e.id = d.event_id and e.tags is not null
     cross join unnest(e.tags) as given (tag)
     cross join lateral (
       select ctid from delivery_tags t
        where t.organization_id = e.organization_id and t.tag = given.tag and t.delivery_id = d.id) as listed
     where d.id = any($1)))`;

/**
 * An event beyond the horizon keeps its idempotency key for now: a publish under way with the same key would not find the hash,
 * and would publish the data again. It keeps its tags as long, because an erasure by tag finds it by them once more.
 */
async function emptyEvents(tx: Sql, events: readonly EventRow[], { keyHash, now, horizon }: Erasing): Promise<void> {
  const isEarly = ({ id, idempotencyKey }: EventRow): boolean => idempotencyKey !== null && id >= horizon;
  const idsOf = (some: readonly EventRow[]): string[] => some.map(({ id }) => id);
  const [early, whole] = [events.filter(isEarly), events.filter((event) => !isEarly(event))];
  const hashes = whole.map(({ organizationId, idempotencyKey: key }) => key && keyHash.of(organizationId, key));
  if (early.length > 0) {
    await tx.query({ name: 'touch_event_tags', text: MARK_EVENT_TAGS, values: [idsOf(early), now] });
    await tx.query({ name: 'erase_bodies', text: EMPTY_BODIES, values: [idsOf(early), now] });
  }
  if (whole.length > 0) {
    await tx.query({ name: 'delete_event_tags', text: DELETE_EVENT_TAGS, values: [idsOf(whole)] });
    await tx.query({ name: 'erase_events', text: EMPTY_EVENTS, values: [idsOf(whole), hashes, now] });
  }
}

const OWN_TAGS = `ctid = any(array(
    select listed.ctid
      from events e
     cross join unnest(e.tags) as given (tag)
     cross join lateral (
       select ctid from event_tags t
        where t.organization_id = e.organization_id and t.tag = given.tag and t.id = e.id) as listed
     where e.id = any($1) and e.tags is not null))`;

const DELETE_EVENT_TAGS = `delete from event_tags where ${OWN_TAGS}`;
const MARK_EVENT_TAGS = `update event_tags set erased_at = $2 where ${OWN_TAGS}`;

const EMPTY_BODIES = `
  update events set body = '', traceparent = null, ordering_key = null, erased_at = coalesce(erased_at, $2) where id = any($1)`;

// What else an event has of its publisher goes here too.
const EMPTY_EVENTS = `
  update events e
     set body = '', erased_at = coalesce(e.erased_at, $3), idempotency_key = coalesce(new.hash, e.idempotency_key), tags = null,
         traceparent = null, ordering_key = null
    from unnest($1::text[], $2::text[]) as new (id, hash)
   where e.id = new.id`;

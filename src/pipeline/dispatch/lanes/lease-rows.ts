/**
 * The leases of targets in Postgres. All times are those of its clock.
 *
 * A worker process has one term, which all its leases name, and extends this one row every few seconds. A lease is free
 * when it names no term, or when its term is over or gone.
 *
 *     begin ──▶ term ──extend──▶ term ──end──▶ gone
 *                 └─ ends_at has passed, and another process ends it (END_TERMS) ─▶ over: extending it finds nothing any more
 *
 * When two processes take the same lease at once, the second waits for the row. Then it sees that the lease names another
 * term than when it was found free (`taken_from`), and does not take it.
 */
import type { Database } from '../../../database/client.ts';
import { transact } from '../../../database/transaction.ts';

/** A lease to take. With `hasOpenLimit` the new holder waits while requests of a holder that died may still be open. */
export type WantedLease = { readonly targetId: string; readonly hasOpenLimit: boolean };

export type LeaseAnswer = {
  readonly targetId: string;
  readonly isMine: boolean;
  /** Milliseconds from now until the first request may start. */
  readonly waitMs: number;
  /** Milliseconds from now until the term of its holder ends; 0 or less: the lease can be taken. */
  readonly othersMs: number;
};

/** A lease to give up. `waitMs`: how long the next holder has to wait before its first request. */
export type LeaseGivenUp = { readonly targetId: string; readonly waitMs: number };

export type LeaseRows = {
  begin(termId: string): Promise<void>;
  /** Extends the term. Returns the number of its leases; undefined when the term is over. */
  extend(termId: string): Promise<number | undefined>;
  /** Deletes the term, which frees every lease that still names it. */
  end(termId: string): Promise<void>;
  /** Takes the leases that are free. Returns an answer for each wanted lease. */
  take(termId: string, wanted: readonly WantedLease[]): Promise<LeaseAnswer[]>;
  giveUp(termId: string, leases: readonly LeaseGivenUp[]): Promise<void>;
  /** Returns the targets whose leases name the term. */
  leasesOf(termId: string): Promise<Set<string>>;
  /** Returns those of the targets that have held deliveries. */
  withHeld(targetIds: readonly string[]): Promise<Set<string>>;
};

/** How long a term lasts from its last extension. */
export const TERM_MS = 6_000;

/** Creates access to the rows. `timeoutMs`: the longest time that a request can be open. */
export function createLeaseRows(database: Database, timeoutMs: number): LeaseRows {
  // Runs on the connection that no batch can take. The commit waits for disk and standby: a term must not be shorter than
  // it seems.
  const onHeartbeat = (text: string, values: unknown[]) =>
    transact({ pool: database.heartbeat, reads: database.heartbeat }, [{ name: '', text, values }]);
  const idsOf = async (text: string, values: unknown[]) =>
    new Set((await database.pool.query<{ id: string }>(text, values)).rows.map(({ id }) => id));
  return {
    async begin(termId) {
      await onHeartbeat(BEGIN_TERM, [termId, TERM_MS]);
    },
    async extend(termId) {
      const [extended] = await onHeartbeat(EXTEND_TERM, [termId, TERM_MS]);
      return extended!.rows[0]?.leases;
    },
    async end(termId) {
      await database.pool.query('delete from lease_terms where id = $1', [termId]);
    },
    async take(termId, wanted) {
      const inOrder = [...wanted].sort((one, other) => (one.targetId < other.targetId ? -1 : 1));
      const values = [
        termId,
        inOrder.map(({ targetId }) => targetId),
        inOrder.map((each) => each.hasOpenLimit),
        timeoutMs,
      ];
      const [, taken] = await database.transact([END_TERMS, { name: 'take_leases', text: TAKE, values }]);
      return taken!.rows;
    },
    async giveUp(termId, leases) {
      const values = [termId, leases.map(({ targetId }) => targetId), leases.map(({ waitMs }) => waitMs)];
      await database.pool.query(GIVE_UP, values);
    },
    leasesOf: (termId) => idsOf('select target_id as id from target_leases where term_id = $1', [termId]),
    withHeld: (targetIds) => idsOf(WITH_HELD, [targetIds]),
  };
}

/** Begins a term, and deletes terms that are over for a day. Until then the next holder can see when they ended. */
const BEGIN_TERM = `
  with forgotten as (delete from lease_terms where is_over and ends_at < clock_timestamp() - interval '1 day')
  insert into lease_terms (id, ends_at) values ($1, clock_timestamp() + $2 * interval '1 ms')`;

const EXTEND_TERM = `
  update lease_terms set ends_at = clock_timestamp() + $2 * interval '1 ms' where id = $1 and not is_over
  returning (select count(*)::int from target_leases where term_id = $1) as leases`;

// The update waits for an extension that is under way, and then finds the new end.
const END_TERMS = {
  name: 'delete_dead_terms',
  text: 'update lease_terms set is_over = true where not is_over and ends_at < clock_timestamp()',
  values: [],
};

const TAKE = `
  with found as (
    select wanted.target_id, lease.term_id, term.ends_at,
      term.id is null or term.is_over or term.id = $1::uuid as is_free,
      case when term.is_over and wanted.has_open_limit
        then greatest(lease.free_from, term.ends_at + $4::int * interval '1 ms') else lease.free_from end as free_from
    from unnest($2::text[], $3::bool[]) as wanted (target_id, has_open_limit)
    left join target_leases lease on lease.target_id = wanted.target_id
    left join lease_terms term on term.id = lease.term_id
  ), taken as (
    insert into target_leases as lease (target_id, term_id, taken_from, free_from)
    select target_id, $1::uuid, term_id, free_from from found
    where is_free and exists (select from lease_terms where id = $1::uuid and not is_over)
    order by target_id
    on conflict (target_id) do update
      set term_id = excluded.term_id, taken_from = excluded.taken_from, free_from = excluded.free_from
      where lease.term_id is not distinct from excluded.taken_from
    returning lease.target_id
  )
  select found.target_id as "targetId", taken.target_id is not null as "isMine",
    greatest(0, coalesce(extract(epoch from found.free_from - clock_timestamp()) * 1000, 0))::float8 as "waitMs",
    case when found.is_free then 0 else extract(epoch from found.ends_at - clock_timestamp()) * 1000 end::float8 as "othersMs"
  from found left join taken on taken.target_id = found.target_id`;

const GIVE_UP = `
  update target_leases lease
  set term_id = null, free_from = greatest(lease.free_from, clock_timestamp() + given.wait_ms * interval '1 ms')
  from unnest($2::text[], $3::float8[]) as given (target_id, wait_ms)
  where lease.target_id = given.target_id and lease.term_id = $1::uuid`;

const WITH_HELD = `
  select id from unnest($1::text[]) as wanted (id)
  where exists (select from deliveries d where d.target_id = wanted.id and d.held)`;

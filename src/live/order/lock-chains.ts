/**
 * The locks under which chains change. Whoever appends to a chain, and whatever ends one of its deliveries, takes the chain's lock
 * first: else a publish would wait behind a head that is ending unseen, and nobody would release it.
 *
 * Locks are taken before the first write of their transaction, all at once and sorted: so transactions get their ids, and the
 * streams their order, in the order of the locks, and two of them never wait for each other. Only a FAILED delivery that came into
 * the chain of a replay meanwhile has its lock taken later.
 *
 * What was read before the lock is read again after it, in a statement of its own: it then sees all that earlier holders did.
 */
import { DIVISION_BY_ZERO, LOCK_NOT_AVAILABLE } from '../../database/sql-state.ts';
import { sqlState, type Sql, type Statement } from '../../database/statement.ts';

/** The statement that takes these locks. */
export const locking = (locks: readonly string[]): Statement => ({
  name: 'lock_chains',
  text: LOCK,
  values: [[...new Set(locks)]],
});

const LOCK = `
  select pg_advisory_xact_lock(lock_number)
  from (select lock_number from unnest($1::bigint[]) as chain (lock_number) order by lock_number) as chain`;

/**
 * The statement that takes the locks of the chains of these deliveries. Only a FAILED delivery that has left its chain may come
 * into another one, of a replay (rejoin.ts).
 */
export const lockingOf = (deliveryIds: readonly string[]): Statement => ({
  name: 'lock_delivery_chains',
  text: LOCK_OF,
  values: [deliveryIds],
});

const LOCK_OF = `
  select pg_advisory_xact_lock(lock_number)
  from (
    select distinct lock_number from ordered_deliveries where delivery_id = any($1::text[]) order by lock_number
  ) as chain`;

/** The statements that take the locks of the chains of these deliveries. */
export type ChainLocking = (deliveryIds: readonly string[]) => readonly Statement[];

/** Waits for them as long as it takes. */
export const lockPatiently: ChainLocking = (ids) => [lockingOf(ids)];

/** Waits for so long at most, here and for the other locks of the transaction. Then it fails, and `areChainsBusy`. */
export const lockBriefly =
  (ms: number): ChainLocking =>
  (ids) => [limitingWaits(ms), lockingOf(ids)];

/** The statement after which its transaction waits for so long at most for each lock, and then fails with LOCK_NOT_AVAILABLE. */
export const limitingWaits = (ms: number): Statement => ({
  name: 'limit_lock_waits',
  text: `select set_config('lock_timeout', $1, true)`,
  values: [`${ms}`],
});

/** Waits for none. Where one is not free it fails, and `areChainsBusy`. */
export const lockIfFree: ChainLocking = (ids) => [{ name: 'take_free_chains', text: TRY_LOCK_OF, values: [ids] }];

const TRY_LOCK_OF = `
  select 1 / min(case when pg_try_advisory_xact_lock(lock_number) then 1 else 0 end)
  from (
    select distinct lock_number from ordered_deliveries where delivery_id = any($1::text[]) order by lock_number
  ) as chain`;

/** Whether a transaction has ended because others hold a lock that it was to take. */
export const areChainsBusy = (error: unknown): boolean =>
  [DIVISION_BY_ZERO, LOCK_NOT_AVAILABLE].includes(sqlState(error) ?? '');

/** Returns those of the deliveries whose chains are locked by others now. */
export async function findBusyDeliveries(sql: Sql, deliveryIds: readonly string[]): Promise<string[]> {
  const { rows } = await sql.query<{ id: string }>({ name: 'find_busy_chains', text: BUSY, values: [deliveryIds] });
  return rows.map(({ id }) => id);
}

// Each lock that it gets is free again at the end of this statement.
const BUSY = `
  select delivery_id as id from ordered_deliveries
  where delivery_id = any($1::text[]) and not pg_try_advisory_xact_lock(lock_number)`;

/** Returns those of the locks that others hold now. */
export async function findBusyLocks(sql: Sql, locks: readonly string[]): Promise<string[]> {
  const values = [[...new Set(locks)]];
  const { rows } = await sql.query<{ lock: string }>({ name: 'find_busy_locks', text: BUSY_LOCKS, values });
  return rows.map(({ lock }) => lock);
}

const BUSY_LOCKS = `
  select lock_number::text as lock from unnest($1::bigint[]) as chain (lock_number)
  where not pg_try_advisory_xact_lock(lock_number)`;

/** Takes the locks of the chains of these deliveries. */
export async function lockChainsOf(tx: Sql, deliveryIds: readonly string[]): Promise<void> {
  if (deliveryIds.length > 0) await tx.query(lockingOf(deliveryIds));
}

/**
 * Takes the locks of the chains that deliveries of these events are in, and returns them. Looks at `most` deliveries in chains, in
 * the order of their events and ids.
 */
export async function lockChainsOfEvents(tx: Sql, eventIds: readonly string[], most: number): Promise<string[]> {
  if (eventIds.length === 0) return [];
  const values = [eventIds, most];
  const { rows } = await tx.query<{ lock: string }>({ name: 'lock_event_chains', text: LOCK_OF_EVENTS, values });
  return rows.map(({ lock }) => lock);
}

const LOCK_OF_EVENTS = `
  select lock_number::text as lock, pg_advisory_xact_lock(lock_number)
  from (
    select distinct lock_number
    from (
      select o.lock_number from deliveries d join ordered_deliveries o on o.delivery_id = d.id
      where d.event_id = any($1::text[]) and d.ordered order by d.event_id, d.id limit $2
    ) as chained
    order by lock_number
  ) as chain`;

/** Whether one of the deliveries is in a chain with another lock than these: it came into it since they were taken. */
export async function areUnlocked(tx: Sql, deliveryIds: readonly string[], locks: readonly string[]): Promise<boolean> {
  const values = [deliveryIds, locks];
  const { rows } = await tx.query({ name: 'find_unlocked_chain', text: UNLOCKED, values });
  return rows.length > 0;
}

const UNLOCKED = `
  select from ordered_deliveries where delivery_id = any($1::text[]) and lock_number <> all($2::bigint[]) limit 1`;

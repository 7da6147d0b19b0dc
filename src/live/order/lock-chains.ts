/**
 * The locks under which chains change. Whoever appends to a chain, and whatever ends one of its deliveries, takes the chain's lock
 * first: else a publish would wait behind a head that is ending unseen, and nobody would release it.
 *
 * Locks are taken before the first write of their transaction, all at once and sorted: so transactions get their ids, and the
 * streams their order, in the order of the locks, and two of them never wait for each other.
 *
 * What was read before the lock is read again after it, in a statement of its own: it then sees all that earlier holders did.
 */
import type { Sql, Statement } from '../../database/statement.ts';

/** The statement that takes these locks. */
export const locking = (locks: readonly string[]): Statement => ({
  name: 'lock_chains',
  text: LOCK,
  values: [[...new Set(locks)]],
});

const LOCK = `
  select pg_advisory_xact_lock(lock_number)
  from (select lock_number from unnest($1::bigint[]) as chain (lock_number) order by lock_number) as chain`;

/** The statement that takes the locks of the chains of these deliveries. A delivery never comes into a second chain. */
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

/** Takes the locks of the chains of these deliveries. */
export async function lockChainsOf(tx: Sql, deliveryIds: readonly string[]): Promise<void> {
  if (deliveryIds.length > 0) await tx.query(lockingOf(deliveryIds));
}

/** Whoever uses an event that was published before meets erasures here. */
import type { Sql } from './statement.ts';

/**
 * Keeps events from being erased until the commit, and returns those that are erased already. Whoever opens or adds a delivery of
 * an event that was published before, or remembers an answer that shows one, calls it first: an erasure locks the events before
 * their deliveries (pipeline/erasure/erase-events.ts).
 */
export async function holdOffErasure(tx: Sql, eventIds: Iterable<string>): Promise<ReadonlySet<string>> {
  const values = [[...new Set(eventIds)]];
  const { rows } = await tx.query<{ id: string }>({ name: 'hold_off_erasure', text: HOLD_OFF, values });
  return new Set(rows.map(({ id }) => id));
}

const HOLD_OFF = `
  with held as (select id, erased_at from events where id = any($1) order by id for key share)
  select id from held where erased_at is not null`;

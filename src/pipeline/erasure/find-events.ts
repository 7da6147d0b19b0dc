/** Finds the next events that an erasure is about. */
import type { Sql } from '../../database/statement.ts';
import { scopeOf, type ErasureScope } from '../../domain/erasure.ts';
import { firstIdAt, ID_SKEW_MS } from '../../domain/ksuid.ts';
import { isPlainKey } from '../../database/key-hash.ts';
import type { LockedErasure } from './erasure-rows.ts';

/** By the organization, $1, and by what the scope names, $2. */
const CONDITIONS: { readonly [Kind in ErasureScope['kind']]: string } = {
  event: 'organization_id = $1 and id = $2',
  customer: 'organization_id = $1 and customer_id = $2', // Reads by the index EVENTS_OF_CUSTOMER.
  organization: 'organization_id = $1 and $2::text is null',
};

function nameIn(scope: ErasureScope): string | null {
  if (scope.kind === 'event') return scope.eventId;
  return scope.kind === 'customer' ? scope.customerId : null;
}

type Look = {
  /** Ids before it are those of events that are all committed. */
  readonly horizon: string;
  readonly limit: number;
};

/**
 * The ids of the next events with something left to erase, in their order. Of an event beyond the horizon the idempotency key
 * stays for now: a publish under way with the same key would not find it, and would publish the data again.
 */
export async function findEvents(sql: Sql, erasure: LockedErasure, { horizon, limit }: Look): Promise<string[]> {
  const scope = scopeOf(erasure);
  const { kind } = scope;
  const { organizationId, position, before } = erasure;
  const { rows } = await sql.query<{ id: string }>({
    name: `find_events_of_${kind}`,
    text: nextEvents(kind),
    values: [organizationId, nameIn(scope), position, endOf(erasure), before, horizon, limit],
  });
  return rows.map(({ id }) => id);
}

/** An id beyond those of all events of the scope. */
export function endOf(erasure: LockedErasure): string {
  const scope = scopeOf(erasure);
  return scope.kind === 'event' ? `${scope.eventId}~` : firstIdAt(new Date(erasure.before.getTime() + ID_SKEW_MS));
}

// An organization's events are deleted, erased ones too.
const nextEvents = (kind: ErasureScope['kind']): string => `
  select id from events
   where ${CONDITIONS[kind]} and id > $3 and id < $4 and created_at < $5
     and ${kind === 'organization' ? '$6::text is not null' : `(erased_at is null or id < $6 and ${isPlainKey('idempotency_key')})`}
   order by id nulls first limit $7`;

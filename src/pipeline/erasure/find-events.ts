/** Finds the next events that an erasure is about. */
import type { Sql } from '../../database/statement.ts';
import { scopeOf, type ErasureScope } from '../../domain/erasure.ts';
import { endOfIdsBefore } from '../../domain/ksuid.ts';
import { isPlainKey } from '../../database/key-hash.ts';
import type { LockedErasure } from './erasure-rows.ts';

type Finding = {
  readonly table: 'events' | 'event_tags';
  /** By the organization, $1, and by what the scope names, $2. */
  readonly condition: string;
  /** Whether something is left to erase: $6 is the horizon. */
  readonly isLeft: string;
};

const IS_LEFT = `(erased_at is null or id < $6 and ${isPlainKey('idempotency_key')})`;

const FINDINGS: { readonly [Kind in ErasureScope['kind']]: Finding } = {
  event: { table: 'events', condition: 'organization_id = $1 and id = $2', isLeft: IS_LEFT },
  // Reads by the index EVENTS_OF_CUSTOMER.
  customer: { table: 'events', condition: 'organization_id = $1 and customer_id = $2', isLeft: IS_LEFT },
  // The rows of an erased event go with its idempotency key.
  tag: {
    table: 'event_tags',
    condition: 'organization_id = $1 and tag = $2',
    isLeft: '(erased_at is null or id < $6)',
  },
  // An organization's events are deleted, erased ones too.
  organization: {
    table: 'events',
    condition: 'organization_id = $1 and $2::text is null',
    isLeft: '$6::text is not null',
  },
};

function nameIn(scope: ErasureScope): string | null {
  if (scope.kind === 'event') return scope.eventId;
  if (scope.kind === 'tag') return scope.tag;
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
  return scope.kind === 'event' ? `${scope.eventId}~` : endOfIdsBefore(erasure.before);
}

const nextEvents = (kind: ErasureScope['kind']): string => {
  const { table, condition, isLeft } = FINDINGS[kind];
  return `
  select id from ${table}
   where ${condition} and id > $3 and id < $4 and created_at < $5 and ${isLeft}
   order by id nulls first limit $7`;
};

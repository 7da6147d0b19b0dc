/**
 * Deletes what an organization has, once its events were erased: in the transaction of a step, so many rows at a time. Its row
 * goes last, and with it the erasure that did this is kept: the platform asks it for the end.
 */
import type { Sql } from '../../database/statement.ts';
import type { LockedErasure } from './erasure-rows.ts';

/** Deletes erased events with their deliveries. What is under way then finds no delivery, and is not recorded. */
export async function deleteErased(tx: Sql, eventIds: readonly string[]): Promise<void> {
  if (eventIds.length === 0) return;
  for (const { name, text } of DELETE_ERASED) await tx.query({ name, text, values: [eventIds] });
}

const OF_EVENTS = 'select id from deliveries where event_id = any($1)';

const DELETE_ERASED = [
  {
    name: 'delete_erased_attempts',
    text: `delete from delivery_attempts where delivery_id = any(array(${OF_EVENTS}))`,
  },
  { name: 'delete_erased_deliveries', text: 'delete from deliveries where event_id = any($1)' },
  { name: 'delete_erased_events', text: 'delete from events where id = any($1)' },
] as const;

/** Deletes up to `limit` rows of the first table that has some of the organization. Returns whether it found any. */
export async function deleteRest(tx: Sql, { id, organizationId }: LockedErasure, limit: number): Promise<boolean> {
  for (const [name, table, condition] of REST) {
    const text = `delete from ${table} where ctid = any(array(select ctid from ${table} where ${condition} limit $2))`;
    const { rowCount } = await tx.query({ name: `delete_${name}`, text, values: [organizationId, limit] });
    if (rowCount) return true;
  }
  await tx.query({ name: 'delete_other_erasures', text: OTHER_ERASURES, values: [organizationId, id] });
  await tx.query({ name: 'delete_organization', text: ORGANIZATION, values: [organizationId] });
  return false;
}

const OWN = 'organization_id = $1';
const OF_TARGETS = 'target_id in (select id from webhook_targets where organization_id = $1)';

/** The name of the statement, the table, and which of its rows belong to the organization: what names others goes first. */
const REST: readonly (readonly [name: string, table: string, condition: string])[] = [
  ['listed_deliveries', 'replay_deliveries', 'replay_id in (select id from replays where organization_id = $1)'],
  ['replays', 'replays', OWN],
  ['left_event_tags', 'event_tags', OWN],
  ['left_delivery_tags', 'delivery_tags', OWN],
  ['delivery_changes', 'delivery_changes', OWN],
  ['event_changes', 'event_changes', OWN],
  ['target_changes', 'target_changes', OWN],
  ['replay_changes', 'replay_changes', OWN],
  ['uncounted_attempts', 'uncounted_attempts', OWN],
  ['fresh_statistics', 'fresh_statistics', OWN],
  ['statistics', 'delivery_statistics', OWN],
  ['requests', 'idempotency_requests', 'api_key_id in (select id from api_keys where organization_id = $1)'],
  [
    'portal_requests',
    'idempotency_requests',
    'api_key_id in (select id from portal_sessions where organization_id = $1)',
  ],
  ['portal_sessions', 'portal_sessions', OWN],
  ['left_places', 'ordered_deliveries', OF_TARGETS],
  ['target_leases', 'target_leases', OF_TARGETS],
  ['target_destinations', 'target_destinations', OF_TARGETS],
  ['target_certificates', 'target_certificates', OF_TARGETS],
  ['targets', 'webhook_targets', OWN],
  ['api_keys', 'api_keys', OWN],
  ['audit_entries', 'audit_log', OWN],
];

const OTHER_ERASURES = 'delete from erasures where organization_id = $1 and id <> $2';

const ORGANIZATION = 'delete from organizations where id = $1';

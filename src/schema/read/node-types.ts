/** Finds out which type of object an id belongs to: one statement over the primary keys of all types. */
import { Prisma } from '../../../prisma/generated/client.ts';
import type { Reader } from '../../database/statement.ts';
import { parseAttemptId } from '../../domain/ksuid.ts';
import { read, type RowKey } from './rows.ts';

export type NodeType =
  | (
      | 'Organization'
      | 'ApiKey'
      | 'AuditEntry'
      | 'EventType'
      | 'WebhookTarget'
      | 'Event'
      | 'Delivery'
      | 'DeliveryAttempt'
    )
  | ('Erasure' | 'Replay');

type Found = { readonly id: string; readonly type: NodeType; readonly organizationId: string | null };

/**
 * The type of each key's object; null when the key's organization has no such object. Event types are everybody's. Expects
 * well-formed ids.
 */
export async function nodeTypes(sql: Reader, keys: readonly RowKey[]): Promise<(NodeType | null)[]> {
  const ids = keys.map(({ id }) => id);
  const attempts = ids
    .map(parseAttemptId)
    .map(({ deliveryId, number }, index) => ({ id: ids[index]!, deliveryId, number }));
  const found = await read<Found>(
    sql,
    Prisma.sql`
      select id, 'Organization' as type, id as "organizationId" from organizations
        where id = any(${ids}) and deleted_at is null
      union all select id, 'ApiKey', organization_id from api_keys where id = any(${ids})
      union all select id, 'AuditEntry', organization_id from audit_log where id = any(${ids})
      union all select id, 'EventType', null from event_types where id = any(${ids})
      union all select id, 'WebhookTarget', organization_id from webhook_targets
        where id = any(${ids}) and deleted_at is null
      union all select id, 'Event', organization_id from events where id = any(${ids})
      union all select id, 'Delivery', organization_id from deliveries where id = any(${ids})
      union all select id, 'Replay', organization_id from replays where id = any(${ids})
      union all select id, 'Erasure', organization_id from erasures where id = any(${ids})
      union all select asked.id, 'DeliveryAttempt', delivery.organization_id
        from unnest(${ids}::text[], ${attempts.map(({ deliveryId }) => deliveryId)}::text[],
                    ${attempts.map(({ number }) => number)}::int[]) as asked (id, delivery_id, number)
        join delivery_attempts attempt on attempt.delivery_id = asked.delivery_id and attempt.number = asked.number
        join deliveries delivery on delivery.id = asked.delivery_id`,
  );
  const byId = new Map(found.map((row) => [row.id, row]));
  return keys.map(({ id, organizationId }) => {
    const row = byId.get(id);
    if (!row) return null;
    const isSeen = row.type === 'EventType' || organizationId === null || organizationId === row.organizationId;
    return isSeen ? row.type : null;
  });
}

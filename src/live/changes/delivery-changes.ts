/** The history of deliveries' status changes. */
import type { Sql } from '../../database/statement.ts';
import type { DeliveryStatus } from '../../domain/delivery.ts';
import { tagCondition } from './tag-condition.ts';
import { isOfTypes, typeCondition } from './type-condition.ts';
import type { ChangeTable, ChangeFilter, PositionRow } from '../change.ts';

/** A status change of one delivery. `previousStatus` is null when the delivery was created. */
export type DeliveryChange = {
  readonly organizationId: string;
  readonly deliveryId: string;
  readonly targetId: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly previousStatus: DeliveryStatus | null;
  readonly status: DeliveryStatus;
  /** The number of the attempt that caused the change; null for creation, cancellation and manual retry. */
  readonly attemptNumber: number | null;
  readonly occurredAt: Date;
};

export type DeliveryChangeFilter = ChangeFilter & {
  readonly status?: readonly DeliveryStatus[];
  readonly targetId?: string;
  readonly eventId?: string;
  readonly deliveryId?: string;
  readonly eventType?: readonly string[];
  readonly tags?: readonly string[];
};

type Row = PositionRow & {
  readonly organization_id: string;
  readonly delivery_id: string;
  readonly target_id: string;
  readonly event_id: string;
  readonly event_type: string;
  readonly previous_status: DeliveryStatus | null;
  readonly status: DeliveryStatus;
  readonly attempt_number: number | null;
  readonly occurred_at: Date;
};

export const DELIVERY_CHANGES: ChangeTable<DeliveryChange, DeliveryChangeFilter, Row> = {
  name: 'delivery_changes',
  prefix: 'stream',
  cursors: {
    prefix: 'chg1',
    stream: 'delivery stream',
    sources: ['Query.deliveryStreamCursor', 'DeliveryStatusChange.cursor'],
  },
  channel: 'changes',
  columns: `c.xid, c.seq, c.organization_id, c.delivery_id, c.target_id, c.event_id, c.event_type, c.previous_status,
    c.status, c.attempt_number, c.occurred_at`,
  toRecorded: (row) => ({
    organizationId: row.organization_id,
    deliveryId: row.delivery_id,
    targetId: row.target_id,
    eventId: row.event_id,
    eventType: row.event_type,
    previousStatus: row.previous_status,
    status: row.status,
    attemptNumber: row.attempt_number,
    occurredAt: row.occurred_at,
  }),
  content: ({ deliveryId, previousStatus, status, attemptNumber, occurredAt }) =>
    [deliveryId, previousStatus, status, attemptNumber, occurredAt.getTime()].join(),
  matches: (filter, change) =>
    filter.organizationId === change.organizationId &&
    (filter.deliveryId === undefined || filter.deliveryId === change.deliveryId) &&
    (filter.targetId === undefined || filter.targetId === change.targetId) &&
    (filter.eventId === undefined || filter.eventId === change.eventId) &&
    (filter.status === undefined || filter.status.includes(change.status)) &&
    (filter.eventType === undefined || isOfTypes(filter.eventType, change.eventType)),
  conditions: [
    ['deliveryId', (value) => `c.delivery_id = ${value}`],
    ['targetId', (value) => `c.target_id = ${value}`],
    ['eventId', (value) => `c.event_id = ${value}`],
    ['status', (value) => `c.status = any (${value}::delivery_status[])`],
    ['eventType', typeCondition],
    ['tags', tagCondition],
  ],
  ids: ['deliveryId', 'eventId', 'targetId'],
};

const COLUMNS =
  'organization_id, delivery_id, target_id, event_id, event_type, previous_status, status, attempt_number, occurred_at';

/** The start of each statement that appends changes. A select of their columns, in this order, must follow. */
export const INTO_DELIVERY_CHANGES = `insert into delivery_changes (${COLUMNS})`;

/**
 * The same for changes that attempts caused: what each attempt was follows. Statistics are counted from it, and no subscriber
 * is shown it.
 */
export const INTO_ATTEMPT_CHANGES = `
  insert into delivery_changes (${COLUMNS}, trigger, outcome, duration_ms, latency_ms, response_status)`;

const INSERT = `${INTO_DELIVERY_CHANGES}
  select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::delivery_status[],
    $7::delivery_status[], $8::int[], $9::timestamptz[])`;

/**
 * Appends the changes to the history, in this order, in the caller's transaction. The same transaction must make the
 * changes, and must not commit with synchronous_commit off: a change that subscribers saw has to outlive a crash.
 */
export async function recordDeliveryChanges(tx: Sql, changes: readonly DeliveryChange[]): Promise<void> {
  if (changes.length === 0) return;
  const column = <T>(read: (change: DeliveryChange) => T): T[] => changes.map(read);
  await tx.query({
    name: 'record_changes',
    text: INSERT,
    values: [
      column((change) => change.organizationId),
      column((change) => change.deliveryId),
      column((change) => change.targetId),
      column((change) => change.eventId),
      column((change) => change.eventType),
      column((change) => change.previousStatus),
      column((change) => change.status),
      column((change) => change.attemptNumber),
      column((change) => change.occurredAt.toISOString()),
    ],
  });
}

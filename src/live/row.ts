/** A row of delivery_changes, as it is selected and as it is understood. */
import type { DeliveryStatus } from '../domain/delivery.ts';
import type { Facts } from './change.ts';

export type Row = {
  xid: string;
  seq: string;
  organization_id: string;
  delivery_id: string;
  target_id: string;
  event_id: string;
  event_type: string;
  previous_status: DeliveryStatus | null;
  status: DeliveryStatus;
  attempt_number: number | null;
  occurred_at: Date;
};

/** Of the table under the name `c`. Order by `c.xid, c.seq`: an output column that was cast would sort as text. */
export const COLUMNS = `c.xid, c.seq, c.organization_id, c.delivery_id, c.target_id, c.event_id, c.event_type,
  c.previous_status, c.status, c.attempt_number, c.occurred_at`;

export const toFacts = (row: Row): Facts => ({
  position: { xid: BigInt(row.xid), seq: BigInt(row.seq) },
  organizationId: row.organization_id,
  deliveryId: row.delivery_id,
  targetId: row.target_id,
  eventId: row.event_id,
  eventType: row.event_type,
  previousStatus: row.previous_status,
  status: row.status,
  attemptNumber: row.attempt_number,
  occurredAt: row.occurred_at,
});

/** The history of published events: one change for each event. The statements that store events append to it. */
import type { Sql } from '../../database/statement.ts';
import { tagCondition } from './tag-condition.ts';
import { isOfTypes, typeCondition } from './type-condition.ts';
import type { ChangeTable, ChangeFilter, PositionRow } from '../change.ts';

/** A published event. */
export type EventChange = {
  readonly organizationId: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly customerId: string | null;
  /** When the event was published. For an adopted event (pipeline/upkeep/adopt-events.ts): when it was adopted. */
  readonly occurredAt: Date;
};

export type EventChangeFilter = ChangeFilter & {
  readonly eventType?: readonly string[];
  readonly customerId?: string;
  readonly tags?: readonly string[];
};

type Row = PositionRow & {
  readonly organization_id: string;
  readonly event_id: string;
  readonly event_type: string;
  readonly customer_id: string | null;
  readonly occurred_at: Date;
};

export const EVENT_CHANGES: ChangeTable<EventChange, EventChangeFilter, Row> = {
  name: 'event_changes',
  prefix: 'event_stream',
  cursors: {
    prefix: 'evt1',
    stream: 'event stream',
    sources: ['Query.eventStreamCursor', 'EventPublished.cursor'],
  },
  channel: 'event_changes',
  columns: 'c.xid, c.seq, c.organization_id, c.event_id, c.event_type, c.customer_id, c.occurred_at',
  toRecorded: (row) => ({
    organizationId: row.organization_id,
    eventId: row.event_id,
    eventType: row.event_type,
    customerId: row.customer_id,
    occurredAt: row.occurred_at,
  }),
  content: ({ eventId, occurredAt }) => [eventId, occurredAt.getTime()].join(),
  matches: (filter, { organizationId, eventType, customerId }) =>
    filter.organizationId === organizationId &&
    (filter.eventType === undefined || isOfTypes(filter.eventType, eventType)) &&
    (filter.customerId === undefined || filter.customerId === customerId),
  conditions: [
    ['customerId', (value) => `c.customer_id = ${value}`],
    ['eventType', typeCondition],
    ['tags', tagCondition],
  ],
  ids: ['customerId'],
};

/** The start of each statement that appends changes. A select of their columns, in this order, must follow. */
export const INTO_EVENT_CHANGES = `
  insert into event_changes (organization_id, event_id, event_type, customer_id, occurred_at)`;

/**
 * Loads when this history began on a database that the release before had used: events published before are not in it. Undefined
 * where it has all events.
 */
export async function loadEventStreamStart(sql: Sql): Promise<Date | undefined> {
  const { rows } = await sql.query<{ value: string }>(`select value from settings where name = 'event_stream_since'`);
  return rows[0] && new Date(rows[0].value);
}

/**
 * The changes of a delivery as a list, in the order of the stream and with its cursors: a client that has read them goes on with
 * deliveryStatusChanged after the last one. Only final changes are listed, as in the stream. After the cursor of another one
 * the stream would leave out what an older transaction commits later.
 */
import { Prisma } from '../../../prisma/generated/client.ts';
import type { Change, DeliveryChange, DeliveryFeed } from '../../live/feed.ts';
import type { List, Selection } from './list.ts';
import type { DeliveryRow } from './rows.ts';

type ChangeColumns = DeliveryChange & { readonly xid: string; readonly seq: string };

/** The place of a change as one number, which sorts as (xid, seq) does: seq has 64 bits. */
const PLACE = Prisma.sql`(xid::text::numeric * ${Prisma.raw(String(2n ** 64n))} + seq)`;
const SEQ_BITS = 64n;

/** The changes of a delivery, oldest first. */
export function changesOf(
  feed: Pick<DeliveryFeed, 'place' | 'placeIn'>,
  { id, organizationId }: DeliveryRow,
): Selection<Change<DeliveryChange>> {
  const list: List<Change<DeliveryChange>> = {
    cursors: {
      of: ({ cursor }) => cursor,
      read(cursor, argument) {
        const { xid, seq } = feed.placeIn(cursor, organizationId, argument);
        return String((xid << SEQ_BITS) + seq);
      },
    },
    table: Prisma.sql`delivery_changes`,
    columns: CHANGE_COLUMNS,
    key: PLACE,
    order: 'ascending',
    ascending: Prisma.sql`asc`,
    descending: Prisma.sql`desc`,
    toRow: ({ xid, seq, ...recorded }: ChangeColumns) => feed.place(recorded, { xid, seq }),
  };
  return {
    list,
    parent: { id, organizationId },
    where: (delivery) => [
      Prisma.sql`delivery_id = ${delivery.id} and organization_id = ${delivery.organizationId}
        and xid < pg_snapshot_xmin(pg_current_snapshot())`,
    ],
    key: 'changes',
  };
}

const CHANGE_COLUMNS = Prisma.sql`xid, seq, organization_id as "organizationId", delivery_id as "deliveryId",
  target_id as "targetId", event_id as "eventId", event_type as "eventType", previous_status as "previousStatus", status,
  attempt_number as "attemptNumber", occurred_at as "occurredAt"`;

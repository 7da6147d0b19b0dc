/** What an event has to do with each target of its organization. */
import { Prisma } from '../../../prisma/generated/client.ts';
import type { SharedReading } from '../../database/read/readings.ts';
import type { TargetStatus } from '../../domain/targets/target.ts';
import { batched, distinct, type Loader } from './batched.ts';
import { targetList, type List, type Selection } from './list.ts';
import { DELIVERY_COLUMNS, read, TARGET_COLUMNS, type DeliveryRow, type EventRow, type TargetRow } from './rows.ts';

/** A target, beside an event of its organization. */
export type EventTargetRow = TargetRow & { readonly eventId: string };

/** The targets of the event's organization that are not deleted, newest first. */
export function targetsOfEvent({ id, organizationId }: EventRow): Selection<EventTargetRow> {
  const list: List<EventTargetRow> = { ...targetList, columns: Prisma.sql`${TARGET_COLUMNS}, ${id} as "eventId"` };
  return {
    list,
    parent: { id: organizationId, organizationId },
    where: (organization) => [Prisma.sql`organization_id = ${organization.id} and deleted_at is null`],
    key: JSON.stringify(['event targets', id]),
  };
}

type EventTargetKey = { readonly eventId: string; readonly targetId: string };

/** A target, and a time. */
type StatusKey = { readonly organizationId: string; readonly targetId: string; readonly at: Date };

export type EventTargetLoaders = {
  /** The oldest delivery of the event to the target. */
  readonly firstDelivery: Loader<EventTargetKey, DeliveryRow>;
  /** The status that the first change after the time replaced; null: the status has not changed since. */
  readonly statusBefore: Loader<StatusKey, TargetStatus>;
};

export const createEventTargetLoaders = (reading: SharedReading): EventTargetLoaders => ({
  firstDelivery: batched<EventTargetKey, DeliveryRow | null>(reading, async (keys) => {
    const nameOf = ({ eventId, targetId }: EventTargetKey) => `${eventId} ${targetId}`;
    const [eventIds, targetIds] = [keys.map(({ eventId }) => eventId), keys.map(({ targetId }) => targetId)];
    const rows = await read<DeliveryRow>(
      reading,
      Prisma.sql`select distinct on (event_id, target_id) ${DELIVERY_COLUMNS} from deliveries
        where event_id = any(${distinct(eventIds)}) and target_id = any(${distinct(targetIds)})
        order by event_id, target_id, id`,
    );
    const byName = new Map(rows.map((row) => [nameOf(row), row]));
    return keys.map((key) => byName.get(nameOf(key)) ?? null);
  }),
  statusBefore: batched<StatusKey, TargetStatus | null>(reading, async (keys) => {
    const [organizationIds, targetIds] = [keys.map((key) => key.organizationId), keys.map((key) => key.targetId)];
    const rows = await read<{ place: number; status: TargetStatus }>(
      reading,
      Prisma.sql`select distinct on (asked.place) asked.place::int, c.previous_status as status
        from unnest(${organizationIds}::text[], ${targetIds}::text[], ${keys.map(({ at }) => at)}::timestamptz[])
          with ordinality as asked (organization_id, target_id, at, place)
        join target_changes c on c.organization_id = asked.organization_id and c.target_id = asked.target_id
          and c.occurred_at > asked.at
        order by asked.place, c.xid, c.seq`,
    );
    const byPlace = new Map(rows.map(({ place, status }) => [place - 1, status]));
    return keys.map((_, place) => byPlace.get(place) ?? null);
  }),
});

/** Looking for deliveries: one by its id, and lists of those that pass a filter. */
import { Prisma } from '../../../prisma/generated/client.ts';
import type { DeliveryStatus } from '../../domain/delivery.ts';
import { isId } from '../../domain/ksuid.ts';
import { callerOf, reachOf } from '../build/access.ts';
import { builder } from '../build/builder.ts';
import { connectionOf, pageArguments } from '../build/connection.ts';
import { Delivery, DeliveryConnection } from '../build/refs.ts';
import { ANY_OF_TAGS, AT_MOST, TYPES_OR_PATTERNS } from '../build/short-lists.ts';
import { describeStreamCursor } from '../build/stream-arguments.ts';
import { DateTimeRangeInput } from '../build/date-time-range.ts';
import { allOf, canMatch, createdWithin, NOTHING, ofTypes, type DateTimeRange } from '../read/conditions.ts';
import { deliveryList, replayedList, type Parent, type ParentSql, type Selection } from '../read/list.ts';
import { loadersOf } from '../read/reads.ts';
import { taggedDeliveries } from '../read/tagged.ts';
import type { DeliveryRow } from '../read/rows.ts';
import { DeliveryStatusEnum } from './type.ts';

type DeliveryFilter = {
  readonly status?: readonly DeliveryStatus[] | null | undefined;
  readonly targetId?: string | null | undefined;
  readonly eventId?: string | null | undefined;
  readonly eventType?: readonly string[] | null | undefined;
  readonly createdAt?: DateTimeRange | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
};

type FilterRef = PothosSchemaTypes.InputObjectRef<typeof builder.$inferSchemaTypes, DeliveryFilter>;

export const DeliveryFilterInput: FilterRef = builder.inputRef<DeliveryFilter>('DeliveryFilter').implement({
  description:
    'Which deliveries to list: those that satisfy every given field. A field that is null restricts nothing. An ' +
    'empty list matches nothing, and neither does an id or name that does not exist.',
  fields: (t) => ({
    status: t.field({ type: [DeliveryStatusEnum], description: `Deliveries in one of these states. ${AT_MOST}` }),
    targetId: t.id({ description: 'Deliveries to this webhook target.' }),
    eventId: t.id({ description: 'Deliveries of this event.' }),
    eventType: t.stringList({ description: `Deliveries whose event has one of these types. ${TYPES_OR_PATTERNS}` }),
    createdAt: t.field({ type: DateTimeRangeInput, description: 'Deliveries created in this range of time.' }),
    tags: t.stringList({ description: `Deliveries of events with any of these tags. ${ANY_OF_TAGS}` }),
  }),
});

builder.queryField('delivery', (t) =>
  t.field({
    type: Delivery,
    nullable: true,
    needs: 'DELIVERIES_READ',
    description: 'The delivery with this id; null when there is none in the caller’s organization.',
    args: { id: t.arg.id({ required: true, description: 'KSUID of the delivery.' }) },
    resolve: (_, { id }, context) =>
      isId(id) ? loadersOf(context).delivery.load({ id, organizationId: reachOf(context) }) : null,
  }),
);

builder.queryField('deliveries', (t) =>
  t.field({
    type: DeliveryConnection,
    needs: 'DELIVERIES_READ',
    description:
      'The deliveries of the caller’s organization, newest first. To keep a list current, read ' +
      'deliveryStreamCursor in the same operation, then subscribe to deliveryStatusChanged after that cursor.',
    args: {
      ...pageArguments(t.arg),
      filter: t.arg({ type: DeliveryFilterInput, description: 'Default: all of them.' }),
    },
    resolve: (_, { filter, ...args }, context) => {
      const { organizationId } = callerOf(context);
      return connectionOf(deliveriesOf('organization', { id: organizationId, organizationId }, filter), args);
    },
  }),
);

builder.queryField('deliveryStreamCursor', (t) =>
  t.string({
    needs: 'DELIVERIES_READ',
    description: describeStreamCursor('deliveryStatusChanged', 'deliveries'),
    resolve: (_, _args, context) =>
      context.services.feed.cursorIn(context.reads.reading, callerOf(context).organizationId),
  }),
);

/** What a list of deliveries can belong to. */
export type DeliveryParent = 'organization' | 'target' | 'event' | 'replay';

/** The deliveries of a parent, newest first. */
export function deliveriesOf(
  kind: DeliveryParent,
  parent: Parent,
  filter: DeliveryFilter | null | undefined,
): Selection<DeliveryRow> {
  const { status, targetId, eventId, eventType, createdAt, tags } = filter ?? {};
  const isPossible = canMatch(targetId, eventId, eventType, tags) && tags?.length !== 0;
  const parts = ({ id, organizationId }: ParentSql): readonly Prisma.Sql[] => {
    const ofOrganization = Prisma.sql`organization_id = ${organizationId}`;
    const ofParts = [
      kind === 'target' ? Prisma.sql`target_id = ${id}` : undefined,
      kind === 'event' ? Prisma.sql`event_id = ${id}` : undefined,
      kind === 'replay' ? Prisma.sql`listed_in = ${id}` : undefined,
      // Looked up first: what belongs to another organization is not searched at all.
      targetId != null
        ? Prisma.sql`target_id = (select id from webhook_targets where id = ${targetId} and ${ofOrganization})`
        : undefined,
      eventId != null
        ? Prisma.sql`event_id = (select id from events where id = ${eventId} and ${ofOrganization})`
        : undefined,
    ].filter((condition) => condition !== undefined);
    // A target or an event belongs to the organization already: without the column, its index alone can answer.
    const owner = allOf(ofParts.length > 0 ? ofParts : [ofOrganization]);
    const time = createdWithin(createdAt);
    // Each part is a query of its own, in the order of the list, so that it finds its own index. An event or a replay
    // needs one part only.
    const isWhole = kind === 'event' || kind === 'replay' || eventId != null;
    if (status == null) return (isWhole ? [undefined] : HALVES).map((half) => allOf([owner, half, time]));
    const conditions = [...new Set(status)].flatMap((one) => (isWhole ? [STATUS_IS[one]] : BY_INDEX[one]));
    return conditions.length > 0 ? conditions.map((condition) => allOf([owner, condition, time])) : [NOTHING];
  };
  const types = ofTypes(eventType);
  const where = (asked: ParentSql) => (isPossible ? parts(asked).map((part) => allOf([part, types])) : [NOTHING]);
  const list = kind === 'replay' ? replayedList : deliveryList;
  // But for a replay, whose list joins two tables.
  const isIndexed = kind !== 'replay';
  const selection = { list, parent, where, isIndexed, key: JSON.stringify(['deliveries', kind, filter]) };
  if (tags == null || !isPossible) return selection;
  const isFiltered = [status, targetId, eventId, eventType, createdAt].some((value) => value != null);
  if (kind === 'organization' && !isFiltered) return taggedDeliveries(selection, tags, null);
  return taggedDeliveries(selection, tags, (asked) =>
    parts(asked).map((indexed) => ({ indexed, whole: allOf([indexed, types]) })),
  );
}

// Written out, and not passed as a value, so that the planner knows how many rows there are.
const STATUS_IS: { readonly [Status in DeliveryStatus]: Prisma.Sql } = {
  PENDING: Prisma.sql`status = 'PENDING'`,
  RETRYING: Prisma.sql`status = 'RETRYING'`,
  DELIVERED: Prisma.sql`status = 'DELIVERED'`,
  FAILED: Prisma.sql`status = 'FAILED'`,
  CANCELLED: Prisma.sql`status = 'CANCELLED'`,
};

/**
 * Conditions on `indexed_status`, which the indexes of lists are on (see the migration). It is null for deliveries that go
 * straight from publish to DELIVERED: for the delivered ones, and for the PENDING ones above the pending floor
 * (pipeline/upkeep/pending-floor.ts) that never had to wait for their target.
 */
const STRAIGHT = Prisma.sql`indexed_status is null`;

const HALVES = [STRAIGHT, Prisma.sql`indexed_status is not null`];

const BY_INDEX: { readonly [Status in DeliveryStatus]: readonly Prisma.Sql[] } = {
  PENDING: [
    Prisma.sql`indexed_status = 'PENDING'`,
    Prisma.sql`${STRAIGHT} and ${STATUS_IS.PENDING} and id >= pending_floor()`,
  ],
  RETRYING: [Prisma.sql`indexed_status = 'RETRYING'`],
  DELIVERED: [Prisma.sql`${STRAIGHT} and ${STATUS_IS.DELIVERED}`],
  FAILED: [Prisma.sql`indexed_status = 'FAILED'`],
  CANCELLED: [Prisma.sql`indexed_status = 'CANCELLED'`],
};

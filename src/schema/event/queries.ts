/** Looking for events: one by its id, and lists of those that pass a filter. */
import { Prisma } from '../../../prisma/generated/client.ts';
import { isId } from '../../domain/ksuid.ts';
import { callerOf, reachOf } from '../build/access.ts';
import { builder } from '../build/builder.ts';
import { connectionOf, pageArguments } from '../build/connection.ts';
import { Event, EventConnection } from '../build/refs.ts';
import { ANY_OF_TAGS, TYPES_OR_PATTERNS } from '../build/short-lists.ts';
import { DateTimeRangeInput } from '../build/date-time-range.ts';
import { allOf, canMatch, createdWithin, NOTHING, ofTypes, type DateTimeRange } from '../read/conditions.ts';
import { eventList, type Parent, type Selection } from '../read/list.ts';
import { taggedEvents } from '../read/tagged.ts';
import { loadersOf } from '../read/reads.ts';
import type { EventRow } from '../read/rows.ts';

builder.queryField('event', (t) =>
  t.field({
    type: Event,
    nullable: true,
    needs: 'EVENTS_READ',
    description: 'The event with this id; null when there is none in the caller’s organization.',
    args: { id: t.arg.id({ required: true, description: 'KSUID of the event.' }) },
    resolve: (_, { id }, context) =>
      isId(id) ? loadersOf(context).event.load({ id, organizationId: reachOf(context) }) : null,
  }),
);

type EventFilter = {
  readonly eventType?: readonly string[] | null | undefined;
  readonly customerId?: string | null | undefined;
  readonly createdAt?: DateTimeRange | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
};

const EventFilterInput = builder.inputRef<EventFilter>('EventFilter').implement({
  description:
    'Which events to list: those that satisfy every given field. A field that is null restricts nothing. An empty ' +
    'list matches nothing, and neither does a name that does not exist.',
  fields: (t) => ({
    eventType: t.stringList({ description: `Events of one of these types. ${TYPES_OR_PATTERNS}` }),
    customerId: t.string({ description: 'Events about exactly this customer.' }),
    createdAt: t.field({ type: DateTimeRangeInput, description: 'Events published in this range of time.' }),
    tags: t.stringList({ description: `Events with any of these tags. ${ANY_OF_TAGS}` }),
  }),
});

builder.queryField('events', (t) =>
  t.field({
    type: EventConnection,
    needs: 'EVENTS_READ',
    description: 'The events of the caller’s organization, newest first.',
    args: {
      ...pageArguments(t.arg),
      filter: t.arg({ type: EventFilterInput, description: 'Default: all of them.' }),
    },
    resolve: (_, { filter, ...args }, context) => {
      const { organizationId } = callerOf(context);
      return connectionOf(eventsOf({ id: organizationId, organizationId }, filter), args);
    },
  }),
);

function eventsOf(organization: Parent, filter: EventFilter | null | undefined): Selection<EventRow> {
  const { eventType, customerId, createdAt, tags } = filter ?? {};
  const where: Selection<EventRow>['where'] = ({ id }) => {
    if (!canMatch(eventType, customerId, tags) || tags?.length === 0) return [NOTHING];
    const conditions = [
      Prisma.sql`organization_id = ${id}`,
      ofTypes(eventType),
      customerId != null ? Prisma.sql`customer_id = ${customerId}` : undefined,
      createdWithin(createdAt),
    ];
    return [allOf(conditions)];
  };
  const selection = { parent: organization, where, isIndexed: true, key: JSON.stringify(['events', filter]) };
  return tags?.length && canMatch(tags) ? taggedEvents(selection, tags) : { ...selection, list: eventList };
}

/** Events: what was published. */
import { Prisma } from '../../prisma/generated/client.ts';
import { isId } from '../domain/ksuid.ts';
import { callerOf, reachOf } from './build/access.ts';
import { builder } from './build/builder.ts';
import { allOf, canMatch, createdWithin, DateTimeRangeInput, NOTHING, type DateTimeRange } from './read/conditions.ts';
import { connectionOf, pageArguments } from './build/connection.ts';
import type { Context } from './build/context.ts';
import { deliveriesOf } from './delivery-filter.ts';
import { EventType } from './event-type.ts';
import { eventList, type Parent, type Selection } from './read/list.ts';
import { Node } from './build/node-interface.ts';
import { once } from './read/once.ts';
import { loadersOf } from './read/reads.ts';
import { DeliveryConnection, Event, EventConnection } from './build/refs.ts';
import { present } from './read/row-of.ts';
import { JSON_NULL } from './build/scalars.ts';
import type { EventRow } from './read/rows.ts';
import { AT_MOST } from './build/short-lists.ts';

const bodyOf = (event: EventRow, context: Context): Promise<string> =>
  once(event, 'body', () => present(loadersOf(context).eventBody.load(event.id), 'body'));

Event.implement({
  description:
    'Something that happened, as it was published: one row, and one delivery for each webhook target that was ' +
    'subscribed at that moment.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.exposeID('id', {
      description:
        'KSUID; the same in every delivery and attempt of the event, and in the headers X-Dakota-Event-ID (Dakota, ' +
        'or the deployment’s brand) and webhook-id. Receivers deduplicate by it.',
    }),
    eventType: t.field({
      type: EventType,
      description: 'What kind of event it is.',
      resolve: (event, _, context) =>
        once(event, 'eventType', () => present(loadersOf(context).eventType.load(event.eventTypeName), 'event type')),
    }),
    customerId: t.exposeString('customerId', {
      nullable: true,
      description: 'The customer whom the event is about; null when it is about none.',
    }),
    data: t.field({
      type: 'JSON',
      needs: ['EVENTS_READ', 'EVENTS_PUBLISH'],
      description:
        'What was published, as a JSON parser reads it: numbers beyond double precision are rounded here, and null ' +
        'where a double has no room for them (1e400). `body` has every digit. Costs 100.',
      extensions: { cost: 100 },
      resolve: async (event, _, context) =>
        (JSON.parse(await bodyOf(event, context)) as { data: unknown }).data ?? JSON_NULL,
    }),
    body: t.string({
      needs: ['EVENTS_READ', 'EVENTS_PUBLISH'],
      description:
        'The exact JSON text of the request body that targets receive, byte for byte what is signed: ' +
        '`{"id":…,"event":…,"data":…,"created_at":…}`, and `"customer_id"` when the event has one. Costs 100.',
      extensions: { cost: 100 },
      resolve: (event, _, context) => bodyOf(event, context),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was published.' }),
    deliveries: t.field({
      type: DeliveryConnection,
      needs: 'DELIVERIES_READ',
      description: 'Its deliveries, one per target, newest first.',
      args: pageArguments(t.arg),
      resolve: (event, args) => connectionOf(deliveriesOf('event', event, null), args),
    }),
  }),
});

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
};

const EventFilterInput = builder.inputRef<EventFilter>('EventFilter').implement({
  description:
    'Which events to list: those that satisfy every field that is given. Null restricts nothing; an empty list ' +
    'matches nothing; a name that does not exist matches nothing.',
  fields: (t) => ({
    eventType: t.stringList({ description: `Of one of these types, by their canonical names. ${AT_MOST}` }),
    customerId: t.string({ description: 'About exactly this customer.' }),
    createdAt: t.field({ type: DateTimeRangeInput, description: 'Published in this range of time.' }),
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
  const { eventType, customerId, createdAt } = filter ?? {};
  const where: Selection<EventRow>['where'] = ({ id }) => {
    if (!canMatch(eventType, customerId)) return [NOTHING];
    const conditions = [
      Prisma.sql`organization_id = ${id}`,
      eventType != null ? Prisma.sql`event_type = any(${eventType})` : undefined,
      customerId != null ? Prisma.sql`customer_id = ${customerId}` : undefined,
      createdWithin(createdAt),
    ];
    return [allOf(conditions)];
  };
  return { list: eventList, parent: organization, where, key: JSON.stringify(['events', filter]) };
}

/** Events: what was published. */
import { connectionOf, pageArguments } from '../build/connection.ts';
import type { Context } from '../build/context.ts';
import { hold } from '../build/hold.ts';
import { Node } from '../build/node-interface.ts';
import { DeliveryConnection, Event } from '../build/refs.ts';
import { JSON_NULL } from '../build/scalars.ts';
import { deliveriesOf } from '../delivery/queries.ts';
import { EventType } from '../event-type.ts';
import { once } from '../read/once.ts';
import { loadersOf } from '../read/reads.ts';
import { present } from '../read/row-of.ts';
import type { EventRow } from '../read/rows.ts';

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
      description: 'The customer whom the event is about; null when it is about no customer.',
    }),
    orderingKey: t.string({
      nullable: true,
      description: 'Targets with the ordering KEY receive the events of one key in order; null: it has none.',
      resolve: async ({ id }, _, context) =>
        (await present(loadersOf(context).orderingKey.load(id), 'event')).orderingKey,
    }),
    data: t.field({
      type: 'JSON',
      needs: ['EVENTS_READ', 'EVENTS_PUBLISH'],
      description:
        'What was published, as a JSON parser reads it: numbers beyond double precision are rounded, and numbers ' +
        'too large for a double (1e400) are null. `body` has every digit. {} when the event was erased. Costs 100.',
      extensions: { cost: 100 },
      resolve: async (event, _, context, info) => {
        hold(context, info, event.id, {});
        const body = await bodyOf(event, context);
        return body === '' ? {} : ((JSON.parse(body) as { data: unknown }).data ?? JSON_NULL);
      },
    }),
    body: t.string({
      needs: ['EVENTS_READ', 'EVENTS_PUBLISH'],
      description:
        'The exact JSON text of the request body that targets receive, byte for byte what is signed: ' +
        '`{"id":…,"event":…,"data":…,"created_at":…}`, and `"customer_id"` when the event has one. Empty when the event was erased. Costs 100.',
      extensions: { cost: 100 },
      resolve: (event, _, context, info) => {
        hold(context, info, event.id, '');
        return bodyOf(event, context);
      },
    }),
    erasedAt: t.expose('erasedAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When the data of the event was erased (eraseEventData): `data` is then {}, `body` the empty text, and the event is ' +
        'never sent again. Null: it was not.',
    }),
    tags: t.stringList({
      description:
        'The tags that the publisher gave the event, in their order: to find it by. Empty: none, or the event was erased. ' +
        'They are not in the body, and no target is sent them.',
      resolve: ({ id, tags }, _, context, info) => {
        hold(context, info, id, []);
        return tags;
      },
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the event was published.' }),
    deliveries: t.field({
      type: DeliveryConnection,
      needs: 'DELIVERIES_READ',
      description:
        'The deliveries of the event, newest first: one for each target, and one more for each time it was redelivered.',
      args: pageArguments(t.arg),
      resolve: (event, args) => connectionOf(deliveriesOf('event', event, null), args),
    }),
  }),
});

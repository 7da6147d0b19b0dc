/** Deliveries: one event on its way to one target. */
import { isId } from '../domain/ksuid.ts';
import { callerOf, reachOf } from './build/access.ts';
import { builder } from './build/builder.ts';
import { connectionOf, pageArguments } from './build/connection.ts';
import { attemptsOf } from './delivery-attempt.ts';
import { deliveriesOf, DeliveryFilterInput, DeliveryStatusEnum } from './delivery-filter.ts';
import { Node } from './build/node-interface.ts';
import { once } from './read/once.ts';
import { loadersOf } from './read/reads.ts';
import { present, rowOf } from './read/row-of.ts';
import { Delivery, DeliveryAttemptConnection, DeliveryConnection, Event, WebhookTarget } from './build/refs.ts';
import { describeStreamCursor } from './build/stream-arguments.ts';

Delivery.implement({
  description:
    'One event on its way to one webhook target: up to `maxAttempts` scheduled attempts, ten over 28 hours by default, ' +
    'until the target answers 2xx. Delivery is at least once: a crash may repeat an attempt, with the same event id and ' +
    'attempt number, and never loses one.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.exposeID('id', { description: 'KSUID of the delivery.' }),
    status: t.field({ type: DeliveryStatusEnum, description: 'Where it stands.', resolve: ({ status }) => status }),
    event: t.field({
      type: Event,
      description: 'What is delivered.',
      resolve: (delivery, _, context, info) => {
        const key = { id: delivery.eventId, organizationId: delivery.organizationId };
        const load = () => present(loadersOf(context).event.load(key), 'event');
        return rowOf(key.id, info, () => once(delivery, 'event', load));
      },
    }),
    target: t.field({
      type: WebhookTarget,
      description: 'Where it is delivered to. Answers for a deleted target too, which is found nowhere else.',
      resolve: (delivery, _, context, info) => {
        const key = { id: delivery.targetId, organizationId: delivery.organizationId };
        const load = () => present(loadersOf(context).target.load(key), 'target');
        return rowOf(key.id, info, () => once(delivery, 'target', load));
      },
    }),
    attemptCount: t.exposeInt('attemptCount', {
      description: 'Attempts made so far, manual ones included: the number of the last one.',
    }),
    maxAttempts: t.exposeInt('maxAttempts', {
      description:
        'Attempts that the schedule makes in all, as it was when the delivery was created (10 by default). Manual ' +
        'retries come on top.',
    }),
    nextAttemptAt: t.expose('nextAttemptAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When the next attempt is due: after failure n, step n of the schedule (5m 10m 15m 30m 1h 2h 4h 8h 12h by ' +
        'default) and up to 10 % more. Null when none is to come.',
    }),
    lastAttemptAt: t.expose('lastAttemptAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the last attempt started; null until the first.',
    }),
    deliveredAt: t.expose('deliveredAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the target accepted it; null until then.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the event was published.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When the delivery last changed.' }),
    attempts: t.field({
      type: DeliveryAttemptConnection,
      description: 'The attempts made, oldest first: `last: 1` is the latest one.',
      args: pageArguments(t.arg),
      resolve: (delivery, args) => connectionOf(attemptsOf(delivery), args),
    }),
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

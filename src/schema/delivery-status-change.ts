/** The live stream of status changes. The feed (live/feed.ts) says what a change is made of, and in which order changes come. */
import type { DeliveryStatus } from '../domain/delivery.ts';
import type { DeliveryChangeFilter } from '../live/feed.ts';
import { callerOf } from './build/access.ts';
import { builder } from './build/builder.ts';
import { placeFields } from './build/place-fields.ts';
import { DeliveryStatusEnum } from './delivery/type.ts';
import { loadersOf } from './read/reads.ts';
import { present, rowOf } from './read/row-of.ts';
import { Delivery, DeliveryAttempt, DeliveryStatusChange } from './build/refs.ts';
import { ANY_OF_TAGS, AT_MOST, TYPES_OR_PATTERNS } from './build/short-lists.ts';
import { describeAfter, resumeAfter, STREAM_FILTER, STREAM_PROMISE, streamFilter } from './build/stream-arguments.ts';

DeliveryStatusChange.implement({
  description: 'One committed change of a delivery’s status.',
  fields: (t) => ({
    ...placeFields(t, 'change'),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: 'When the status changed.' }),
    previousStatus: t.field({
      type: DeliveryStatusEnum,
      nullable: true,
      description: 'The status before; null when the delivery was created.',
      resolve: ({ previousStatus }) => previousStatus,
    }),
    status: t.field({
      type: DeliveryStatusEnum,
      description:
        'The status from then on. It equals previousStatus when a retry failed and the next one is scheduled.',
      resolve: ({ status }) => status,
    }),
    attempt: t.field({
      type: DeliveryAttempt,
      nullable: true,
      description: 'The attempt that caused the change; null for creation, cancellation and manual retry.',
      resolve: ({ deliveryId, attemptNumber: number }, _, context) =>
        number === null ? null : loadersOf(context).attempt.load({ deliveryId, number }),
    }),
    delivery: t.field({
      type: Delivery,
      description: 'The delivery as it is when the change is sent. It may have changed again since.',
      resolve: ({ deliveryId: id, organizationId }, _, context, info) =>
        rowOf(id, info, () => present(loadersOf(context).delivery.load({ id, organizationId }), 'delivery')),
    }),
  }),
});

type StreamFilter = {
  readonly status?: readonly DeliveryStatus[] | null | undefined;
  readonly targetId?: string | null | undefined;
  readonly eventId?: string | null | undefined;
  readonly deliveryId?: string | null | undefined;
  readonly eventType?: readonly string[] | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
};

const DeliveryStreamFilter = builder.inputRef<StreamFilter>('DeliveryStreamFilter').implement({
  description: STREAM_FILTER,
  fields: (t) => ({
    status: t.field({ type: [DeliveryStatusEnum], description: `Changes to one of these states. ${AT_MOST}` }),
    targetId: t.id({ description: 'Changes of deliveries to this webhook target.' }),
    eventId: t.id({ description: 'Changes of deliveries of this event.' }),
    deliveryId: t.id({ description: 'Changes of this delivery.' }),
    eventType: t.stringList({
      description: `Changes of deliveries whose event has one of these types. ${TYPES_OR_PATTERNS}`,
    }),
    tags: t.stringList({ description: `Changes of deliveries of events with any of these tags. ${ANY_OF_TAGS}` }),
  }),
});

builder.subscriptionField('deliveryStatusChanged', (t) =>
  t.field({
    type: DeliveryStatusChange,
    needs: 'DELIVERIES_READ',
    description: `Live status changes of the deliveries of the caller’s organization: ${STREAM_PROMISE}`,
    args: {
      filter: t.arg({ type: DeliveryStreamFilter, description: 'Default: every change.' }),
      after: t.arg.string({ description: describeAfter('deliveryStreamCursor') }),
    },
    subscribe: async (_, { filter, after }, context) => {
      const { organizationId } = callerOf(context);
      const wanted = streamFilter<DeliveryChangeFilter>(organizationId, filter ?? {});
      const { feed, selectEvents } = context.services;
      const stream = await feed.subscribe(wanted, resumeAfter(feed, after, context));
      const { tags } = wanted;
      return tags ? selectEvents(stream, { text: JSON.stringify(tags), filter: null, tags }) : stream;
    },
    resolve: (change) => change,
  }),
);

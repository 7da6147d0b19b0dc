/** Retrying, redelivering and cancelling by hand. */
import { callerOf, reachOf } from '../build/access.ts';
import { authoredCaller } from '../build/authored.ts';
import { builder } from '../build/builder.ts';
import { loadersOf } from '../read/reads.ts';
import { Delivery } from '../build/refs.ts';
import { DateTimeRangeInput } from '../build/date-time-range.ts';
import { payloadType, perform, type Payload } from '../build/mutation.ts';
import type { CancelledMany } from '../../manage/cancel-deliveries.ts';
import { DeliveryStatusEnum } from './type.ts';

type Done = { readonly deliveryId: string };
type FieldBuilder = PothosSchemaTypes.ObjectFieldBuilder<typeof builder.$inferSchemaTypes, Payload<Done>>;

type DeliveryField = PothosSchemaTypes.FieldRef<typeof builder.$inferSchemaTypes, unknown, 'Object'>;

/** The `delivery` field of a payload. */
export const deliveryField = (t: FieldBuilder, description: string): DeliveryField =>
  t.field({
    type: Delivery,
    nullable: true,
    description,
    resolve: (payload, _, context) =>
      payload.value &&
      loadersOf(context).delivery.load({ id: payload.value.deliveryId, organizationId: reachOf(context) }),
  });

const RetryDeliveryInput = builder.inputType('RetryDeliveryInput', {
  description: 'A delivery to send once more.',
  fields: (t) => ({ id: t.id({ required: true, description: 'KSUID of the delivery.' }) }),
});

const RetryDeliveryPayload = payloadType<Done>('RetryDeliveryPayload', 'What retryDelivery did.', (t) => ({
  delivery: deliveryField(t, 'The delivery, queued again for one attempt now; null when there are userErrors.'),
}));

builder.mutationField('retryDelivery', (t) =>
  t.field({
    type: RetryDeliveryPayload,
    needs: 'DELIVERIES_WRITE',
    description:
      'Queues one attempt for now, with the next number. It uses up no step of the schedule: when it fails, a ' +
      'FAILED delivery is FAILED again, and an open delivery goes on with its schedule. A second call before that ' +
      'attempt has ended changes nothing. User errors: NOT_FOUND; INVALID_STATE when the delivery is PENDING, ' +
      'DELIVERED or CANCELLED, when one of its attempts is under way, when its target is PAUSED, DISABLED or deleted, or ' +
      'when its event was erased.',
    args: { input: t.arg({ type: RetryDeliveryInput, required: true, description: 'Which delivery.' }) },
    resolve: (_, { input }, context, info) =>
      perform(context, info, (effect) => context.services.deliveries.retry(callerOf(context), input, effect)),
  }),
);

const RedeliverInput = builder.inputType('RedeliverInput', {
  description: 'An event, and the target to which it is sent once more.',
  fields: (t) => ({
    eventId: t.id({ required: true, description: 'KSUID of the event.' }),
    targetId: t.id({ required: true, description: 'KSUID of the webhook target, of the same organization.' }),
  }),
});

const RedeliverPayload = payloadType<Done>('RedeliverPayload', 'What redeliver did.', (t) => ({
  delivery: deliveryField(t, 'The new delivery; null when there are userErrors.'),
}));

builder.mutationField('redeliver', (t) =>
  t.field({
    type: RedeliverPayload,
    needs: 'DELIVERIES_WRITE',
    description:
      'Sends an event to a target once more, or for the first time: a new delivery, with the same event id and the ' +
      'same body, and with a schedule of its own. What the target is subscribed to does not count, and neither does ' +
      'what was delivered before; receivers that deduplicate by the event id ignore a repeat. It goes out ahead of ' +
      'other waiting deliveries. A PAUSED target gets it when it is ACTIVE again. User errors: NOT_FOUND, also for an ' +
      'event that is older than RETENTION_DAYS (30 by default); INVALID_STATE when the target is DISABLED, or the event ' +
      'was erased.',
    args: { input: t.arg({ type: RedeliverInput, required: true, description: 'What to send, and where.' }) },
    resolve: (_, { input }, context, info) =>
      perform(context, info, (effect) =>
        context.services.deliveries.redeliver(authoredCaller(context, info), input, effect),
      ),
  }),
);

const CancelDeliveryInput = builder.inputType('CancelDeliveryInput', {
  description: 'A delivery to give up.',
  fields: (t) => ({ id: t.id({ required: true, description: 'KSUID of the delivery.' }) }),
});

const CancelDeliveryPayload = payloadType<Done>('CancelDeliveryPayload', 'What cancelDelivery did.', (t) => ({
  delivery: deliveryField(t, 'The delivery, now CANCELLED; null when there are userErrors.'),
}));

builder.mutationField('cancelDelivery', (t) =>
  t.field({
    type: CancelDeliveryPayload,
    needs: 'DELIVERIES_WRITE',
    description:
      'Gives a delivery up: no further attempt starts. An attempt that a worker has already claimed still ends and ' +
      'is recorded. Whatever its outcome, the delivery stays CANCELLED, and its stream shows no change. A FAILED delivery ' +
      'that holds others up (`OrderAfterFailure`) can be given up too: the next one goes out then. User errors: ' +
      'NOT_FOUND; INVALID_STATE when the delivery is not open, and holds nothing up.',
    args: { input: t.arg({ type: CancelDeliveryInput, required: true, description: 'Which delivery.' }) },
    resolve: (_, { input }, context, info) =>
      perform(context, info, (effect) => context.services.deliveries.cancel(callerOf(context), input, effect)),
  }),
);

const CancelDeliveriesInput = builder.inputType('CancelDeliveriesInput', {
  description:
    'Which open deliveries to give up: those that satisfy every given field. At least one of targetId, eventId and ' +
    'customerId is required. A field that is null restricts nothing.',
  fields: (t) => ({
    targetId: t.id({ description: 'Deliveries to this webhook target.' }),
    eventId: t.id({ description: 'Deliveries of this event.' }),
    customerId: t.string({
      description:
        'Deliveries whose event is about this customer. Without targetId and eventId, the open deliveries of the ' +
        'organization are looked at, those of `createdAt` only: the oldest 100,000 in a request.',
    }),
    status: t.field({
      type: [DeliveryStatusEnum],
      description:
        'Deliveries that are PENDING, or RETRYING. The other states may stand there and match nothing: what has ended ' +
        'is not cancelled. Default: every open delivery. At most 1000 entries.',
    }),
    createdAt: t.field({ type: DateTimeRangeInput, description: 'Deliveries created in this range of time.' }),
  }),
});

const CancelDeliveriesPayload = payloadType<CancelledMany>(
  'CancelDeliveriesPayload',
  'What cancelDeliveries did.',
  (t) => ({
    cancelledCount: t.int({
      nullable: true,
      description: 'How many deliveries this request cancelled, at most 10,000; null when there are userErrors.',
      resolve: ({ value }) => value && value.cancelledCount,
    }),
    hasMore: t.boolean({
      nullable: true,
      description:
        'Whether the request ended at a limit: it cancelled 10,000, or looked at 100,000 open deliveries. Send it again, ' +
        'with another idempotency key; when it found none to cancel, with a later `createdAt`. Null when there are ' +
        'userErrors.',
      resolve: ({ value }) => value && value.hasMore,
    }),
  }),
);

builder.mutationField('cancelDeliveries', (t) =>
  t.field({
    type: CancelDeliveriesPayload,
    needs: 'DELIVERIES_WRITE',
    description:
      'Gives up the open deliveries that fit, the oldest first, in transactions of at most 1000, and at most 10,000 a ' +
      'request, which looks at 100,000 at most. As with ' +
      'cancelDelivery, an attempt that a worker has already claimed still ends and is recorded. Deliveries that are ' +
      'created meanwhile may stay open: pause or disable the target first. When the process dies in the middle, a ' +
      'repeat with the same idempotency key goes on, and counts only what it cancelled itself. User errors: REQUIRED, ' +
      'NOT_FOUND, INVALID, TOO_MANY.',
    args: { input: t.arg({ type: CancelDeliveriesInput, required: true, description: 'Which deliveries.' }) },
    resolve: (_, { input }, context, info) =>
      perform(context, info, (effect) =>
        context.services.deliveries.cancelMany(authoredCaller(context, info), input, effect),
      ),
  }),
);

/** A test event for one webhook target. */
import { callerOf } from './build/access.ts';
import { builder } from './build/builder.ts';
import { deliveryField } from './delivery-mutations.ts';
import { payloadType, perform } from './build/user-error.ts';

const SendTestEventInput = builder.inputType('SendTestEventInput', {
  description: 'A webhook target to try.',
  fields: (t) => ({
    targetId: t.id({
      required: true,
      description: 'KSUID of the target. A PAUSED one gets it when it is active again.',
    }),
    eventType: t.string({
      description:
        'Type of the test event, subscribed or not. Default: the first type the target is subscribed to, or the ' +
        'first of the catalog.',
    }),
  }),
});

const SendTestEventPayload = payloadType<{ deliveryId: string }>(
  'SendTestEventPayload',
  'What sendTestEvent did.',
  (t) => ({ delivery: deliveryField(t, 'The delivery to follow; null when there are userErrors.') }),
);

builder.mutationField('sendTestEvent', (t) =>
  t.field({
    type: SendTestEventPayload,
    needs: 'TARGETS_WRITE',
    description:
      'Publishes a real event with the example data of its type (`{"test":true}` where it has none), to one target ' +
      'only: signed, retried and listed like any other. User errors: NOT_FOUND, UNKNOWN_EVENT_TYPE, INVALID_STATE ' +
      '(the target is DISABLED).',
    args: { input: t.arg({ type: SendTestEventInput, required: true, description: 'Which target, which type.' }) },
    resolve: (_, { input }, context, info) =>
      perform(context, info, (effect) => context.services.publisher.sendTest(callerOf(context), input, effect)),
  }),
);

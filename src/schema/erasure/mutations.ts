/** Erasing the data of events, and all that an organization has. */
import { authoredCaller } from '../build/authored.ts';
import { builder } from '../build/builder.ts';
import { payloadType, perform } from '../build/mutation.ts';
import { toOrganizationId } from '../build/organization-id.ts';
import { Erasure } from '../build/refs.ts';
import { loadersOf } from '../read/reads.ts';
import { present, rowOf } from '../read/row-of.ts';

type Done = { readonly erasureId: string };

const erasurePayload = (name: string, description: string, what: string) =>
  payloadType<Done>(name, description, (t) => ({
    erasure: t.field({
      type: Erasure,
      nullable: true,
      description: `${what}; null when there are userErrors.`,
      resolve: ({ value }, _, context, info) =>
        value &&
        rowOf(value.erasureId, info, () =>
          present(loadersOf(context).erasure.load({ id: value.erasureId, organizationId: null }), 'erasure'),
        ),
    }),
  }));

const EraseEventDataInput = builder.inputType('EraseEventDataInput', {
  description: 'Whose data to erase: exactly one of eventId, customerId and tag.',
  fields: (t) => ({
    eventId: t.id({ description: 'KSUID of one event.' }),
    customerId: t.string({
      description: 'All events of the caller’s organization about exactly this customer, 1 to 255 characters.',
    }),
    tag: t.string({
      description: 'All events of the caller’s organization that have exactly this tag, 1 to 128 characters.',
    }),
    before: t.field({
      type: 'DateTime',
      description: 'Only events published before this time. Default: now, and a time in the future counts as now.',
    }),
  }),
});

const EraseEventDataPayload = erasurePayload(
  'EraseEventDataPayload',
  'What eraseEventData did.',
  'The erasure, RUNNING',
);

builder.mutationField('eraseEventData', (t) =>
  t.field({
    type: EraseEventDataPayload,
    needs: 'EVENTS_ERASE',
    description:
      'Erases data for good. Of each event go its body, its tags and its idempotency key (a keyed hash of it stays, so that a late ' +
      'repeat of the publish brings nothing back), the headers, bodies and error texts of what targets answered, and what ' +
      'remembered answers of mutations show of it. Its ids, type, times, customerId, states, outcomes and status codes stay. ' +
      'Open deliveries become CANCELLED in the same step; only what is being sent at that moment may still arrive. An erased ' +
      'event is never sent again: retryDelivery and redeliver are INVALID_STATE, replays skip and count it. It begins ' +
      'within a second. User errors: REQUIRED or INVALID unless exactly one of eventId, customerId and tag is given; ' +
      'TOO_LONG (customerId, tag); NOT_FOUND (eventId).',
    args: { input: t.arg({ type: EraseEventDataInput, required: true, description: 'What to erase.' }) },
    resolve: (_, { input }, context, info) =>
      perform(context, info, (effect) =>
        context.services.erasures.create(authoredCaller(context, info), input, effect),
      ),
  }),
);

const DeleteOrganizationInput = builder.inputType('DeleteOrganizationInput', {
  description: 'An organization to delete.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'KSUID of the organization, or its external id.' }),
  }),
});

const DeleteOrganizationPayload = erasurePayload(
  'DeleteOrganizationPayload',
  'What deleteOrganization did.',
  'The erasure that deletes what the organization has',
);

builder.mutationField('deleteOrganization', (t) =>
  t.field({
    type: DeleteOrganizationPayload,
    needs: 'PLATFORM_ADMIN',
    description:
      'Deletes an organization for good, with everything it has. At once it is not found any more, its API keys end (open ' +
      'sockets and streams within 5 seconds), its webhook targets are deleted, and nothing new is sent for it. What it has ' +
      'is then deleted in steps, its entries of the audit log too; the erasure says when that is over. Its external id is ' +
      'free again. User errors: NOT_FOUND; INVALID for the organization of the caller’s own API key, and for the first one of ' +
      'the deployment.',
    args: {
      input: t.arg({ type: DeleteOrganizationInput, required: true, description: 'Which organization.' }),
    },
    resolve: (_, { input }, context, info) =>
      perform(context, info, async (effect) => {
        const id = await toOrganizationId(context, input.id);
        return context.services.organizations.delete(authoredCaller(context, info), { id }, effect);
      }),
  }),
);

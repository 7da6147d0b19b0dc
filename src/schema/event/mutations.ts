/** Publishing events. */
import type { GraphQLResolveInfo } from 'graphql';
import type { Effect } from '../../database/effect.ts';
import { MAX_TAG, MAX_TAGS } from '../../domain/tags.ts';
import { callerOf, reachOf } from '../build/access.ts';
import { builder } from '../build/builder.ts';
import type { Context } from '../build/context.ts';
import { isExternalId, toOrganizationId } from '../build/organization-id.ts';
import { loadersOf } from '../read/reads.ts';
import { present, rowOf } from '../read/row-of.ts';
import { Event } from '../build/refs.ts';
import { payloadType, perform } from '../build/mutation.ts';
import type { Published, PublishedMany } from '../../pipeline/publish/publish.ts';

const ERRORS =
  'User errors: UNKNOWN_EVENT_TYPE; INVALID (eventType, of an event that only the service publishes); REQUIRED or INVALID unless exactly one of data and rawData is given; ' +
  'PAYLOAD_INVALID (cannot be delivered as JSON, is nested over 100 levels deep, does not satisfy the JSON Schema ' +
  'of the type, or is too expensive to check against it: an operation has 100 ms of CPU time for all its checks); ' +
  'PAYLOAD_TOO_LARGE (over 256 KiB); IDEMPOTENCY_MISMATCH (idempotencyKey); INVALID or TOO_LONG (customerId, ' +
  'idempotencyKey, orderingKey, a tag); REQUIRED (a tag) or TOO_MANY (tags); NOT_FOUND (organizationId).';

const PublishEventInput = builder.inputType('PublishEventInput', {
  description: 'An event to publish. Exactly one of `data` and `rawData` is needed.',
  fields: (t) => ({
    eventType: t.string({ required: true, description: 'Canonical name of a type that is not archived.' }),
    data: t.field({
      type: 'JSON',
      description:
        'What happened: any JSON value but null, at most 256 KiB and 100 levels deep. A number that a double would ' +
        'change is refused: use rawData for it. (1e18 and 123456789012345680000 are taken: a double does not ' +
        'change them.) Texts and object keys with NUL or a lone surrogate are refused too. A value that is not an ' +
        'object is legal, but the types that receivers in Go or Rust usually have refuse it.',
    }),
    rawData: t.string({
      description:
        'The data as JSON text, kept byte for byte. It is for numbers, or an order of object keys, that a JSON ' +
        'parser would change, and for a JSON null. NUL and lone surrogates are refused, also as escapes. Numbers ' +
        'such as 1e400, and values that are not objects, are legal JSON, but the usual types of Go and Rust refuse ' +
        'them.',
    }),
    customerId: t.string({
      description:
        'The customer whom the event is about, 1 to 255 characters. Targets limited to other customers do not ' +
        'receive it. Default: none; then no target limited to customers receives it.',
    }),
    idempotencyKey: t.string({
      description:
        'Makes repeating safe: a second publish with the same idempotency key and the same content in the same ' +
        'organization creates nothing and returns the first event, with the deliveries it has. The content is ' +
        'eventType, customerId, orderingKey and data: `data` is compared as canonical JSON (RFC 8785: 1.0 is 1, and the order ' +
        'of object keys does not count), `rawData` by its bytes. Other content is refused with ' +
        'IDEMPOTENCY_MISMATCH, which names the first event. 1 to 255 printable ASCII characters. Default: none.',
    }),
    orderingKey: t.string({
      description:
        'Names the sequence that the event belongs to, such as a transaction or an account: 1 to 255 characters. Targets with the ordering KEY ' +
        'receive the events of one key one after another, in the order of publishing; to other targets it means nothing. ' +
        'Default: none; then it waits for no event, except to targets with the ordering TARGET.',
    }),
    tags: t.stringList({
      description:
        'To find the event by, and its deliveries: the id of a transaction, of an order, of a user. At most ' +
        `${MAX_TAGS}, each 1 to ${MAX_TAG} characters; a tag that is given twice counts once. They are stored beside the ` +
        'body, and no target is sent them. They are not part of the content that idempotencyKey compares: a repeat ' +
        'returns the first event, with the tags that it has. Default: none.',
    }),
    organizationId: t.id({
      description:
        'The organization that the event belongs to: its id, or its external id. Default: the caller’s; another organization needs the scope ' +
        'PLATFORM_ADMIN.',
    }),
  }),
});

type Owned = { readonly organizationId?: string | null | undefined };

/** The inputs, each with the id of its organization in place of an external id. Without one, nothing is waited for. */
function nameOrganizations<Input extends Owned>(
  context: Context,
  inputs: readonly Input[],
): readonly Input[] | Promise<readonly Input[]> {
  if (!inputs.some(({ organizationId }) => isExternalId(organizationId))) return inputs;
  return Promise.all(
    inputs.map(async (input) => ({ ...input, organizationId: await toOrganizationId(context, input.organizationId) })),
  );
}

const publisherOf = (context: Context) => ({ ...callerOf(context), checkBudget: context.checkBudget });

/** Reads the event only when more than its id is selected: publishing is the hot path, and most publishers want only the id. */
const eventOf = (id: string, context: Context, info: GraphQLResolveInfo) =>
  rowOf(id, info, () => present(loadersOf(context).event.load({ id, organizationId: reachOf(context) }), 'event'));

/** What the release before has remembered for an idempotency key lacks the count: it had no filters. */
const filteredCountOf = (value: { readonly filteredCount?: number } | null): number | null =>
  value && (value.filteredCount ?? 0);

const PublishEventPayload = payloadType<Published>('PublishEventPayload', 'What publishEvent did.', (t) => ({
  event: t.field({
    type: Event,
    nullable: true,
    description: 'The event, committed together with its deliveries; null when there are userErrors.',
    resolve: ({ value }, _, context, info) => value && eventOf(value.eventId, context, info),
  }),
  deliveryCount: t.int({
    nullable: true,
    description:
      'How many deliveries the event has, one per subscribed target whose filter it satisfies; `Event.targets` says why the ' +
      'others have none. Null when there are userErrors.',
    resolve: ({ value }) => value?.deliveryCount ?? null,
  }),
  filteredCount: t.int({
    nullable: true,
    description:
      'How many targets that are subscribed did not get the event, because it does not satisfy their filter. A repeat with ' +
      'the same idempotencyKey gives the number of the first publish. Null when there are userErrors.',
    resolve: ({ value }) => filteredCountOf(value),
  }),
}));

builder.mutationField('publishEvent', (t) =>
  t.field({
    type: PublishEventPayload,
    needs: 'EVENTS_PUBLISH',
    description:
      'Publishes an event to every subscribed target: event, deliveries and their first attempts are one commit, ' +
      `and the answer comes after it. ${ERRORS}`,
    args: { input: t.arg({ type: PublishEventInput, required: true, description: 'The event to publish.' }) },
    resolve: (_, { input }, context, info) => {
      const { publisher } = context.services;
      const publish = async (effect?: Effect) => {
        const [named] = await nameOrganizations(context, [input]);
        return publisher.publish(publisherOf(context), named!, effect);
      };
      return perform(context, info, publish, ({ eventId }) => [eventId]);
    },
  }),
);

const PublishEventsInput = builder.inputType('PublishEventsInput', {
  description: 'Events to publish together, all or nothing.',
  fields: (t) => ({
    events: t.field({ type: [PublishEventInput], required: true, description: '1 to 1000 events, in their order.' }),
  }),
});

const PublishEventsPayload = payloadType<PublishedMany>('PublishEventsPayload', 'What publishEvents did.', (t) => ({
  events: t.field({
    type: [Event],
    nullable: true,
    description: 'The events, in the order of the input; null when there are userErrors.',
    resolve: ({ value }, _, context, info) => value && value.eventIds.map((id) => eventOf(id, context, info)),
  }),
  deliveryCount: t.int({
    nullable: true,
    description: 'How many deliveries the events have together; null when there are userErrors.',
    resolve: ({ value }) => value?.deliveryCount ?? null,
  }),
  filteredCount: t.int({
    nullable: true,
    description: 'The sum of what publishEvent gives as filteredCount for each event; null when there are userErrors.',
    resolve: ({ value }) => filteredCountOf(value),
  }),
}));

builder.mutationField('publishEvents', (t) =>
  t.field({
    type: PublishEventsPayload,
    needs: 'EVENTS_PUBLISH',
    description:
      'Publishes 1 to 1000 events in one commit, or none of them. The `field` of a user error names the event: ' +
      `\`["input", "events", "3", "eventType"]\`. ${ERRORS} REQUIRED or TOO_MANY (events).`,
    extensions: { listSize: 'input.events' },
    args: { input: t.arg({ type: PublishEventsInput, required: true, description: 'The events to publish.' }) },
    resolve: (_, { input }, context, info) => {
      const { publisher } = context.services;
      const publish = async (effect?: Effect) => {
        const named = await nameOrganizations(context, input.events);
        return publisher.publishMany(publisherOf(context), named, effect);
      };
      return perform(context, info, publish, ({ eventIds }) => eventIds);
    },
  }),
);

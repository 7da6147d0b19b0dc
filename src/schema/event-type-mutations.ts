/** Changing the catalog of event types. */
import { authoredCaller } from './build/authored.ts';
import { builder } from './build/builder.ts';
import { EventType } from './event-type.ts';
import { loadersOf } from './read/reads.ts';
import { payloadType, perform } from './build/user-error.ts';

const payload = (name: string, done: string) =>
  payloadType<{ name: string }>(name, done, (t) => ({
    eventType: t.field({
      type: EventType,
      nullable: true,
      description: 'The event type as it is now; null when there are userErrors.',
      resolve: ({ value }, _, context) => value && loadersOf(context).eventType.load(value.name),
    }),
  }));

const DISPLAY_NAME = 'Name for people, at most 128 characters.';
const DESCRIPTION = 'What triggers this event, at most 2000 characters.';
const SCHEMA =
  'JSON Schema (2020-12) for the data of new events; null: any JSON. Events already published are not judged again.';
const EXAMPLE = 'Sample data, which sendTestEvent sends; null: none.';

const CreateEventTypeInput = builder.inputType('CreateEventTypeInput', {
  description: 'A new event type.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description:
        'Canonical name: lower-case letters, digits and underscores in words joined by dots, at most 128 ' +
        'characters, e.g. `transaction.auto.updated`. It cannot be changed later.',
    }),
    category: t.string({ required: true, description: 'Grouping, 1 to 64 characters, e.g. wallet.' }),
    displayName: t.string({ description: `${DISPLAY_NAME} Default: made from the name.` }),
    description: t.string({ description: `${DESCRIPTION} Default: empty.` }),
    schema: t.field({ type: 'JSON', description: `${SCHEMA} Default: null.` }),
    example: t.field({ type: 'JSON', description: `${EXAMPLE} Default: null.` }),
  }),
});

const CreateEventTypePayload = payload('CreateEventTypePayload', 'What createEventType did.');

builder.mutationField('createEventType', (t) =>
  t.field({
    type: CreateEventTypePayload,
    needs: 'PLATFORM_ADMIN',
    description:
      'Adds a type to the catalog. User errors: INVALID, REQUIRED, TOO_LONG, ALREADY_EXISTS (archived types keep ' +
      'their names).',
    args: { input: t.arg({ type: CreateEventTypeInput, required: true, description: 'The type to add.' }) },
    resolve: (_, { input }, context, info) =>
      perform(context, info, (effect) =>
        context.services.eventTypes.create(authoredCaller(context, info), input, effect),
      ),
  }),
);

const UpdateEventTypeInput = builder.inputType('UpdateEventTypeInput', {
  description: 'A change of an event type: only the fields supplied change.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Which type to change.' }),
    category: t.string({ description: 'Grouping, 1 to 64 characters.' }),
    displayName: t.string({ description: DISPLAY_NAME }),
    description: t.string({ description: DESCRIPTION }),
    schema: t.field({ type: 'JSON', description: SCHEMA }),
    example: t.field({ type: 'JSON', description: EXAMPLE }),
  }),
});

const UpdateEventTypePayload = payload('UpdateEventTypePayload', 'What updateEventType did.');

builder.mutationField('updateEventType', (t) =>
  t.field({
    type: UpdateEventTypePayload,
    needs: 'PLATFORM_ADMIN',
    description:
      'Changes a type of the catalog, archived or not. User errors: NOT_FOUND, INVALID, REQUIRED (null where there ' +
      'must be a value), TOO_LONG.',
    args: { input: t.arg({ type: UpdateEventTypeInput, required: true, description: 'What to change.' }) },
    resolve: (_, { input }, context, info) =>
      perform(context, info, (effect) =>
        context.services.eventTypes.update(authoredCaller(context, info), input, effect),
      ),
  }),
);

const ArchiveEventTypeInput = builder.inputType('ArchiveEventTypeInput', {
  description: 'An event type to close.',
  fields: (t) => ({ name: t.string({ required: true, description: 'Which type to archive.' }) }),
});

const ArchiveEventTypePayload = payload('ArchiveEventTypePayload', 'What archiveEventType did.');

builder.mutationField('archiveEventType', (t) =>
  t.field({
    type: ArchiveEventTypePayload,
    needs: 'PLATFORM_ADMIN',
    description:
      'Closes a type to new events and new subscriptions; events that were published are still delivered. ' +
      'Archiving twice changes nothing; importing a catalog (`hookcast catalog import`) can open it again. User ' +
      'errors: NOT_FOUND.',
    args: { input: t.arg({ type: ArchiveEventTypeInput, required: true, description: 'The type to archive.' }) },
    resolve: (_, { input }, context, info) =>
      perform(context, info, (effect) =>
        context.services.eventTypes.archive(authoredCaller(context, info), input, effect),
      ),
  }),
);

/** The catalog of event types: reading and changing it. */
import { authoredCaller } from './build/authored.ts';
import { builder } from './build/builder.ts';
import type { Context } from './build/context.ts';
import { payloadType, perform } from './build/mutation.ts';
import { Node } from './build/node-interface.ts';
import type { EventTypeJson } from './read/catalog-loaders.ts';
import { canMatch } from './read/conditions.ts';
import { once } from './read/once.ts';
import { loadersOf } from './read/reads.ts';
import { present } from './read/row-of.ts';
import type { EventTypeRow } from './read/rows.ts';

const jsonOf = (type: EventTypeRow, context: Context): Promise<EventTypeJson> =>
  once(type, 'json', () => present(loadersOf(context).eventTypeJson.load(type.name), 'event type'));

export const EventType = builder.objectRef<EventTypeRow>('EventType').implement({
  description:
    'A kind of event: what may be published, and what targets subscribe to. The catalog is the deployment’s, ' +
    'shared by all organizations.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.exposeID('id', {
      description: 'KSUID of the event type, for `node` and for caches. Everything else asks for its name.',
    }),
    name: t.exposeString('name', {
      description:
        'Canonical name, e.g. `transaction.auto.updated`: lower-case words joined by dots, at most 128 characters. ' +
        'Unique, and never changed.',
    }),
    category: t.exposeString('category', { description: 'Grouping, e.g. wallet, security, compliance.' }),
    displayName: t.exposeString('displayName', { description: 'Name for people.' }),
    description: t.exposeString('description', { description: 'What triggers this event.' }),
    schema: t.field({
      type: 'JSON',
      nullable: true,
      description:
        'JSON Schema (2020-12) that the data of new events of this type must satisfy; other data is refused with ' +
        'PAYLOAD_INVALID. Null: any JSON.',
      resolve: async (type, _, context) => (await jsonOf(type, context)).schema,
    }),
    example: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Sample data, which sendTestEvent sends; null: none.',
      resolve: async (type, _, context) => (await jsonOf(type, context)).example,
    }),
    archivedAt: t.expose('archivedAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When the type was archived. From then on it takes neither new events nor new subscriptions. Null: it is not ' +
        'archived.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the type was added to the catalog.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When the type was last changed.' }),
  }),
});

builder.queryField('eventType', (t) =>
  t.field({
    type: EventType,
    nullable: true,
    needs: 'ANY_KEY',
    description: 'The event type of this name, archived or not; null when there is none.',
    args: { name: t.arg.string({ required: true, description: 'Canonical name, in full.' }) },
    resolve: (_, { name }, context) => (canMatch(name) ? loadersOf(context).eventType.load(name) : null),
  }),
);

const EventTypeFilter = builder.inputType('EventTypeFilter', {
  description: 'Which event types to list: those that satisfy every given field.',
  fields: (t) => ({
    category: t.string({ description: 'Event types of exactly this category.' }),
    search: t.string({ description: 'Case-insensitive substring of name, displayName or description.' }),
    includeArchived: t.boolean({ description: 'Whether archived types are listed too. Default: false.' }),
  }),
});

builder.queryField('eventTypes', (t) =>
  t.field({
    type: [EventType],
    needs: 'ANY_KEY',
    description: 'The catalog, all of it, ordered by name: the values that targets and events may use.',
    args: { filter: t.arg({ type: EventTypeFilter, description: 'Default: every type that is not archived.' }) },
    resolve: async (_, { filter }, context) => {
      const { category, search, includeArchived } = filter ?? {};
      const types = await loadersOf(context).eventTypes();
      // A catalog is small, and JavaScript knows the cases of every alphabet. A database may know only those of ASCII.
      const wanted = search?.toLowerCase() ?? '';
      return types.filter(
        (type) =>
          (category == null || type.category === category) &&
          (includeArchived || type.archivedAt === null) &&
          [type.name, type.displayName, type.description].some((text) => text.toLowerCase().includes(wanted)),
      );
    },
  }),
);

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
  'JSON Schema (2020-12) for the data of new events; null: any JSON. Events already published are not checked again.';
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
  description: 'A change of an event type. Only the given fields change.',
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
      'Archiving twice changes nothing; unarchiveEventType opens the type again. User errors: NOT_FOUND.',
    args: { input: t.arg({ type: ArchiveEventTypeInput, required: true, description: 'The type to archive.' }) },
    resolve: (_, { input }, context, info) =>
      perform(context, info, (effect) =>
        context.services.eventTypes.archive(authoredCaller(context, info), input, effect),
      ),
  }),
);

const UnarchiveEventTypeInput = builder.inputType('UnarchiveEventTypeInput', {
  description: 'An event type to open again.',
  fields: (t) => ({ name: t.string({ required: true, description: 'Which type to open.' }) }),
});

const UnarchiveEventTypePayload = payload('UnarchiveEventTypePayload', 'What unarchiveEventType did.');

builder.mutationField('unarchiveEventType', (t) =>
  t.field({
    type: UnarchiveEventTypePayload,
    needs: 'PLATFORM_ADMIN',
    description:
      'Opens an archived type to new events and new subscriptions again; subscriptions that targets kept meanwhile ' +
      'count again at once. A type that is not archived stays as it is. User errors: NOT_FOUND.',
    args: { input: t.arg({ type: UnarchiveEventTypeInput, required: true, description: 'The type to open.' }) },
    resolve: (_, { input }, context, info) =>
      perform(context, info, (effect) =>
        context.services.eventTypes.unarchive(authoredCaller(context, info), input, effect),
      ),
  }),
);

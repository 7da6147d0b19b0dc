/** The catalog of event types. */
import { builder } from './build/builder.ts';
import type { EventTypeJson } from './read/catalog-loaders.ts';
import { canMatch } from './read/conditions.ts';
import type { Context } from './build/context.ts';
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
  fields: (t) => ({
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
        'JSON Schema (2020-12) that the data of new events of this type must satisfy, or PAYLOAD_INVALID says why ' +
        'not; null: any JSON.',
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
      description: 'Since when the type takes neither new events nor new subscriptions; null: it does.',
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
  description: 'Which event types to list: those that satisfy every field that is given.',
  fields: (t) => ({
    category: t.string({ description: 'Exactly this category.' }),
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
      // A catalog is small, and JavaScript knows the cases of every alphabet where a database may know those of ASCII.
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

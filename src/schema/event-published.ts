/** The live stream of published events. The feed (live/feed.ts) says in which order they come. */
import { checkFilter, type PayloadFilterInput } from '../domain/filter/check-filter.ts';
import { compileFilter } from '../domain/filter/compile-filter.ts';
import { RequestError, type UserError } from '../errors.ts';
import type { Change, EventChange, EventChangeFilter } from '../live/feed.ts';
import { callerOf } from './build/access.ts';
import { builder } from './build/builder.ts';
import { placeFields } from './build/place-fields.ts';
import { Event } from './build/refs.ts';
import { ANY_OF_TAGS, TYPES_OR_PATTERNS } from './build/short-lists.ts';
import {
  describeAfter,
  describeStreamCursor,
  resumeAfter,
  STREAM_FILTER,
  STREAM_PROMISE,
  streamFilter,
} from './build/stream-arguments.ts';
import { PayloadFilterRef } from './payload-filter.ts';
import { loadersOf } from './read/reads.ts';
import { present, rowOf } from './read/row-of.ts';

const EventPublished = builder.objectRef<Change<EventChange>>('EventPublished').implement({
  description: 'One committed event: what webhooks carry, for whoever would rather read than be called.',
  fields: (t) => ({
    ...placeFields(t, 'event'),
    event: t.field({
      type: Event,
      description: 'The event.',
      resolve: ({ eventId: id, organizationId }, _, context, info) =>
        rowOf(id, info, () => present(loadersOf(context).event.load({ id, organizationId }), 'event')),
    }),
  }),
});

type StreamFilter = {
  readonly eventType?: readonly string[] | null | undefined;
  readonly customerId?: string | null | undefined;
  readonly payload?: PayloadFilterInput | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
};

const EventStreamFilter = builder.inputRef<StreamFilter>('EventStreamFilter').implement({
  description: STREAM_FILTER,
  fields: (t) => ({
    eventType: t.stringList({ description: `Events of one of these types. ${TYPES_OR_PATTERNS}` }),
    customerId: t.string({ description: 'Events about exactly this customer.' }),
    payload: t.field({
      type: PayloadFilterRef,
      description: 'Events whose body satisfies this filter. A fault in it is BAD_USER_INPUT, with its place.',
    }),
    tags: t.stringList({ description: `Events with any of these tags. ${ANY_OF_TAGS}` }),
  }),
});

/** The filter, and the text that names it. Throws BAD_USER_INPUT for a filter with a fault. */
function namedFilter(payload: PayloadFilterInput | null) {
  if (payload === null) return { name: null, filter: null };
  const checked = checkFilter(payload, ['payload']);
  if (checked.ok) return { name: checked.value.text, filter: compileFilter(checked.value.filter) };
  const [{ field, message }] = checked.userErrors as readonly [UserError];
  const argument = ['filter', ...(field ?? []).slice(1)].join('.');
  throw new RequestError('BAD_USER_INPUT', `\`${argument}\`: ${message}`, { argument });
}

builder.subscriptionField('eventPublished', (t) =>
  t.field({
    type: EventPublished,
    needs: 'EVENTS_READ',
    description:
      'The events of the caller’s organization, as they are published: a durable feed for whoever has no target. It ' +
      'has every event, also one that no webhook target receives, and those of sendTestEvent; ' +
      `${STREAM_PROMISE} Events are in it for RETENTION_DAYS.`,
    args: {
      filter: t.arg({ type: EventStreamFilter, description: 'Default: every event.' }),
      after: t.arg.string({ description: describeAfter('eventStreamCursor') }),
    },
    subscribe: async (_, { filter, after }, context) => {
      const { organizationId } = callerOf(context);
      const { payload, ...rest } = filter ?? {};
      const wanted = streamFilter<EventChangeFilter>(organizationId, rest, ['customerId']);
      const { name, filter: compiled } = namedFilter(payload ?? null);
      const tags = rest.tags ?? null;
      const { eventFeed, selectEvents } = context.services;
      const stream = await eventFeed.subscribe(wanted, resumeAfter(eventFeed, after, context));
      if (compiled === null && tags === null) return stream;
      return selectEvents(stream, { text: JSON.stringify([name, tags]), filter: compiled, tags });
    },
    resolve: (change) => change,
  }),
);

builder.queryField('eventStreamCursor', (t) =>
  t.string({
    needs: 'EVENTS_READ',
    description: describeStreamCursor('eventPublished', 'events'),
    args: {
      at: t.arg({
        type: 'DateTime',
        description:
          'A time within RETENTION_DAYS: the stream then begins before every event published since, and gives few that ' +
          'are older. BAD_USER_INPUT for an earlier time, and for one before the deployment was upgraded to the first ' +
          'release with this stream, which has no older events. Subscribe soon when it is close to the end of ' +
          'RETENTION_DAYS. Default: now.',
      }),
    },
    resolve: (_, { at }, context) => {
      const { organizationId } = callerOf(context);
      const { eventFeed, eventCursorSince } = context.services;
      const { reading } = context.reads;
      return at ? eventCursorSince(reading, organizationId, at) : eventFeed.cursorIn(reading, organizationId);
    },
  }),
);

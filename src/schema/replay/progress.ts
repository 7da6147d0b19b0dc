/** The live stream of replays' progress. The feed (live/feed.ts) says in which order the changes come. */
import type { Change, ReplayChange as RecordedChange, ReplayChangeFilter } from '../../live/feed.ts';
import { callerOf } from '../build/access.ts';
import { builder } from '../build/builder.ts';
import { placeFields } from '../build/place-fields.ts';
import { Replay } from '../build/refs.ts';
import {
  describeAfter,
  describeStreamCursor,
  resumeAfter,
  STREAM_FILTER,
  STREAM_PROMISE,
  streamFilter,
} from '../build/stream-arguments.ts';
import { loadersOf } from '../read/reads.ts';
import { present, rowOf } from '../read/row-of.ts';
import { ReplayStatusEnum } from './type.ts';

const ReplayChange = builder.objectRef<Change<RecordedChange>>('ReplayChange').implement({
  description:
    'A step of a replay: about one a second while it moves on, and one at each change of its status, from its beginning on.',
  fields: (t) => ({
    ...placeFields(t, 'change'),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: 'When the replay had come this far.' }),
    status: t.field({
      type: ReplayStatusEnum,
      description: 'The status from then on.',
      resolve: ({ status }) => status,
    }),
    examinedCount: t.int({
      description: 'Looked at by then: `replayedCount` and `skippedCount` together.',
      resolve: ({ replayedCount, skippedCount }) => replayedCount + skippedCount,
    }),
    replayedCount: t.exposeInt('replayedCount', { description: 'Created, or retried, by then.' }),
    skippedCount: t.exposeInt('skippedCount', { description: 'Left alone by then.' }),
    replay: t.field({
      type: Replay,
      description: 'The replay as it is when the change is sent. It may have moved on since.',
      resolve: ({ replayId: id, organizationId }, _, context, info) =>
        rowOf(id, info, () => present(loadersOf(context).replay.load({ id, organizationId }), 'replay')),
    }),
  }),
});

type StreamFilter = {
  readonly replayId?: string | null | undefined;
  readonly targetId?: string | null | undefined;
};

const ReplayStreamFilter = builder.inputRef<StreamFilter>('ReplayStreamFilter').implement({
  description: STREAM_FILTER,
  fields: (t) => ({
    replayId: t.id({ description: 'Changes of this replay.' }),
    targetId: t.id({ description: 'Changes of replays of this webhook target; not of those of every target.' }),
  }),
});

builder.subscriptionField('replayProgressed', (t) =>
  t.field({
    type: ReplayChange,
    needs: 'DELIVERIES_READ',
    description: `Live progress of the replays of the caller’s organization; ${STREAM_PROMISE}`,
    args: {
      filter: t.arg({ type: ReplayStreamFilter, description: 'Default: every replay.' }),
      after: t.arg.string({ description: describeAfter('replayStreamCursor') }),
    },
    subscribe: (_, { filter, after }, context) => {
      const { organizationId } = callerOf(context);
      const wanted = streamFilter<ReplayChangeFilter>(organizationId, filter ?? {});
      const { replayFeed } = context.services;
      return replayFeed.subscribe(wanted, resumeAfter(replayFeed, after, context));
    },
    resolve: (change) => change,
  }),
);

builder.queryField('replayStreamCursor', (t) =>
  t.string({
    needs: 'DELIVERIES_READ',
    description: describeStreamCursor('replayProgressed', 'replays'),
    resolve: (_, _args, context) =>
      context.services.replayFeed.cursorIn(context.reads.reading, callerOf(context).organizationId),
  }),
);

/** The live stream of targets' status changes. The feed (live/feed.ts) says what a change is made of, and in which order. */
import type { TargetStatus } from '../domain/targets/target.ts';
import type { Change, TargetChange, TargetChangeFilter } from '../live/feed.ts';
import { callerOf } from './build/access.ts';
import { builder } from './build/builder.ts';
import { placeFields } from './build/place-fields.ts';
import { loadersOf } from './read/reads.ts';
import { WebhookTarget } from './build/refs.ts';
import { present, rowOf } from './read/row-of.ts';
import { AT_MOST } from './build/short-lists.ts';
import {
  describeAfter,
  describeStreamCursor,
  resumeAfter,
  STREAM_FILTER,
  STREAM_PROMISE,
  streamFilter,
} from './build/stream-arguments.ts';
import { WebhookTargetStatusEnum } from './webhook-target/type.ts';

const WebhookTargetStatusChange = builder.objectRef<Change<TargetChange>>('WebhookTargetStatusChange').implement({
  description: 'One committed change of a webhook target’s status.',
  fields: (t) => ({
    ...placeFields(t, 'change'),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: 'When the status changed.' }),
    previousStatus: t.field({
      type: WebhookTargetStatusEnum,
      nullable: true,
      description: 'The status before; null when the target was created.',
      resolve: ({ previousStatus }) => previousStatus,
    }),
    status: t.field({
      type: WebhookTargetStatusEnum,
      nullable: true,
      description: 'The status from then on; null when the target was deleted.',
      resolve: ({ status }) => status,
    }),
    reason: t.exposeString('reason', {
      nullable: true,
      description:
        'Why the service disabled the target, as in its `disabledReason`; null for every change that was made with ' +
        'an API key.',
    }),
    target: t.field({
      type: WebhookTarget,
      description:
        'The target as it is when the change is sent. It may have changed again since. A deleted target is shown ' +
        'as it was last.',
      resolve: ({ targetId: id, organizationId }, _, context, info) =>
        rowOf(id, info, () => present(loadersOf(context).target.load({ id, organizationId }), 'target')),
    }),
  }),
});

type StreamFilter = {
  readonly status?: readonly TargetStatus[] | null | undefined;
  readonly targetId?: string | null | undefined;
};

const WebhookTargetStreamFilter = builder.inputRef<StreamFilter>('WebhookTargetStreamFilter').implement({
  description: STREAM_FILTER,
  fields: (t) => ({
    status: t.field({
      type: [WebhookTargetStatusEnum],
      description: `Changes to one of these states. A deletion never matches. ${AT_MOST}`,
    }),
    targetId: t.id({ description: 'Changes of this webhook target.' }),
  }),
});

builder.subscriptionField('webhookTargetStatusChanged', (t) =>
  t.field({
    type: WebhookTargetStatusChange,
    needs: 'TARGETS_READ',
    description:
      'Live status changes of the webhook targets of the caller’s organization: creation, update, disabling by the ' +
      `service and deletion; ${STREAM_PROMISE}`,
    args: {
      filter: t.arg({ type: WebhookTargetStreamFilter, description: 'Default: every change.' }),
      after: t.arg.string({ description: describeAfter('webhookTargetStreamCursor') }),
    },
    subscribe: (_, { filter, after }, context) => {
      const { organizationId } = callerOf(context);
      const wanted = streamFilter<TargetChangeFilter>(organizationId, filter ?? {});
      const { targetFeed } = context.services;
      return targetFeed.subscribe(wanted, resumeAfter(targetFeed, after, context));
    },
    resolve: (change) => change,
  }),
);

builder.queryField('webhookTargetStreamCursor', (t) =>
  t.string({
    needs: 'TARGETS_READ',
    description: describeStreamCursor('webhookTargetStatusChanged', 'webhookTargets'),
    resolve: (_, _args, context) =>
      context.services.targetFeed.cursorIn(context.reads.reading, callerOf(context).organizationId),
  }),
);

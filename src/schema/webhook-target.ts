/** Webhook targets: where events are delivered to. */
import { isId } from '../domain/ksuid.ts';
import { callerOf, reachOf } from './build/access.ts';
import { builder } from './build/builder.ts';
import { connectionOf, pageArguments } from './build/connection.ts';
import type { Context } from './build/context.ts';
import { deliveriesOf, DeliveryFilterInput } from './delivery-filter.ts';
import { Node } from './build/node-interface.ts';
import { once } from './read/once.ts';
import { loadersOf } from './read/reads.ts';
import { DeliveryConnection, WebhookTarget, WebhookTargetConnection } from './build/refs.ts';
import type { TargetHealthRow, TargetRow } from './read/rows.ts';
import { targetsOf, WebhookTargetFilterInput, WebhookTargetStatusEnum } from './webhook-target-filter.ts';

const healthOf = (target: TargetRow, context: Context): Promise<TargetHealthRow | null> =>
  once(target, 'health', () => loadersOf(context).targetHealth.load(target.id));

WebhookTarget.implement({
  description:
    'An HTTP endpoint of a customer, and which events it receives. Each event that is published becomes one ' +
    'delivery for every target that wants it.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.exposeID('id', { description: 'KSUID: 27 characters, `^[0-9A-Za-z]{27}$`.' }),
    url: t.exposeString('url', {
      description: 'Where requests are sent, in normal form (WHATWG URL). A change applies from the next attempt on.',
    }),
    name: t.exposeString('name', { nullable: true, description: 'Display name; null when it has none.' }),
    description: t.exposeString('description', {
      nullable: true,
      description: 'What the target is for, at most 256 characters; null when nobody said.',
    }),
    global: t.exposeBoolean('global', {
      description:
        'Whether it receives every event type, for every customer; `eventTypes` and `customerIds` are then kept, ' +
        'and ignored.',
    }),
    eventTypes: t.exposeStringList('eventTypes', {
      description: 'Canonical names of the subscribed event types; empty means every type.',
    }),
    customerIds: t.exposeStringList('customerIds', {
      description: 'Only events of these customers; empty means every customer, and events of none.',
    }),
    maxConcurrency: t.exposeInt('maxConcurrency', {
      nullable: true,
      description:
        'Requests that each worker process has open to it at once, at most; the service’s own TARGET_CONCURRENCY, 256 ' +
        'by default, stands where it is lower. Null: TARGET_CONCURRENCY alone. Fewer are open while it is new, or ' +
        'fails: the number grows with its successes, and shrinks with timeouts and failed connections.',
    }),
    rateLimitPerSecond: t.exposeInt('rateLimitPerSecond', {
      nullable: true,
      description:
        'Requests per second that each worker process starts to it, evenly spaced, at most; what is over the rate ' +
        'waits, and never fails for it. Null: no limit.',
    }),
    status: t.field({
      type: WebhookTargetStatusEnum,
      description:
        'Whether it receives, holds back, or gets nothing. Set by whoever may change the target; the service itself sets ' +
        'DISABLED only, on an ACTIVE target, and says why in `disabledReason`.',
      resolve: ({ status }) => status,
    }),
    disabledReason: t.exposeString('disabledReason', {
      nullable: true,
      description:
        'Why the service disabled the target, and how to come back; null otherwise. It does so when the target answers ' +
        '410 Gone, and when it has failed at least 20 times in a row (DISABLE_AFTER_FAILURES) over at least 5 days ' +
        '(DISABLE_AFTER), from the first of these failures to the last. Setting another status clears it, and ACTIVE ' +
        'is enough to come back.',
    }),
    hasSigningSecret: t.boolean({
      description:
        'Always true; the secret itself is returned only by createWebhookTarget and rotateWebhookTargetSecret.',
      resolve: () => true,
    }),
    failureCount: t.int({
      description:
        'Consecutive failed attempts since the last success, over all deliveries of the target; since it was set ACTIVE, ' +
        'where that was later. Attempts count in the order in which their outcomes are recorded.',
      resolve: async (target, _, context) => (await healthOf(target, context))?.failureCount ?? 0,
    }),
    lastSuccessAt: t.field({
      ...{ type: 'DateTime', nullable: true },
      description: 'When it last answered 2xx: the end of that attempt; null: never.',
      resolve: async (target, _, context) => (await healthOf(target, context))?.lastSuccessAt ?? null,
    }),
    lastFailureAt: t.field({
      ...{ type: 'DateTime', nullable: true },
      description: 'When an attempt last failed: the end of that attempt; null: never.',
      resolve: async (target, _, context) => (await healthOf(target, context))?.lastFailureAt ?? null,
    }),
    lastFailureReason: t.string({
      nullable: true,
      description: 'Why the attempt of lastFailureAt failed, for a person to read; null: none failed.',
      resolve: async (target, _, context) => (await healthOf(target, context))?.lastFailureReason ?? null,
    }),
    timeLastHealthy: t.field({
      type: 'DateTime',
      description: 'Last successful delivery, as `lastSuccessAt`; the creation time if there was none.',
      resolve: async (target, _, context) => (await healthOf(target, context))?.lastSuccessAt ?? target.createdAt,
    }),
    timeLastAttempted: t.field({
      type: 'DateTime',
      description: 'Begin of the last attempt of any outcome; the creation time if there was none.',
      resolve: async (target, _, context) => (await healthOf(target, context))?.lastAttemptAt ?? target.createdAt,
    }),
    lastTriggeredAt: t.field({
      ...{ type: 'DateTime', nullable: true },
      description: 'Begin of the last attempt of any outcome; null until the first one.',
      resolve: async (target, _, context) => (await healthOf(target, context))?.lastAttemptAt ?? null,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the target was created.' }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When the target was last changed or its secret rotated; deliveries do not move it.',
    }),
    deliveries: t.field({
      type: DeliveryConnection,
      needs: 'DELIVERIES_READ',
      description: 'What was and is to be delivered to it, newest first.',
      args: {
        ...pageArguments(t.arg),
        filter: t.arg({ type: DeliveryFilterInput, description: 'Default: all of them.' }),
      },
      resolve: (target, { filter, ...args }) => connectionOf(deliveriesOf('target', target, filter), args),
    }),
  }),
});

builder.queryField('webhookTarget', (t) =>
  t.field({
    type: WebhookTarget,
    nullable: true,
    needs: 'TARGETS_READ',
    description:
      'The webhook target with this id; null when there is none in the caller’s organization, or it was deleted.',
    args: { id: t.arg.id({ required: true, description: 'KSUID of the target.' }) },
    resolve: async (_, { id }, context) => {
      if (!isId(id)) return null;
      const target = await loadersOf(context).target.load({ id, organizationId: reachOf(context) });
      return target?.deletedAt === null ? target : null;
    },
  }),
);

builder.queryField('webhookTargets', (t) =>
  t.field({
    type: WebhookTargetConnection,
    needs: 'TARGETS_READ',
    description: 'The webhook targets of the caller’s organization, newest first. Deleted ones are left out.',
    args: {
      ...pageArguments(t.arg),
      filter: t.arg({ type: WebhookTargetFilterInput, description: 'Default: all of them.' }),
    },
    resolve: (_, { filter, ...args }, context) => {
      const { organizationId } = callerOf(context);
      return connectionOf(targetsOf({ id: organizationId, organizationId }, filter), args);
    },
  }),
);

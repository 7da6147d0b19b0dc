/** Webhook targets: where events are delivered to. */
import type { TargetStatus } from '../../domain/target.ts';
import { builder } from '../build/builder.ts';
import { connectionOf, pageArguments } from '../build/connection.ts';
import type { Context } from '../build/context.ts';
import { Node } from '../build/node-interface.ts';
import { DeliveryConnection, WebhookTarget } from '../build/refs.ts';
import { deliveriesOf, DeliveryFilterInput } from '../delivery/queries.ts';
import { once } from '../read/once.ts';
import { loadersOf } from '../read/reads.ts';
import type { TargetHealthRow, TargetRow } from '../read/rows.ts';

const STATUSES: { readonly [Status in TargetStatus]: { readonly description: string } } = {
  ACTIVE: { description: 'Receives deliveries.' },
  PAUSED: { description: 'Deliveries are created and held; they go out when the target becomes active again.' },
  DISABLED: {
    description:
      'No deliveries are created, and those that wait are held until the target becomes active again. Set by a person, ' +
      'or by the service: see `WebhookTarget.disabledReason`.',
  },
};

export const WebhookTargetStatusEnum = builder.enumType('WebhookTargetStatus', {
  description: 'Whether a webhook target receives.',
  values: STATUSES,
});

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
        'Requests open to it at once, at most, over the whole deployment; the service’s own TARGET_CONCURRENCY, 256 ' +
        'by default, stands where it is lower. Null: TARGET_CONCURRENCY of each worker process alone. Fewer are open ' +
        'while it is new, or fails: the number grows with its successes, and shrinks with timeouts and failed ' +
        'connections.',
    }),
    rateLimitPerSecond: t.exposeInt('rateLimitPerSecond', {
      nullable: true,
      description:
        'Requests started to it in a second, at most, evenly spaced, over the whole deployment; what is over the rate ' +
        'waits, and never fails for it. Retries, manual ones too, and test events count. Null: no limit.',
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
      type: 'DateTime',
      nullable: true,
      description: 'When it last answered 2xx: the end of that attempt; null: never.',
      resolve: async (target, _, context) => (await healthOf(target, context))?.lastSuccessAt ?? null,
    }),
    lastFailureAt: t.field({
      type: 'DateTime',
      nullable: true,
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
      type: 'DateTime',
      nullable: true,
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

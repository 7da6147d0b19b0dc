/** Webhook targets: where events are delivered to. */
import type { TargetStatus } from '../../domain/targets/target.ts';
import { builder } from '../build/builder.ts';
import { connectionOf, pageArguments } from '../build/connection.ts';
import type { Context } from '../build/context.ts';
import { Node } from '../build/node-interface.ts';
import { DeliveryConnection, WebhookTarget } from '../build/refs.ts';
import { deliveriesOf, DeliveryFilterInput } from '../delivery/queries.ts';
import { once } from '../read/once.ts';
import { loadersOf } from '../read/reads.ts';
import { present } from '../read/row-of.ts';
import type { TargetHealthRow, TargetRow } from '../read/rows.ts';
import { ClientCertificateRef } from './client-certificate.ts';
import { WebhookTargetHeader } from './header.ts';
import { AFTER_FAILURE, DeliveryOrderingEnum, ORDERING, OrderAfterFailureEnum } from './order.ts';

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
  description: 'Whether a webhook target receives deliveries.',
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
      description: 'What the target is for, at most 256 characters; null when it was not given.',
    }),
    global: t.exposeBoolean('global', {
      description:
        'Whether the target receives every event type but those of the catalog `hookcast`, for every customer. ' +
        '`eventTypes` and `customerIds` are then kept, but ignored.',
    }),
    eventTypes: t.exposeStringList('eventTypes', {
      description:
        'Canonical names of the subscribed event types, and patterns: `wallet.*` stands for every type below it, also ' +
        'for types that are created later. Empty means every type but those of the catalog `hookcast`.',
    }),
    customerIds: t.exposeStringList('customerIds', {
      description: 'Only events of these customers. Empty means every customer, and events of no customer too.',
    }),
    filter: t.field({
      type: 'JSON',
      nullable: true,
      description:
        'Only events whose body satisfies it are delivered: as it was given, in the shape of PayloadFilterInput. Null: every ' +
        'event that the target is subscribed to.',
      resolve: ({ filter }) => filter,
    }),
    ordering: t.field({ type: DeliveryOrderingEnum, description: ORDERING, resolve: ({ ordering }) => ordering }),
    afterFailure: t.field({
      type: OrderAfterFailureEnum,
      description: AFTER_FAILURE,
      resolve: ({ afterFailure }) => afterFailure,
    }),
    maxConcurrency: t.exposeInt('maxConcurrency', {
      nullable: true,
      description:
        'How many requests may be open to the target at once, over the whole deployment. TARGET_CONCURRENCY of the ' +
        'service (256 by default) holds where it is lower. Null: the only limit is TARGET_CONCURRENCY of each ' +
        'worker process. While the target is new, or fails, fewer are open: the number grows while its answers come as ' +
        'usual, and shrinks with late answers, timeouts, failed connections, 429 and 503.',
    }),
    rateLimitPerSecond: t.exposeInt('rateLimitPerSecond', {
      nullable: true,
      description:
        'How many requests may start to the target in a second, evenly spaced, over the whole deployment. Requests ' +
        'over the rate wait, and never fail because of it. Retries, manual ones too, and test events count. Null: ' +
        'no limit.',
    }),
    headers: t.field({
      type: [WebhookTargetHeader],
      description:
        'Headers of the organization’s own choice, sent with every request beside those of the service. A change is in ' +
        'every request that begins two seconds after its answer. Empty for a deleted target.',
      resolve: async (target, _, context) => {
        const { sealedHeaders } = await once(target, 'headers', () =>
          present(loadersOf(context).sealedHeaders.load(target.id), 'webhook target'),
        );
        return context.services.targets.openHeaders(target, sealedHeaders);
      },
    }),
    clientCertificate: t.field({
      type: ClientCertificateRef,
      nullable: true,
      description:
        'Shown to a receiver that asks for a client certificate (mutual TLS); null: the target has none. The private key is never ' +
        'returned. A change is in every connection that is opened two seconds after its answer.',
      resolve: (target, _, context) =>
        target.certificateVersion === null ? null : loadersOf(context).clientCertificate.load(target.id),
    }),
    status: t.field({
      type: WebhookTargetStatusEnum,
      description:
        'Whether the target receives, holds back, or gets nothing. Whoever may change the target sets it. The ' +
        'service itself sets only DISABLED, on an ACTIVE target, and says why in `disabledReason`.',
      resolve: ({ status }) => status,
    }),
    disabledReason: t.exposeString('disabledReason', {
      nullable: true,
      description:
        'Why the service disabled the target, and how to come back; null when it did not. It disables a target ' +
        'that answers 410 Gone, and a target that has failed at least 20 times in a row (DISABLE_AFTER_FAILURES) ' +
        'over at least 5 days (DISABLE_AFTER), from the first of these failures to the last. Setting another ' +
        'status clears the reason; ACTIVE is enough to come back.',
    }),
    deferredUntil: t.expose('deferredUntil', {
      type: 'DateTime',
      nullable: true,
      description:
        'Until when the target gets no requests but manual retries, because it answered 429 or 503 with Retry-After: its ' +
        'deliveries wait for RATE_LIMIT. A time that has passed: one delivery goes out next, and its answer decides for the ' +
        'others. Null: it did not ask for time.',
    }),
    hasSigningSecret: t.boolean({
      description:
        'Always true; the secret itself is returned only by createWebhookTarget and rotateWebhookTargetSecret.',
      resolve: () => true,
    }),
    failureCount: t.int({
      description:
        'Failed attempts in a row since the last success, or since the target was set ACTIVE if that was later, ' +
        'over all its deliveries. Attempts count in the order in which their outcomes are recorded.',
      resolve: async (target, _, context) => (await healthOf(target, context))?.failureCount ?? 0,
    }),
    lastSuccessAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the target last answered 2xx: the end of that attempt; null: never.',
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
      description: 'Why the attempt of lastFailureAt failed, for people; null: no attempt failed.',
      resolve: async (target, _, context) => (await healthOf(target, context))?.lastFailureReason ?? null,
    }),
    timeLastHealthy: t.field({
      type: 'DateTime',
      description: 'When a delivery last succeeded, as `lastSuccessAt`; the creation time if none did.',
      resolve: async (target, _, context) => (await healthOf(target, context))?.lastSuccessAt ?? target.createdAt,
    }),
    timeLastAttempted: t.field({
      type: 'DateTime',
      description: 'Start of the last attempt, whatever its outcome; the creation time if there was none.',
      resolve: async (target, _, context) => (await healthOf(target, context))?.lastAttemptAt ?? target.createdAt,
    }),
    lastTriggeredAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Start of the last attempt, whatever its outcome; null until the first one.',
      resolve: async (target, _, context) => (await healthOf(target, context))?.lastAttemptAt ?? null,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the target was created.' }),
    deletedAt: t.expose('deletedAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When the target was deleted, which cancelled its open deliveries. Only these still show it: elsewhere a deleted ' +
        'target is not found. Null: it is not deleted.',
    }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'When the target was last changed or its secret rotated; deliveries do not change it.',
    }),
    deliveries: t.field({
      type: DeliveryConnection,
      needs: 'DELIVERIES_READ',
      description: 'The deliveries to the target, past and to come, newest first.',
      args: {
        ...pageArguments(t.arg),
        filter: t.arg({ type: DeliveryFilterInput, description: 'Default: all of them.' }),
      },
      resolve: (target, { filter, ...args }) => connectionOf(deliveriesOf('target', target, filter), args),
    }),
  }),
});

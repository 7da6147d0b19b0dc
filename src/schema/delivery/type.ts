/** Deliveries: one event on its way to one target. */
import type { DeliveryStatus } from '../../domain/delivery.ts';
import { waitOf, type DeliveryWait } from '../../domain/reasons/delivery-wait.ts';
import { builder } from '../build/builder.ts';
import { connectionOf, pageArguments } from '../build/connection.ts';
import { Node } from '../build/node-interface.ts';
import {
  Delivery,
  DeliveryAttemptConnection,
  DeliveryChangeConnection,
  Event,
  Replay,
  WebhookTarget,
} from '../build/refs.ts';
import { attemptsOf } from '../delivery-attempt.ts';
import { changesOf } from '../read/change-list.ts';
import { once } from '../read/once.ts';
import { loadersOf } from '../read/reads.ts';
import { present, rowOf } from '../read/row-of.ts';

const STATUSES: { readonly [Status in DeliveryStatus]: { readonly description: string } } = {
  PENDING: {
    description:
      'Waiting for its first attempt, or held because its target is PAUSED or asked for time by Retry-After, or behind ' +
      'another one that must end first (`blockedBy`).',
  },
  RETRYING: { description: 'At least one attempt failed; the next one is scheduled (`nextAttemptAt`).' },
  DELIVERED: { description: 'The target answered 2xx in time.' },
  FAILED: {
    description:
      'Every attempt of the schedule failed; only a manual retry sends it again. It may hold up others (`OrderAfterFailure`).',
  },
  CANCELLED: {
    description:
      'Ended by cancelDelivery or cancelDeliveries, or because its target was deleted (`target.deletedAt`) or its event ' +
      'erased (`event.erasedAt`); nothing more is sent.',
  },
};

export const DeliveryStatusEnum = builder.enumType('DeliveryStatus', {
  description: 'Where a delivery stands. PENDING and RETRYING are open: attempts are still to come.',
  values: STATUSES,
});

const WAITS: { readonly [Wait in DeliveryWait]: { readonly description: string } } = {
  SCHEDULE: { description: 'The time of its next attempt, `nextAttemptAt`. retryDelivery makes one now.' },
  TARGET_PAUSED: { description: 'Its target is PAUSED; the delivery goes out when the target is ACTIVE again.' },
  TARGET_DISABLED: {
    description:
      'Its target is DISABLED; the delivery goes out when the target is ACTIVE again. Or the target was just deleted.',
  },
  TARGET_BUSY: {
    description:
      'Its target has as many requests open as it bears (the service finds that out by its answers), or as its ' +
      'maxConcurrency allows.',
  },
  ORDER: { description: '`blockedBy` must end first. See `WebhookTarget.ordering`.' },
  RATE_LIMIT: {
    description:
      'The rateLimitPerSecond of its target has no room yet, or the target asked for time by Retry-After ' +
      '(`target.deferredUntil`).',
  },
  QUEUE: { description: 'A free worker, or the queue in general: it may be sent, and nobody has taken it yet.' },
};

const DeliveryWaitEnum = builder.enumType('DeliveryWait', {
  description: 'Why an open delivery is not being sent now.',
  values: WAITS,
});

Delivery.implement({
  description:
    'One event on its way to one webhook target: up to `maxAttempts` scheduled attempts, ten over 28 hours by ' +
    'default, until the target answers 2xx. Delivery is at least once: a crash may repeat an attempt, with the ' +
    'same event id and attempt number, but it never loses one.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.exposeID('id', { description: 'KSUID of the delivery.' }),
    status: t.field({
      type: DeliveryStatusEnum,
      description: 'Where the delivery stands.',
      resolve: ({ status }) => status,
    }),
    event: t.field({
      type: Event,
      description: 'The event that is delivered.',
      resolve: (delivery, _, context, info) => {
        const key = { id: delivery.eventId, organizationId: delivery.organizationId };
        const load = () => present(loadersOf(context).event.load(key), 'event');
        return rowOf(key.id, info, () => once(delivery, 'event', load));
      },
    }),
    target: t.field({
      type: WebhookTarget,
      description: 'The target that receives it. A deleted target is still shown here, and nowhere else.',
      resolve: (delivery, _, context, info) => {
        const key = { id: delivery.targetId, organizationId: delivery.organizationId };
        const load = () => present(loadersOf(context).target.load(key), 'target');
        return rowOf(key.id, info, () => once(delivery, 'target', load));
      },
    }),
    attemptCount: t.exposeInt('attemptCount', {
      description: 'How many attempts were made, manual ones included: also the number of the last attempt.',
    }),
    maxAttempts: t.exposeInt('maxAttempts', {
      description:
        'How many attempts the schedule makes in all, as it was when the delivery was created (10 by default). ' +
        'Manual retries come on top.',
    }),
    nextAttemptAt: t.expose('nextAttemptAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When the next attempt is due. After failure n that is step n of the schedule (5m 10m 15m 30m 1h 2h 4h 8h ' +
        '12h by default), and up to 10 % more. A Retry-After of a 429 or 503 makes it later, to at most twice that step. ' +
        'After a PROXY_ERROR it is as that outcome says. A time that has passed: see `waitingFor`. Null when no attempt is ' +
        'to come.',
    }),
    lastAttemptAt: t.expose('lastAttemptAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the last attempt started; null until the first.',
    }),
    deliveredAt: t.expose('deliveredAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the target accepted the delivery; null until then.',
    }),
    waitingFor: t.field({
      type: DeliveryWaitEnum,
      nullable: true,
      description:
        'Why the delivery is not being sent now, whichever process would send it. Null: it has ended, or a worker has ' +
        'taken it and its request is open, or starts within about a second. Costs 5.',
      extensions: { cost: 5 },
      resolve: async (delivery, _, context) => {
        const load = () => present(loadersOf(context).waitFacts.load(delivery.id), 'delivery');
        return waitOf(await once(delivery, 'waitFacts', load), context.services.clock.now());
      },
    }),
    blockedBy: t.field({
      type: Delivery,
      nullable: true,
      description:
        'The delivery that must end before this one may be sent: the first of those that it waits for, which is being sent, is ' +
        'to be retried, or is FAILED and holds the others up. Null: it waits for no delivery. Costs 5.',
      extensions: { cost: 5 },
      resolve: async (delivery, _, context) => {
        const facts = await once(delivery, 'waitFacts', () =>
          present(loadersOf(context).waitFacts.load(delivery.id), 'delivery'),
        );
        const { organizationId } = delivery;
        return facts.blockedBy === null
          ? null
          : loadersOf(context).delivery.load({ id: facts.blockedBy, organizationId });
      },
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description:
        'When the delivery was made: when its event was published or redelivered, or when a replay came to it.',
    }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When the delivery last changed.' }),
    replay: t.field({
      type: Replay,
      nullable: true,
      description:
        'The replay that created the delivery. Null: publishing created it, or the replay is no longer kept ' +
        '(RETENTION_DAYS after its end). A delivery that a replay only retried does not name it.',
      resolve: ({ replayId: id, organizationId }, _, context) =>
        id === null ? null : loadersOf(context).replay.load({ id, organizationId }),
    }),
    changes: t.field({
      type: DeliveryChangeConnection,
      description:
        'Its history, oldest first: the changes that deliveryStatusChanged tells of, and with the same cursors, so that a ' +
        'client goes on there after the last one. As in the stream, a change is there when all older transactions have ' +
        'ended, some milliseconds after its commit. Changes are kept for RETENTION_DAYS. `after` and `before` take every ' +
        'cursor of the delivery stream.',
      args: pageArguments(t.arg),
      resolve: (delivery, args, context) => connectionOf(changesOf(context.services.feed, delivery), args),
    }),
    attempts: t.field({
      type: DeliveryAttemptConnection,
      description: 'The attempts that were made, oldest first: `last: 1` is the latest one.',
      args: pageArguments(t.arg),
      resolve: (delivery, args) => connectionOf(attemptsOf(delivery), args),
    }),
  }),
});

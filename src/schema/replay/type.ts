/** Replays: what was published in a range of time, sent again. */
import type { ReplayMode, ReplayStatus } from '../../domain/replay/scope.ts';
import { builder } from '../build/builder.ts';
import { connectionOf, pageArguments } from '../build/connection.ts';
import { Node } from '../build/node-interface.ts';
import { DeliveryConnection, Replay, WebhookTarget } from '../build/refs.ts';
import { deliveriesOf, DeliveryFilterInput } from '../delivery/queries.ts';
import { loadersOf } from '../read/reads.ts';
import { present, rowOf } from '../read/row-of.ts';

const MODES: { readonly [Mode in ReplayMode]: { readonly description: string } } = {
  FAILED: {
    description:
      'Each delivery that is FAILED gets one more attempt, as by retryDelivery, when its target is ACTIVE. It goes in ' +
      'the order in which the deliveries were created.',
  },
  MISSED: {
    description:
      'Events that the target would receive today and has no delivery of: published while it was DISABLED, or before ' +
      'it subscribed. Each gets a delivery.',
  },
  ALL: {
    description:
      'Every event that the target would receive today, whatever was delivered: each gets one more delivery, with the ' +
      'same event id. An event whose delivery is still open is skipped.',
  },
};

export const ReplayModeEnum = builder.enumType('ReplayMode', {
  description: 'What a replay sends again.',
  values: MODES,
});

const STATUSES: { readonly [Status in ReplayStatus]: { readonly description: string } } = {
  RUNNING: {
    description:
      'It goes on; more slowly where the target takes less than the rate. When its range reaches to the present, it is ' +
      'COMPLETED half a minute after the end of the range: then everything that was published in it is committed.',
  },
  WAITING: { description: 'Its target is PAUSED. It goes on when the target is ACTIVE.' },
  COMPLETED: { description: 'All events of its range are done.' },
  CANCELLED: { description: 'Ended by cancelReplay. What it had queued is sent all the same.' },
  HALTED: { description: 'Its target was disabled or deleted meanwhile: see `reason`.' },
};

export const ReplayStatusEnum = builder.enumType('ReplayStatus', {
  description: 'Where a replay stands. RUNNING and WAITING go on; the others are over.',
  values: STATUSES,
});

Replay.implement({
  description:
    'What was published in a range of time, sent again to one target, or FAILED deliveries retried. It survives every ' +
    'restart, goes in the order of publishing, and replays nothing twice. What it creates are ordinary deliveries: ' +
    'with the event id and the body of the event, ten attempts of their own, and new signatures. Events whose type ' +
    'was archived since are replayed; those of sendTestEvent are not.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.exposeID('id', { description: 'KSUID of the replay.' }),
    target: t.field({
      type: WebhookTarget,
      nullable: true,
      description:
        'The target that it sends to; null: every target of the organization. A deleted target is shown too.',
      resolve: ({ targetId: id, organizationId }, _, context, info) =>
        id === null
          ? null
          : rowOf(id, info, () => present(loadersOf(context).target.load({ id, organizationId }), 'target')),
    }),
    mode: t.field({ type: ReplayModeEnum, description: 'What it sends again.', resolve: ({ mode }) => mode }),
    status: t.field({ type: ReplayStatusEnum, description: 'Where it stands.', resolve: ({ status }) => status }),
    from: t.field({
      type: 'DateTime',
      description: 'Events published at this time or later.',
      resolve: ({ publishedFrom }) => publishedFrom,
    }),
    until: t.field({
      type: 'DateTime',
      description: 'Events published before this time; the time of createReplay at the latest.',
      resolve: ({ publishedUntil }) => publishedUntil,
    }),
    eventTypes: t.exposeStringList('eventTypes', {
      description: 'Events of these types, by name or by a pattern such as `wallet.*`; empty: of every type.',
    }),
    customerId: t.exposeString('customerId', {
      nullable: true,
      description: 'Events about this customer; null: about anybody.',
    }),
    ratePerSecond: t.exposeInt('ratePerSecond', {
      description: 'How many deliveries it queues in a second at most.',
    }),
    examinedCount: t.int({
      description: 'Looked at so far: `replayedCount` and `skippedCount` together.',
      resolve: ({ replayedCount, skippedCount }) => replayedCount + skippedCount,
    }),
    replayedCount: t.exposeInt('replayedCount', { description: 'Deliveries that it created, or retried.' }),
    skippedCount: t.exposeInt('skippedCount', {
      description:
        'What it left alone: under way, changed meanwhile, erased, or FAILED at a target that is not ACTIVE.',
    }),
    position: t.expose('positionAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'Where it stands: events published before this time are done. A new replay from here goes on where this one ' +
        'was halted or cancelled. Events of the last 20 seconds wait until all that were published with them are ' +
        'committed. Null: it has not begun, or its mode is FAILED; then the same replay again goes on, because it takes ' +
        'what is still FAILED.',
    }),
    reason: t.exposeString('reason', {
      nullable: true,
      description: 'Why it was HALTED, and what to do; null unless it was.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When createReplay was called.' }),
    endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true, description: 'When it ended; null until then.' }),
    deliveries: t.field({
      type: DeliveryConnection,
      description: 'What it created, or retried, newest first.',
      args: {
        ...pageArguments(t.arg),
        filter: t.arg({ type: DeliveryFilterInput, description: 'Default: all of them.' }),
      },
      resolve: (replay, { filter, ...args }) => connectionOf(deliveriesOf('replay', replay, filter), args),
    }),
  }),
});

/** The live stream of status changes. What a change is made of, and its order, is the feed's (live/feed.ts). */
import type { DeliveryStatus } from '../domain/delivery.ts';
import { isId } from '../domain/ksuid.ts';
import { quote } from '../domain/text.ts';
import { RequestError } from '../errors.ts';
import type { Change, DeliveryChange, DeliveryChangeFilter } from '../live/feed.ts';
import { callerOf } from './access.ts';
import { builder } from './builder.ts';
import { DeliveryStatusEnum } from './delivery-filter.ts';
import { once } from './once.ts';
import { present, rowOf } from './row-of.ts';
import { Delivery, DeliveryAttempt } from './refs.ts';

const DeliveryStatusChange = builder.objectRef<Change<DeliveryChange>>('DeliveryStatusChange').implement({
  description: 'One committed change of a delivery’s status.',
  fields: (t) => ({
    cursor: t.exposeString('cursor', {
      description: 'The place of the change in the stream. Resume after it by passing it as `after`. Opaque.',
    }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: 'When the status changed.' }),
    previousStatus: t.field({
      type: DeliveryStatusEnum,
      nullable: true,
      description: 'The status before; null when the delivery was created.',
      resolve: ({ previousStatus }) => previousStatus,
    }),
    status: t.field({
      type: DeliveryStatusEnum,
      description: 'The status from then on. Equal to previousStatus when a retry failed, and the next is scheduled.',
      resolve: ({ status }) => status,
    }),
    attempt: t.field({
      type: DeliveryAttempt,
      nullable: true,
      description: 'The attempt that caused the change; null for creation, cancellation and manual retry.',
      resolve: (change, _, { loaders }) => {
        const { deliveryId, attemptNumber: number } = change;
        return number === null ? null : once(change, 'attempt', () => loaders.attempt.load({ deliveryId, number }));
      },
    }),
    delivery: t.field({
      type: Delivery,
      description: 'The delivery as it stands when the change is sent, which may be further along than the change.',
      resolve: (change, _, { loaders }, info) => {
        const key = { id: change.deliveryId, organizationId: change.organizationId };
        return rowOf(key.id, info, () =>
          once(change, 'delivery', () => present(loaders.delivery.load(key), 'delivery')),
        );
      },
    }),
  }),
});

type StreamFilter = {
  readonly status?: readonly DeliveryStatus[] | null | undefined;
  readonly targetId?: string | null | undefined;
  readonly eventId?: string | null | undefined;
  readonly deliveryId?: string | null | undefined;
  readonly eventType?: readonly string[] | null | undefined;
};

const DeliveryStreamFilter = builder.inputRef<StreamFilter>('DeliveryStreamFilter').implement({
  description:
    'Which changes to stream: those that satisfy every field that is given. Null restricts nothing. An empty list, ' +
    'or an id of the wrong shape, would wait forever and is an error (BAD_USER_INPUT); an id that does not exist ' +
    'matches nothing.',
  fields: (t) => ({
    status: t.field({ type: [DeliveryStatusEnum], description: 'To one of these states.' }),
    targetId: t.id({ description: 'Of deliveries to this webhook target.' }),
    eventId: t.id({ description: 'Of deliveries of this event.' }),
    deliveryId: t.id({ description: 'Of this delivery.' }),
    eventType: t.stringList({ description: 'Of deliveries of events of these types.' }),
  }),
});

builder.subscriptionField('deliveryStatusChanged', (t) =>
  t.field({
    type: DeliveryStatusChange,
    needs: 'DELIVERIES_READ',
    description:
      'Live status changes of the deliveries of the caller’s organization: every committed change exactly once, in ' +
      'a fixed order, which is that of the commits. The stream ends within 5 seconds of its API key (over WebSocket ' +
      'the socket closes with 4403, over SSE the stream ends with UNAUTHENTICATED), and with SLOW_CONSUMER when the ' +
      'client reads too slowly to be kept: resume after the last cursor.',
    args: {
      filter: t.arg({ type: DeliveryStreamFilter, description: 'Default: every change.' }),
      after: t.arg.string({
        description:
          'A cursor of a change, or of deliveryStreamCursor: what was missed since comes first, without gap or ' +
          'repeat. Any API process takes it. Default: from now on. CURSOR_EXPIRED when the changes after it are no ' +
          'longer kept, BAD_USER_INPUT when it is no cursor of this deployment.',
      }),
    },
    subscribe: (_, { filter, after }, context) =>
      context.services.feed.subscribe(changeFilter(callerOf(context).organizationId, filter ?? {}), after ?? null),
    resolve: (change) => change,
  }),
);

function changeFilter(organizationId: string, filter: StreamFilter): DeliveryChangeFilter {
  for (const name of ['targetId', 'eventId', 'deliveryId'] as const) {
    const id = filter[name];
    if (id != null && !isId(id)) refuse(name, `expected an id of 27 characters 0-9, A-Z, a-z; got ${quote(id)}`);
  }
  for (const name of ['status', 'eventType'] as const) {
    if (filter[name]?.length === 0) refuse(name, 'expected at least one value, or null for no restriction; got none');
  }
  const given = Object.entries(filter).filter(([, value]) => value != null);
  return { ...(Object.fromEntries(given) as Omit<DeliveryChangeFilter, 'organizationId'>), organizationId };
}

function refuse(name: string, message: string): never {
  const argument = `filter.${name}`;
  throw new RequestError('BAD_USER_INPUT', `\`${argument}\`: ${message}.`, { argument });
}

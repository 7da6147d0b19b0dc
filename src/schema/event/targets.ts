/** Which targets of the organization got an event, and why the others did not. */
import { readBodyValues } from '../../domain/filter/body-values.ts';
import { compileFilter, satisfies } from '../../domain/filter/compile-filter.ts';
import type { PayloadFilter } from '../../domain/filter/payload-filter.ts';
import { noDeliveryReason, type NoDeliveryReason } from '../../domain/reasons/no-delivery.ts';
import { mayBeCopy, mustBeNamed, organizationToldOf } from '../../domain/event-types/service-event-types.ts';
import { callerOf, requireAccess } from '../build/access.ts';
import { builder } from '../build/builder.ts';
import { connectionOf, connectionType, pageArguments } from '../build/connection.ts';
import type { Context } from '../build/context.ts';
import { Delivery, Event, WebhookTarget } from '../build/refs.ts';
import { targetsOfEvent, type EventTargetRow } from '../read/event-targets.ts';
import { once } from '../read/once.ts';
import { loadersOf } from '../read/reads.ts';
import { present } from '../read/row-of.ts';
import type { DeliveryRow, EventRow } from '../read/rows.ts';

const REASONS: { readonly [Reason in NoDeliveryReason]: { readonly description: string } } = {
  EVENT_TYPE: {
    description:
      'The event type is not among the `eventTypes` of the target. Types of the catalog `hookcast` must be listed there: ' +
      'neither an empty list nor a global target takes them.',
  },
  CUSTOMER: { description: 'The customer of the event is not among the `customerIds` of the target.' },
  FILTER: { description: 'The event does not satisfy the `filter` of the target.' },
  DISABLED: {
    description:
      'The target was DISABLED when the event was published, or is DISABLED today. While it is, `disabledReason` says why; ' +
      'later `auditLog` does, with the id of the target as `subjectId`.',
  },
  CREATED_LATER: { description: 'The target was created after the event was published.' },
  EXPIRED: { description: 'The event is older than retention (RETENTION_DAYS), which deletes deliveries first.' },
  TEST_EVENT: { description: 'It was a test event (`sendTestEvent`), which goes to one target only.' },
  CHANGED: {
    description:
      'The target would receive the event today, but was changed since it was published. `auditLog` with the id of the ' +
      'target as `subjectId` says how.',
  },
};

const NoDeliveryReasonEnum = builder.enumType('NoDeliveryReason', {
  description: 'Why a target has no delivery of an event. `redeliver` makes one all the same.',
  values: REASONS,
});

const deliveryOf = (row: EventTargetRow, context: Context): Promise<DeliveryRow | null> =>
  once(row, 'firstDelivery', () => loadersOf(context).firstDelivery.load({ eventId: row.eventId, targetId: row.id }));

const bodyOf = ({ id }: EventRow, context: Context): Promise<string> =>
  present(loadersOf(context).eventBody.load(id), 'body');

async function mustNameIt(event: EventRow, organizationId: string, context: Context): Promise<boolean> {
  if (!context.services.serviceEvents) return false;
  const eventType = event.eventTypeName;
  const load = async () => organizationToldOf(await bodyOf(event, context));
  const toldOf = mayBeCopy(eventType) ? await once(event, 'toldOf', load) : undefined;
  return mustBeNamed({ eventType, organizationId }, toldOf);
}

async function isFiltered({ filter }: EventTargetRow, event: EventRow, context: Context): Promise<boolean> {
  if (filter === null || event.erasedAt) return false; // What was erased cannot be asked any more.
  const load = async () => readBodyValues(await bodyOf(event, context));
  // Filters are stored as they were checked (manage/targets.ts).
  return !satisfies(compileFilter(filter as PayloadFilter), await once(event, 'bodyValues', load));
}

async function reasonOf(target: EventTargetRow, context: Context): Promise<NoDeliveryReason | null> {
  if (await deliveryOf(target, context)) return null;
  const { organizationId, id: targetId } = target;
  const { event: events, statusBefore } = loadersOf(context);
  const event = await present(events.load({ id: target.eventId, organizationId }), 'event');
  const { createdAt, customerId, eventTypeName: eventType, isTest } = event;
  const before = await statusBefore.load({ organizationId, targetId, at: createdAt });
  const { clock, keptFrom } = context.services;
  const isNamedOnly = await mustNameIt(event, organizationId, context);
  return noDeliveryReason({
    event: { eventType, customerId, createdAt, isTest, mustBeNamed: isNamedOnly },
    target,
    isFiltered: await isFiltered(target, event, context),
    statusThen: before ?? target.status,
    isExpired: createdAt < keptFrom(clock.now()),
  });
}

const EventTarget = builder.objectRef<EventTargetRow>('EventTarget').implement({
  description: 'A webhook target of the organization, and what an event has to do with it.',
  fields: (t) => ({
    target: t.field({ type: WebhookTarget, description: 'The target.', resolve: (row) => row }),
    delivery: t.field({
      type: Delivery,
      nullable: true,
      needs: 'DELIVERIES_READ',
      description:
        'The first delivery of the event to the target; `Event.deliveries` has later ones, of redeliver and of replays. ' +
        'Null: there is none, see `reason`.',
      resolve: (row, _, context) => deliveryOf(row, context),
    }),
    reason: t.field({
      type: NoDeliveryReasonEnum,
      nullable: true,
      description:
        'Why there is no delivery, judged by what the target is subscribed to today, and by its status then. Null: ' +
        'there is a delivery; or nothing explains it, for example because the event was erased and its body cannot be ' +
        'asked any more.',
      resolve: (row, _, context) => reasonOf(row, context),
    }),
  }),
});

const EventTargetConnection = connectionType(EventTarget, {
  name: 'EventTarget',
  rows: 'the webhook targets of an organization beside an event, newest first',
});

builder.objectField(Event, 'targets', (t) =>
  t.field({
    type: EventTargetConnection,
    needs: 'TARGETS_READ',
    description:
      'Every webhook target of the organization that is not deleted, newest first, with its first delivery of the event ' +
      'or the reason why it has none. A target that was deleted since is not in the list; `deliveries` shows what it got. ' +
      'Needs the scope EVENTS_READ too.',
    args: { first: pageArguments(t.arg).first, after: pageArguments(t.arg).after },
    resolve: (event, args, context) => {
      requireAccess(callerOf(context), 'EVENTS_READ', 'Event.targets');
      return connectionOf(targetsOfEvent(event), args);
    },
  }),
);

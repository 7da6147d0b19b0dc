/**
 * Plans what events of the service itself write:
 *
 *     target.created, api_key.deleted, …     every target of the organization that is subscribed
 *     the catalog hookcast                   its targets that name the type
 *     both                                   also targets of the first organization that name the type
 *
 * The people who run the platform are in the first organization. They get an event of their own, so that no row of another
 * organization leads to their targets, and only when a target of theirs names the type.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../clock.ts';
import { freshPriority } from '../../database/priority.ts';
import type { Sql } from '../../database/statement.ts';
import type { IdGenerator } from '../../domain/ksuid.ts';
import { buildBody } from '../../domain/payload.ts';
import { redact } from '../../domain/redact.ts';
import type { ServiceEvent } from '../../domain/service-event.ts';
import { mustBeNamed } from '../../domain/event-types/service-event-types.ts';
import type { SubscribableEvent } from '../../domain/targets/subscription.ts';
import { receives, type SubscribedTarget } from './fan-out.ts';
import type { Filters } from './filters.ts';
import { DELIVERIES_PER_TURN, MAX_DELIVERIES } from './plan.ts';
import type { NewDelivery, NewEvent } from './write.ts';

export type ServiceEventPlan = { readonly events: NewEvent[]; readonly deliveries: NewDelivery[] };

type Options = {
  readonly clock: Clock;
  readonly ids: IdGenerator;
  readonly filters: Filters;
  readonly onError: (error: unknown, eventTypes: readonly string[]) => void;
};

type FanOut = {
  /** Of the organizations of the events, and of the first one: all that may receive one of the types. */
  readonly targets: readonly SubscribedTarget[];
  /** Undefined: there is none yet. */
  readonly firstOrganizationId: string | undefined;
};

/** Makes the plan. `tx` reads the filters, because the transaction may have changed some. */
export async function planServiceEvents(
  tx: Sql,
  events: readonly ServiceEvent[],
  { targets, firstOrganizationId }: FanOut,
  options: Options,
): Promise<ServiceEventPlan> {
  const plan: ServiceEventPlan = { events: [], deliveries: [] };
  const room = createRoom(options.onError);
  const targetsOf = Map.groupBy(targets, (target) => target.organizationId);
  const subscribedIn = (organizationId: string, event: ServiceEvent): SubscribedTarget[] => {
    const question = questionFor(organizationId, event);
    const present = targetsOf.get(organizationId) ?? [];
    return present.filter((target) => target.id !== event.exceptTargetId && receives(target, question));
  };
  for (const event of events) {
    const { organizationId } = event;
    const own = subscribedIn(organizationId, event);
    if (room.take(organizationId, event, own.length))
      await add(tx, plan, event, { organizationId, subscribed: own }, options);
    if (firstOrganizationId === undefined || firstOrganizationId === organizationId) continue;
    const operators = subscribedIn(firstOrganizationId, event);
    if (operators.length === 0 || !room.take(firstOrganizationId, event, operators.length)) continue;
    await add(tx, plan, event, { organizationId: firstOrganizationId, subscribed: operators }, options);
  }
  return plan;
}

/** What the targets of an organization are asked. */
const questionFor = (organizationId: string, event: ServiceEvent): SubscribableEvent => ({
  eventType: event.type,
  customerId: null,
  mustBeNamed: mustBeNamed({ eventType: event.type, organizationId }, event.organizationId),
});

/**
 * What one transaction may write for an organization: as much as one publish may. Thousands of targets that fail together, and
 * that all name these types, are millions of deliveries.
 */
function createRoom(onError: Options['onError']) {
  const taken = new Map<string, number>();
  return {
    /** Whether there is room for that many deliveries. If not, it tells why the event is left out. */
    take(organizationId: string, { type }: ServiceEvent, count: number): boolean {
      const sum = (taken.get(organizationId) ?? 0) + count;
      if (sum <= MAX_DELIVERIES) {
        taken.set(organizationId, sum);
        return true;
      }
      const expected = `expected at most ${MAX_DELIVERIES} deliveries of service events for organization ${organizationId}`;
      onError(new Error(`${expected} in one transaction, got ${sum}: fewer of its targets should name ${type}`), [
        type,
      ]);
      return false;
    },
  };
}

type Receivers = { readonly organizationId: string; readonly subscribed: readonly SubscribedTarget[] };

/** Adds the event of an organization to the plan, with its deliveries. */
async function add(
  tx: Sql,
  plan: ServiceEventPlan,
  told: ServiceEvent,
  { organizationId, subscribed }: Receivers,
  { clock, ids, filters }: Options,
): Promise<void> {
  const now = clock.now();
  const event = { id: ids.next(), organizationId, eventType: told.type, customerId: null, createdAt: now };
  // People paste keys where they do not belong, such as the name of a target.
  const body = buildBody({ ...event, dataText: redact(JSON.stringify(told.data)) });
  const { receivers, filteredCount } = subscribed.some(({ filterVersion }) => filterVersion !== null)
    ? await filters.keep(subscribed, { ...questionFor(organizationId, told), body }, tx)
    : { receivers: subscribed, filteredCount: 0 };
  plan.events.push({ ...event, idempotencyKey: null, body, filteredCount: filteredCount || null });
  const priority = freshPriority(now);
  for (const { id: targetId, paused } of receivers) {
    if (plan.deliveries.length % DELIVERIES_PER_TURN === DELIVERIES_PER_TURN - 1) await nextTurn();
    const jobId = paused ? null : clock.uuid();
    plan.deliveries.push({ id: ids.next(), eventId: event.id, targetId, jobId, dueAt: now, priority, isTaken: false });
  }
}

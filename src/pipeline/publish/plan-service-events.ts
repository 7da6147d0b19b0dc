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
import type { Sql } from '../../database/statement.ts';
import type { IdGenerator } from '../../domain/ksuid.ts';
import { buildBody } from '../../domain/payload.ts';
import { redact } from '../../domain/redact.ts';
import type { ServiceEvent } from '../../domain/service-event.ts';
import { mayBeCopy, mustBeNamed } from '../../domain/event-types/service-event-types.ts';
import type { SubscribableEvent } from '../../domain/targets/subscription.ts';
import { receives } from './fan-out.ts';
import type { SubscribedTarget } from './subscribed-targets.ts';
import type { FairPriority } from './fair-priority.ts';
import type { Filters } from './filters.ts';
import { DELIVERIES_PER_TURN, MAX_DELIVERIES } from './plan.ts';
import type { NewDelivery, NewEvent } from './write.ts';

export type ServiceEventPlan = { readonly events: NewEvent[]; readonly deliveries: NewDelivery[] };

type Options = {
  readonly clock: Clock;
  readonly ids: IdGenerator;
  readonly filters: Filters;
  readonly fairPriority: FairPriority;
  readonly onError: (error: unknown, eventTypes: readonly string[]) => void;
};

type FanOut = {
  /** Of the organizations of the events, and of the first one: all that may receive one of the types. */
  readonly targets: readonly SubscribedTarget[];
  /** Undefined: there is none yet. */
  readonly firstOrganizationId: string | undefined;
  /** What the transaction may still write. */
  readonly room: Room;
};

/** Makes the plan. `tx` reads the filters, because the transaction may have changed some. */
export async function planServiceEvents(
  tx: Sql,
  events: readonly ServiceEvent[],
  { targets, firstOrganizationId, room }: FanOut,
  options: Options,
): Promise<ServiceEventPlan> {
  const plan: ServiceEventPlan = { events: [], deliveries: [] };
  const leftOut = new Set<string>();
  const subscribedIn = createSubscribers(targets);
  for (const event of events) {
    const { organizationId, type } = event;
    const parts = [{ organizationId, subscribed: await subscribedIn(organizationId, event) }];
    if (firstOrganizationId !== undefined && firstOrganizationId !== organizationId) {
      const operators = await subscribedIn(firstOrganizationId, event);
      if (operators.length > 0) parts.push({ organizationId: firstOrganizationId, subscribed: operators });
    }
    const count = parts.reduce((sum, { subscribed }) => sum + subscribed.length, 0);
    if (!room.take(type, count)) leftOut.add(type);
    else for (const part of parts) await add(tx, plan, event, part, options);
  }
  if (leftOut.size > 0) options.onError(fullRoom(leftOut), [...leftOut]);
  return plan;
}

/** What the targets of an organization are asked. */
const questionFor = (organizationId: string, event: ServiceEvent): SubscribableEvent => ({
  eventType: event.type,
  customerId: null,
  mustBeNamed: mustBeNamed({ eventType: event.type, organizationId }, event.organizationId),
});

const TARGETS_PER_TURN = 2_000;

/** Returns the function that finds who receives an event in an organization. Events of one type ask the targets once. */
function createSubscribers(targets: readonly SubscribedTarget[]) {
  const targetsOf = Map.groupBy(targets, ({ organizationId }) => organizationId);
  const known = new Map<string, readonly SubscribedTarget[]>();
  let asked = 0;

  async function ask(present: readonly SubscribedTarget[], question: SubscribableEvent): Promise<SubscribedTarget[]> {
    const found: SubscribedTarget[] = [];
    for (const target of present) {
      if (++asked % TARGETS_PER_TURN === 0) await nextTurn();
      if (receives(target, question)) found.push(target);
    }
    return found;
  }

  return async (organizationId: string, event: ServiceEvent): Promise<readonly SubscribedTarget[]> => {
    const question = questionFor(organizationId, event);
    const key = `${organizationId} ${event.type} ${question.mustBeNamed}`;
    const subscribed = known.get(key) ?? (await ask(targetsOf.get(organizationId) ?? [], question));
    known.set(key, subscribed);
    const { exceptTargetId } = event;
    return exceptTargetId === undefined ? subscribed : subscribed.filter(({ id }) => id !== exceptTargetId);
  };
}

/** What one transaction may write, for all organizations together. */
export type Room = {
  /** Whether there is room for an event with that many deliveries, those included that a filter leaves out. */
  take(eventType: string, count: number): boolean;
};

/** Settling attempts and all that waits for it take as long as this takes: half a second. */
const MAX_TOLD_DELIVERIES = 5_000;

/**
 * Returns the room of a transaction. Thousands of targets that fail together, and that all name these types, are millions of
 * deliveries. An event that a person's change causes goes to every global target: when it is the first one, it may have as many
 * as one publish.
 */
export function createRoom(): Room {
  let taken = 0;
  return {
    take(eventType, count) {
      const most = taken === 0 && mayBeCopy(eventType) ? MAX_DELIVERIES : MAX_TOLD_DELIVERIES;
      if (count > 0 && taken + count > most) return false;
      taken += count;
      return true;
    },
  };
}

function fullRoom(types: ReadonlySet<string>): Error {
  const expected = `expected at most ${MAX_TOLD_DELIVERIES} deliveries of service events in one transaction`;
  return new Error(`${expected}, got more: fewer targets should name ${[...types].join(', ')}`);
}

type Receivers = { readonly organizationId: string; readonly subscribed: readonly SubscribedTarget[] };

/** Adds the event of an organization to the plan, with its deliveries. */
async function add(
  tx: Sql,
  plan: ServiceEventPlan,
  told: ServiceEvent,
  { organizationId, subscribed }: Receivers,
  { clock, ids, filters, fairPriority }: Options,
): Promise<void> {
  const now = clock.now();
  const event = { id: ids.next(), organizationId, eventType: told.type, customerId: null, createdAt: now };
  // People paste keys where they do not belong, such as the name of a target.
  const body = buildBody({ ...event, dataText: redact(JSON.stringify(told.data)) });
  const { receivers, filteredCount } = subscribed.some(({ filterVersion }) => filterVersion !== null)
    ? await filters.keep(subscribed, { ...questionFor(organizationId, told), body }, tx)
    : { receivers: subscribed, filteredCount: 0 };
  plan.events.push({ ...event, idempotencyKey: null, orderingKey: null, body, filteredCount: filteredCount || null });
  for (const { id: targetId, paused } of receivers) {
    if (plan.deliveries.length % DELIVERIES_PER_TURN === DELIVERIES_PER_TURN - 1) await nextTurn();
    const jobId = paused ? null : clock.uuid();
    // An organization with many targets does not stand before others.
    const priority = paused ? 0 : fairPriority.next(organizationId, targetId, now);
    const delivery = { id: ids.next(), eventId: event.id, targetId, jobId, dueAt: now, priority, isTaken: false };
    plan.deliveries.push({ ...delivery, chain: null }); // Outside the order: what they tell of may be the target itself.
  }
}

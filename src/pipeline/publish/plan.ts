/**
 * Plans what a batch of publishes writes. It is pure, apart from ids and turns. A plan for thousands of targets lets
 * other work run.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Sql } from '../../database/statement.ts';
import type { RememberedEffect } from '../../database/effect.ts';
import { unknownEventType } from '../../domain/event-types/event-type.ts';
import { chainOf, isInOrder, type Chain } from '../../domain/order.ts';
import { buildBody } from '../../domain/payload.ts';
import { notFound } from '../../domain/reach.ts';
import { quote } from '../../domain/text.ts';
import { fail, succeed, userError, type Result, type UserError } from '../../errors.ts';
import { idempotencySlot, receives, type FanOutFacts } from './fan-out.ts';
import type { SubscribedTarget } from './subscribed-targets.ts';
import type { Filters } from './filters.ts';
import { IS_ORDERED, type Findings, type Missing, type Repeat } from './findings.ts';
import type { Draft } from './input.ts';
import type { Wait } from './patience.ts';
import type { PublisherOptions } from './options.ts';
import type { NewDelivery, NewEvent } from './write.ts';
import type { Handing } from '../fresh-deliveries.ts';
import type { FairPriority } from './fair-priority.ts';

export type Published = {
  readonly eventId: string;
  readonly deliveryCount: number;
  /** How many subscribed targets did not get the event because of their filters. */
  readonly filteredCount: number;
};

export type Publication = Result<Published[]>;

/** The answer to a request whose lease another process has taken over: nothing of it was written. */
export const TAKEN_OVER = 'taken over';
/** What a caller gets as its answer. */
export type PublishOutcome = Publication | typeof TAKEN_OVER;
/** The answer to a request about which something must be found out first: nothing of it was written. */
export type Unprepared = { readonly ok: false; readonly missing: Missing };
export type PublishAnswer = PublishOutcome | Unprepared;

export const isUnprepared = (answer: PublishAnswer): answer is Unprepared =>
  answer !== TAKEN_OVER && 'missing' in answer;

export type PublishRequest = {
  readonly drafts: readonly Draft[];
  readonly findings: Findings;
  /** With an idempotency key: returns what the transaction must remember. */
  readonly memoryOf?: ((published: readonly Published[]) => RememberedEffect) | undefined;
  /** The trace context of the publish; null: nobody traces it. */
  readonly traceparent: string | null;
  /** The caller's wait for the answer. */
  readonly wait: Wait<PublishOutcome>;
};

/** What one transaction writes, and the answers to its requests after the commit. Its requests are the first of those given. */
export type PublishPlan = {
  readonly events: NewEvent[];
  readonly deliveries: NewDelivery[];
  readonly answers: (Publication | Unprepared)[];
  /** The targets of its events, where some want them in order; otherwise it is empty. */
  readonly confirmed: ReadonlySet<SubscribedTarget>;
};

/**
 * The most deliveries of one request: a transaction of about three seconds. More would hold the commit horizon longer. Those
 * that a filter leaves out count too: to ask the filters takes time.
 */
export const MAX_DELIVERIES = 50_000;
/** A transaction with this many takes no further requests. */
const FULL_DELIVERIES = 10_000;
/** A request with this many has a transaction of its own, of half a second, so that no other request waits in it. */
const HEAVY_DELIVERIES = 5_000;
/** How many deliveries are planned in one turn of the event loop: a millisecond or two. */
export const DELIVERIES_PER_TURN = 500;
/** The result for a request whose caller has its answer already: nobody reads it. */
export const TOO_LATE: Publication = fail();

/** By what an event is fanned out. */
export type FanOut = {
  readonly facts: FanOutFacts;
  readonly filters: Filters;
  readonly fairPriority: FairPriority;
  /** Takes what the worker of this process can send at once. */
  readonly handing?: Handing | undefined;
  /** Whether the transaction takes the locks of chains. Default: requests with ordered events are left to one that does. */
  readonly isOrdered?: boolean;
  /** Lets others have the event loop, between hundreds of deliveries. Default: for one turn. */
  readonly turn?: () => Promise<unknown>;
};

type Planning = Pick<PublisherOptions, 'clock' | 'ids' | 'maxAttempts'> & {
  readonly database: { readonly connector: { readonly schema: string } };
};

/** Makes the plan. It writes nothing for a request whose caller has its answer already. */
export async function makePlan(
  requests: readonly PublishRequest[],
  { facts, filters, fairPriority, handing, isOrdered = false, turn = nextTurn }: FanOut,
  options: Planning,
): Promise<PublishPlan> {
  const confirmed = new Set<SubscribedTarget>();
  const plan: PublishPlan = { events: [], deliveries: [], answers: [], confirmed };
  const { schema } = options.database.connector;
  const eventIdsByKey = new Map(facts.eventIdsByKey);
  /** The drafts of this plan that have a key. */
  const planned = new Map<string, Draft>();
  const outcomes = new Map<string, Published>();
  /** Deliveries, and targets that were left out. */
  let askedCount = 0;
  const targetsByOrganization = Map.groupBy(facts.targets, ({ organizationId }) => organizationId);
  const now = options.clock.now();

  const subscribedTo = (draft: Draft): readonly SubscribedTarget[] => {
    const targets = targetsByOrganization.get(draft.organizationId) ?? [];
    return eventIdsByKey.has(slotOf(draft) ?? '') ? [] : targets.filter((target) => receives(target, draft));
  };

  const planEvent = async (
    draft: Draft,
    { subscribed, traceparent }: { subscribed: readonly SubscribedTarget[]; traceparent: string | null },
  ): Promise<Published> => {
    const { organizationId, eventType, customerId, idempotencyKey, orderingKey, tags, dataText } = draft;
    const slot = slotOf(draft);
    const earlier = slot && eventIdsByKey.get(slot);
    if (earlier) return outcomes.get(earlier) ?? { eventId: earlier, deliveryCount: UNKNOWN_COUNT, filteredCount: 0 };

    const id = options.ids.next();
    if (slot) {
      eventIdsByKey.set(slot, id);
      planned.set(slot, draft);
    }
    const body = buildBody({ id, eventType, dataText, createdAt: now, customerId });
    const { receivers, filteredCount } = subscribed.some(({ filterVersion }) => filterVersion !== null)
      ? await filters.keep(subscribed, { eventType, customerId, body })
      : { receivers: subscribed, filteredCount: 0 };
    const given = { eventType, customerId, idempotencyKey, orderingKey, tags };
    const event = { id, organizationId, ...given, traceparent, body, createdAt: now };
    plan.events.push({ ...event, filteredCount: filteredCount || null });
    const shared = { organizationId, eventId: id, eventType, traceparent, maxAttempts: options.maxAttempts };
    const bodyBytes = handing ? Buffer.byteLength(body) : 0;
    if (isOrdered) for (const target of subscribed) confirmed.add(target);
    for (const target of receivers) {
      const { id: targetId, paused, address } = target;
      if (plan.deliveries.length % DELIVERIES_PER_TURN === DELIVERIES_PER_TURN - 1) await turn();
      const jobId = paused ? null : options.clock.uuid();
      const priority = paused ? 0 : fairPriority.next(organizationId, targetId, now);
      const delivery = { id: options.ids.next(), targetId };
      const chain: Chain | null = target.ordering === 'NONE' ? null : chainOf(schema, target, orderingKey);
      const isTaken =
        chain === null &&
        jobId !== null &&
        address !== null &&
        handing?.take({ ...shared, ...delivery, jobId, priority, bodyBytes, address });
      plan.deliveries.push({ ...delivery, eventId: id, jobId, isTaken: isTaken === true, dueAt: now, priority, chain });
    }
    const outcome = { eventId: id, deliveryCount: receivers.length, filteredCount };
    outcomes.set(id, outcome);
    return outcome;
  };

  for (const request of requests) {
    const { drafts, wait } = request;
    if (askedCount >= FULL_DELIVERIES) break;
    if (wait.isOver) {
      plan.answers.push(TOO_LATE);
      continue;
    }
    const missing = findMissing(request, facts, planned);
    if (missing) {
      plan.answers.push({ ok: false, missing });
      continue;
    }
    const userErrors = drafts.flatMap((draft) => findErrors(draft, facts, request.findings));
    const subscribed = userErrors.length > 0 ? [] : drafts.map(subscribedTo);
    if (
      !isOrdered &&
      drafts.some((draft, index) => subscribed[index]?.some((target) => isInOrder(target.ordering, draft.orderingKey)))
    ) {
      plan.answers.push({ ok: false, missing: IS_ORDERED });
      continue;
    }
    const count = subscribed.reduce((sum, { length }) => sum + length, 0);
    const isHeavy = count >= HEAVY_DELIVERIES && count <= MAX_DELIVERIES;
    if (isHeavy && plan.events.length > 0) break;
    if (userErrors.length > 0) plan.answers.push(fail(...userErrors));
    else if (count > MAX_DELIVERIES) plan.answers.push(fail(tooManyDeliveries(count)));
    else {
      const published: Published[] = [];
      const { traceparent } = request;
      for (const [index, draft] of drafts.entries()) {
        published.push(await planEvent(draft, { subscribed: subscribed[index]!, traceparent }));
      }
      askedCount += count;
      plan.answers.push(succeed(published));
    }
    if (isHeavy) break;
  }
  return plan;
}

function tooManyDeliveries(count: number): UserError {
  const message =
    `Expected at most ${MAX_DELIVERIES} deliveries for one request, those included that a filter leaves out; got ${count}. ` +
    'Publish fewer events at once.';
  return userError('TOO_MANY', null, message);
}

const slotOf = ({ organizationId, idempotencyKey }: Draft): string | undefined =>
  idempotencyKey === null ? undefined : idempotencySlot(organizationId, idempotencyKey);

/** Returns what is not known yet about a request; undefined when it can be planned. */
function findMissing(
  { drafts, findings }: PublishRequest,
  facts: FanOutFacts,
  planned: ReadonlyMap<string, Draft>,
): Missing | undefined {
  const eventTypes = new Set<string>();
  const repeats = new Map<Draft, string>();
  let isBehind = false;
  for (const draft of drafts) {
    const type = facts.eventTypes.get(draft.eventType);
    if (type?.hasSchema && findings.versions.get(type.name) !== type.version) eventTypes.add(type.name);
    const slot = slotOf(draft);
    if (slot === undefined) continue;
    const earlier = facts.eventIdsByKey.get(slot);
    if (earlier !== undefined && findings.repeats.get(draft)?.eventId !== earlier) repeats.set(draft, earlier);
    const beside = planned.get(slot);
    if (beside && !isCopy(draft, beside)) isBehind = true;
  }
  if (eventTypes.size === 0 && repeats.size === 0 && !isBehind) return undefined;
  return { eventTypes, repeats, isBehind, isOrdered: false };
}

/** Whether one draft is a plain copy of the other. Other drafts may still mean the same, but that takes longer to find out. */
const isCopy = (draft: Draft, other: Draft): boolean =>
  draft.eventType === other.eventType &&
  draft.customerId === other.customerId &&
  draft.orderingKey === other.orderingKey &&
  draft.dataText === other.dataText;

function findErrors(draft: Draft, facts: FanOutFacts, findings: Findings): UserError[] {
  const { organizationId, eventType, dataField, path } = draft;
  if (!facts.organizationIds.has(organizationId)) {
    return [notFound('organization', organizationId, [...path, 'organizationId'])];
  }
  const type = facts.eventTypes.get(eventType);
  if (!type) return [unknownEventType([...path, 'eventType'], eventType, facts.suggestions)];
  if (type.archived) {
    const message = `The event type ${quote(eventType)} is archived and takes no new events.`;
    return [userError('UNKNOWN_EVENT_TYPE', [...path, 'eventType'], message)];
  }
  const violation = type.hasSchema ? findings.violations.get(draft) : undefined;
  if (violation !== undefined) {
    const message = `The data does not satisfy the JSON Schema of ${eventType}: ${violation}.`;
    return [userError('PAYLOAD_INVALID', [...path, dataField], message)];
  }
  const rival = findings.rivals.get(draft);
  const repeat = findings.repeats.get(draft);
  if (rival) return [mismatch(draft, `input.${rival.path.join('.')} of this request`, 'content')];
  return repeat?.difference ? [mismatch(draft, `the event ${repeat.eventId}`, repeat.difference)] : [];
}

function mismatch({ path }: Draft, first: string, difference: Repeat['difference'] | 'content'): UserError {
  const cure = 'Give every new event a key of its own; to repeat the first event, send exactly its content again.';
  const message = `The idempotencyKey was used for ${first} with other ${difference}. ${cure}`;
  return userError('IDEMPOTENCY_MISMATCH', [...path, 'idempotencyKey'], message);
}

const UNKNOWN_COUNT = -1;

/** Whether an answer names an event that an earlier publish made. */
export const hasRepeats = (answers: readonly (Publication | Unprepared)[]): boolean =>
  answers.some((answer) => answer.ok && answer.value.some(({ deliveryCount }) => deliveryCount === UNKNOWN_COUNT));

/** Fills in what became of events that an earlier publish made: the deliveries they have, and how many filters left them out. */
export async function countRepeats<Other extends { readonly ok: false }>(
  sql: Sql,
  answers: readonly (Publication | Other)[],
): Promise<(Publication | Other)[]> {
  const published = answers.flatMap((answer) => (answer.ok ? answer.value : []));
  const repeats = published
    .filter(({ deliveryCount }) => deliveryCount === UNKNOWN_COUNT)
    .map(({ eventId }) => eventId);
  if (repeats.length === 0) return [...answers];
  const { rows } = await sql.query<Published>(REPEATS, [repeats]);
  const outcomes = new Map(rows.map((row) => [row.eventId, row]));
  const filledIn = (each: Published): Published => outcomes.get(each.eventId) ?? each;
  return answers.map((answer) => (answer.ok ? succeed(answer.value.map(filledIn)) : answer));
}

// Deliveries that were added since are younger than the event. Also for an event that retention has deleted meanwhile.
const REPEATS = `
  select asked.id as "eventId",
    (select count(*)::int from deliveries d where d.event_id = asked.id and d.created_at = e.created_at) as "deliveryCount",
    coalesce(e.filtered_count, 0) as "filteredCount"
  from unnest($1::text[]) asked (id)
  left join events e on e.id = asked.id`;

/**
 * Publish: validate, then write the event, its deliveries and their jobs in one transaction, which concurrent publishers
 * share. A publish is acknowledged only after the commit.
 */
import type { Clock } from '../clock.ts';
import { createBatch } from '../database/batch.ts';
import type { Database } from '../database/client.ts';
import { sqlState } from '../database/statement.ts';
import { claimLost, isClaimLost, remembering, type Effect, type Memory } from '../database/effect.ts';
import type { Queue } from '../database/queue.ts';
import { unknownEventTypes } from '../domain/event-type.ts';
import type { IdGenerator } from '../domain/ksuid.ts';
import { buildBody } from '../domain/payload.ts';
import { quote } from '../domain/text.ts';
import { fail, succeed, userError, type Result, type UserError } from '../errors.ts';
import type { Bodies } from './bodies.ts';
import { createFacts, idempotencySlot, receives, type Facts, type Subscriber } from './fan-out.ts';
import { readInput, type Draft, type PublishCaller, type PublishInput } from './publish-input.ts';
import { sendTestEvent, type TestEventInput } from './test-event.ts';
import { createTurns, reviewTurns, type Turns } from './turns.ts';
import { publicationStatements, type NewDelivery, type NewEvent } from './publish-write.ts';

export type { PublishCaller, PublishInput } from './publish-input.ts';

export type Published = { readonly eventId: string; readonly deliveryCount: number };

export type PublishedMany = { readonly eventIds: readonly string[]; readonly deliveryCount: number };

export type Publisher = {
  /** Error fields are relative to ["input"]. */
  publish(caller: PublishCaller, input: PublishInput, effect?: Effect): Promise<Result<Published>>;
  /** 1 to 1000 events, all or nothing. Error fields: ["input", "events", "3", "eventType"]. */
  publishMany(caller: PublishCaller, inputs: readonly PublishInput[], effect?: Effect): Promise<Result<PublishedMany>>;
  /** One event for one target, whatever it is subscribed to. */
  sendTest(caller: PublishCaller, input: TestEventInput, effect?: Effect): Promise<Result<{ deliveryId: string }>>;
  /** Resolves when every publish under way is settled. */
  idle(): Promise<void>;
};

export type PublisherOptions = {
  readonly database: Database;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly ids: IdGenerator;
  readonly bodies: Bodies;
  readonly maxAttempts: number;
  /** Called after each commit: deliveries are due and changes are visible. */
  readonly onCommit: (written: Written) => void;
};

/** What a commit has added. */
export type Written = { readonly events: number; readonly deliveries: number };

type Request = {
  readonly drafts: readonly Draft[];
  /** With an idempotency key: what the transaction is to remember. */
  readonly memoryOf?: ((published: readonly Published[]) => Memory) | undefined;
};
type Publication = Result<Published[]>;
/** Answers a request whose claim another process has taken over: nothing of it was written. */
const TAKEN_OVER = 'taken over';
type Answer = Publication | typeof TAKEN_OVER;
/** What one transaction writes, and what its requests, the first of those given, are answered after the commit. */
type Plan = { readonly events: NewEvent[]; readonly deliveries: NewDelivery[]; readonly answers: Publication[] };

const MAX_EVENTS = 1_000;
/** Events of one transaction: more would hold the commit horizon, and everybody's live stream, longer. */
const BATCH_EVENTS = 200;
/** Deliveries of one request, for the same reason: a transaction of about three seconds. */
const MAX_DELIVERIES = 50_000;
/** A transaction with this many takes no further requests. */
const FULL_DELIVERIES = 10_000;
const UNIQUE_VIOLATION = '23505';
const MAX_RACES = 5;

export function createPublisher(options: PublisherOptions): Publisher {
  const { database, queue, bodies } = options;
  const readFacts = createFacts();
  const turns = createTurns();
  const batch = createBatch<Request, Answer>({
    lanes: 2,
    maxWeight: BATCH_EVENTS,
    weigh: ({ drafts }) => drafts.length,
    run: commitBatch,
  });

  async function commitBatch(requests: Request[], races = 0): Promise<Answer[]> {
    const drafts = requests.flatMap((request) => request.drafts);
    const organizationIds = drafts.map(({ organizationId }) => organizationId);
    const [facts] = await Promise.all([
      readFacts(database.pool, drafts),
      reviewTurns(database.pool, turns, organizationIds, options.clock.now()),
    ]);
    const answers: Publication[] = [];
    while (answers.length < requests.length) {
      const rest = requests.slice(answers.length);
      const plan = makePlan(rest, facts, turns, options);
      const publications = await countRepeats(database, plan.answers);
      if (plan.events.length > 0) {
        const statements = await publicationStatements(plan.events, plan.deliveries, queue);
        const memories = publications.flatMap((answer, index) =>
          answer.ok ? (rest[index]!.memoryOf?.(answer.value) ?? []) : [],
        );
        if (memories.length > 0) statements.push(remembering(memories));
        try {
          await database.transact(statements);
        } catch (error) {
          if (isClaimLost(error)) return [...answers, ...(await commitEach(rest))];
          // One of these idempotency keys has just been used: its event is among the facts now.
          if (sqlState(error) !== UNIQUE_VIOLATION || races === MAX_RACES) throw error;
          return [...answers, ...(await commitBatch(rest, races + 1))];
        }
        for (const { id, body } of plan.events) bodies.set(id, body);
        options.onCommit({ events: plan.events.length, deliveries: plan.deliveries.length });
      }
      answers.push(...publications);
    }
    return answers;
  }

  /** One of these requests was taken over, which is rare: it alone is refused. */
  async function commitEach(requests: Request[]): Promise<Answer[]> {
    if (requests.length === 1) return [TAKEN_OVER];
    const answers: Answer[] = [];
    for (const request of requests) answers.push(...(await commitBatch([request])));
    return answers;
  }

  async function publishDrafts(
    caller: PublishCaller,
    inputs: readonly PublishInput[],
    inBatch: boolean,
    memoryOf: Request['memoryOf'],
  ) {
    const read = inputs.map((input, index) => readInput(caller, input, inBatch ? ['events', index] : []));
    const userErrors = read.flatMap((result) => (result.ok ? [] : result.userErrors));
    if (userErrors.length > 0) return fail(...userErrors);
    const drafts = read.map((result) => (result as { value: Draft }).value);
    const answer = await batch.add({ drafts, memoryOf });
    if (answer === TAKEN_OVER) throw claimLost();
    return answer;
  }

  return {
    async publish(caller, input, effect) {
      const memoryOf = effect && (([published]: readonly Published[]) => effect.memoryOf(published!));
      const published = await publishDrafts(caller, [input], false, memoryOf);
      return published.ok ? succeed(published.value[0]!) : published;
    },
    async publishMany(caller, inputs, effect) {
      if (inputs.length < 1 || inputs.length > MAX_EVENTS) {
        const code = inputs.length === 0 ? 'REQUIRED' : 'TOO_MANY';
        return fail(userError(code, 'events', `Expected 1 to ${MAX_EVENTS} events, got ${inputs.length}.`));
      }
      const memoryOf = effect && ((published: readonly Published[]) => effect.memoryOf(together(published)));
      const published = await publishDrafts(caller, inputs, true, memoryOf);
      return published.ok ? succeed(together(published.value)) : published;
    },
    sendTest: (caller, input, effect) => sendTestEvent(options, caller, input, effect),
    idle: () => batch.idle(),
  };
}

/** Two events with one idempotency key are one event: its deliveries count once. */
function together(published: readonly Published[]): PublishedMany {
  const counts = new Map(published.map(({ eventId, deliveryCount }) => [eventId, deliveryCount]));
  return {
    eventIds: published.map(({ eventId }) => eventId),
    deliveryCount: [...counts.values()].reduce((sum, count) => sum + count, 0),
  };
}

function makePlan(requests: readonly Request[], facts: Facts, turns: Turns, options: PublisherOptions): Plan {
  const plan: Plan = { events: [], deliveries: [], answers: [] };
  const eventIdsByKey = new Map(facts.eventIdsByKey);
  const counts = new Map<string, number>();
  const subscribersByOrganization = Map.groupBy(facts.subscribers, ({ organizationId }) => organizationId);
  const now = options.clock.now();

  const slotOf = ({ organizationId, idempotencyKey }: Draft) =>
    idempotencyKey === null ? undefined : idempotencySlot(organizationId, idempotencyKey);
  const receiversOf = (draft: Draft): readonly Subscriber[] => {
    const subscribers = subscribersByOrganization.get(draft.organizationId) ?? [];
    return eventIdsByKey.has(slotOf(draft) ?? '') ? [] : subscribers.filter((target) => receives(target, draft));
  };

  const planEvent = (draft: Draft, targets: readonly Subscriber[]): Published => {
    const { organizationId, eventType, customerId, idempotencyKey, dataText } = draft;
    const slot = slotOf(draft);
    const earlier = slot && eventIdsByKey.get(slot);
    if (earlier) return { eventId: earlier, deliveryCount: counts.get(earlier) ?? UNKNOWN_COUNT };

    const id = options.ids.next();
    if (slot) eventIdsByKey.set(slot, id);
    const body = buildBody({ id, eventType, dataText, createdAt: now, customerId });
    plan.events.push({ id, organizationId, eventType, customerId, idempotencyKey, body, createdAt: now });
    for (const { id: targetId, paused } of targets) {
      const jobId = paused ? null : options.clock.uuid();
      const priority = paused ? 0 : turns.next(organizationId, targetId, now);
      const { maxAttempts } = options;
      plan.deliveries.push({ id: options.ids.next(), eventId: id, targetId, jobId, dueAt: now, priority, maxAttempts });
    }
    counts.set(id, targets.length);
    return { eventId: id, deliveryCount: targets.length };
  };

  for (const { drafts } of requests) {
    if (plan.deliveries.length >= FULL_DELIVERIES) break;
    const userErrors = drafts.flatMap((draft) => findErrors(draft, facts));
    const receivers = userErrors.length > 0 ? [] : drafts.map(receiversOf);
    const count = receivers.reduce((sum, { length }) => sum + length, 0);
    if (userErrors.length > 0) plan.answers.push(fail(...userErrors));
    else if (count > MAX_DELIVERIES) plan.answers.push(fail(tooManyDeliveries(count)));
    else plan.answers.push(succeed(drafts.map((draft, index) => planEvent(draft, receivers[index]!))));
  }
  return plan;
}

function tooManyDeliveries(count: number): UserError {
  const message = `Expected at most ${MAX_DELIVERIES} deliveries of one request, got ${count}; publish fewer events at once.`;
  return userError('TOO_MANY', null, message);
}

function findErrors({ organizationId, eventType, dataText, dataField, path }: Draft, facts: Facts): UserError[] {
  if (!facts.organizationIds.has(organizationId)) {
    return [
      userError('NOT_FOUND', [...path, 'organizationId'], `No organization has the id ${quote(organizationId)}.`),
    ];
  }
  const type = facts.eventTypes.get(eventType);
  if (!type) return [unknownEventTypes([...path, 'eventType'], [eventType], facts.suggestions)];
  if (type.archived) {
    const message = `The event type ${quote(eventType)} is archived and takes no new events.`;
    return [userError('UNKNOWN_EVENT_TYPE', [...path, 'eventType'], message)];
  }
  const violation = type.findViolation(dataText);
  const message = `The data does not satisfy the JSON Schema of ${eventType}: ${violation}.`;
  return violation === undefined ? [] : [userError('PAYLOAD_INVALID', [...path, dataField], message)];
}

const UNKNOWN_COUNT = -1;

/** Fills in how many deliveries the events have that an earlier publish made. */
async function countRepeats(database: Database, answers: readonly Publication[]): Promise<Publication[]> {
  const published = answers.flatMap((answer) => (answer.ok ? answer.value : []));
  const counts = new Map(published.map(({ eventId, deliveryCount }) => [eventId, deliveryCount]));
  const repeats = published
    .filter(({ deliveryCount }) => deliveryCount === UNKNOWN_COUNT)
    .map(({ eventId }) => eventId);
  if (repeats.length === 0) return [...answers];
  const { rows } = await database.pool.query(
    'select asked.id, (select count(*)::int from deliveries where event_id = asked.id) as count from unnest($1::text[]) asked (id)',
    [repeats],
  );
  for (const { id, count } of rows) counts.set(id, count);
  const counted = ({ eventId }: Published): Published => ({ eventId, deliveryCount: counts.get(eventId)! });
  return answers.map((answer) => (answer.ok ? succeed(answer.value.map(counted)) : answer));
}

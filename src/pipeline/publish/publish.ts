/**
 * Publish: validates, then writes the event, its deliveries and their jobs in one transaction, which concurrent
 * publishers share. A publish is acknowledged only after the commit.
 *
 * A commit may hang for as long as a synchronous standby is away. Its publishers are answered in time (patience.ts), but
 * its batch goes on waiting: so a process has at most as many hanging transactions as parallel batches.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createBatch } from '../../database/batch.ts';
import { DIVISION_BY_ZERO, LOCK_NOT_AVAILABLE } from '../../database/sql-state.ts';
import { sqlState, type Statement } from '../../database/statement.ts';
import { OutcomeUnknown } from '../../database/commit.ts';
import { leaseLost, isLeaseLost, remembering, type Effect } from '../../database/effect.ts';
import type { Principal } from '../../domain/reach.ts';
import { createSchemaChecks } from '../../domain/schemas/checks.ts';
import { reservedTypes } from '../../domain/event-types/service-event-types.ts';
import { fail, succeed, userError, type Result } from '../../errors.ts';
import { queuedBy } from '../../live/order/append.ts';
import { limitingWaits, locking } from '../../live/order/lock-chains.ts';
import { createBusyChains } from './busy-chains.ts';
import { readFanOutFacts } from './fan-out.ts';
import { confirmingTargets } from './subscribed-targets.ts';
import { createFilters } from './filters.ts';
import { createFindings, IS_ORDERED } from './findings.ts';
import { readInput, type Draft, type PublishCaller, type PublishInput } from './input.ts';
import { answerInTime, GivenUp, sendAll, type Wait } from './patience.ts';
import { countRepeats, hasRepeats, isUnprepared, makePlan, TAKEN_OVER, TOO_LATE } from './plan.ts';
import type { PublishAnswer, PublishOutcome, Published, PublishPlan, PublishRequest } from './plan.ts';
import { createPreparers } from './prepare.ts';
import { sendTestEvent, type TestEventInput } from './test-event.ts';
import { createFairPriority, reviewFairPriority } from './fair-priority.ts';
import { CONFIRM, publicationStatements } from './write.ts';
import type { Handing } from '../fresh-deliveries.ts';
import type { PublisherOptions, Written } from './options.ts';

export type { PublishCaller, PublishInput } from './input.ts';
export type { Published } from './plan.ts';

export type PublishedMany = Omit<Published, 'eventId'> & { readonly eventIds: readonly string[] };

export type Publisher = {
  /** Publishes one event. Error fields are relative to ["input"]. */
  publish(caller: PublishCaller, input: PublishInput, effect?: Effect): Promise<Result<Published>>;
  /** Publishes 1 to 1000 events, all or nothing. Error fields look like ["input", "events", "3", "eventType"]. */
  publishMany(caller: PublishCaller, inputs: readonly PublishInput[], effect?: Effect): Promise<Result<PublishedMany>>;
  /** Publishes a test event to one target, whatever it is subscribed to. */
  sendTest(caller: Principal, input: TestEventInput, effect?: Effect): Promise<Result<{ deliveryId: string }>>;
  /** Resolves when every publish under way is answered. */
  idle(): Promise<void>;
};

const MAX_EVENTS = 1_000;
/** How many characters of data are read in one turn of the event loop. */
const CHARACTERS_PER_TURN = 128 * 1024;
/** The most events of one transaction: more would hold the commit horizon, and everybody's live stream, longer. */
const BATCH_EVENTS = 200;
const UNIQUE_VIOLATION = '23505';
const MAX_RACES = 5;
const PATIENCE_MS = 10_000;
/** How long publishes of several organizations wait for the lock of one of them. Then those of the others go on without it. */
const LOCK_WAIT_MS = 250;
/** How long publishes of a busy organization wait, which share no transaction with others: longer than a moment's crowd. */
const BUSY_WAIT_MS = 3_000;

export function createPublisher(options: PublisherOptions): Publisher {
  const {
    database,
    queue,
    bodies,
    maxAttempts,
    handOver,
    schemas = createSchemaChecks(),
    filters = createFilters(database.pool, options.clock),
    serviceEvents = false,
    patienceMs = PATIENCE_MS,
    isLoud = () => false,
    pause = () => undefined,
    gather,
    tracing,
  } = options;
  const reserved = reservedTypes(serviceEvents);
  const prepare = createPreparers(database.pool, schemas);
  const fairPriority = createFairPriority();
  const busy = createBusyChains(database.pool);
  const createRequests = (isOrdered: boolean) =>
    createBatch<PublishRequest, PublishAnswer>({
      parallel: 2,
      maxWeight: BATCH_EVENTS,
      weigh: ({ drafts }) => drafts.length,
      gather,
      isHeldBack: ({ drafts }) => drafts.some(({ organizationId: id }) => isLoud(id) || (isOrdered && busy.has(id))),
      run: (requests) => commitBatch(requests, isOrdered),
    });
  const batch = createRequests(false);
  /** Requests with ordered events. Their transactions wait for locks, and others must not wait with them (busy-chains.ts). */
  const orderedBatch = createRequests(true);

  let callers = 0;
  const idleWaiters: (() => void)[] = [];

  async function inTime<T>(publish: Parameters<typeof answerInTime<T>>[1]): Promise<T> {
    callers++;
    try {
      return await answerInTime(patienceMs, publish);
    } finally {
      if (--callers === 0) for (const wake of idleWaiters.splice(0)) wake();
    }
  }

  /**
   * Commits the requests in one transaction, or in several when they have many deliveries. Callers are answered as soon
   * as their transaction is committed: if they waited for a later one that fails or hangs, they would publish again.
   */
  async function commitBatch(requests: PublishRequest[], isOrdered: boolean, races = 0): Promise<PublishAnswer[]> {
    const drafts = requests.flatMap((request) => request.drafts);
    const organizationIds = drafts.map(({ organizationId }) => organizationId);
    // Where one of the organizations need not leave room to others, it waits for nobody.
    const mayPause = organizationIds.every(isLoud);
    const turn = (): Promise<void> => (mayPause ? pause(organizationIds[0]!) : undefined) ?? nextTurn();
    const isBusy = isOrdered && organizationIds.some(busy.has);
    const [facts] = await Promise.all([
      readFanOutFacts(database, drafts, {
        now: options.clock.now(),
        // Nothing is handed over of those that have to leave room to others.
        hasAddresses: handOver !== undefined && !mayPause,
        keyHash: options.keyHash,
        turn,
      }),
      reviewFairPriority(database, fairPriority, organizationIds, options.clock.now()),
    ]);
    const answers: PublishAnswer[] = [];
    while (answers.length < requests.length) {
      const rest = requests.slice(answers.length);
      // What waited for a lock is older than what the worker knows of its targets, so it is left to the queue.
      using handing = isOrdered ? undefined : handOver?.begin(facts.readAt);
      const plan = await makePlan(rest, { facts, filters, fairPriority, handing, isOrdered, turn }, options);
      const publications = await countRepeats(database.pool, plan.answers);
      if (plan.events.length > 0 || hasRepeats(plan.answers)) {
        const memories = publications.flatMap((answer, index) =>
          answer.ok ? (rest[index]!.memoryOf?.(answer.value) ?? []) : [],
        );
        const more = memories.length > 0 ? [remembering(memories)] : [];
        const writing = {
          maxAttempts,
          queue,
          before: orderStatements(plan, isBusy ? BUSY_WAIT_MS : LOCK_WAIT_MS),
          more,
          turn,
        };
        const statements = plan.events.length > 0 ? await publicationStatements(plan, writing) : [CONFIRM, ...more];
        const waits = publications.flatMap(({ ok }, index) => (ok ? rest[index]!.wait : []));
        let queuedInChains: number;
        try {
          const committed = database.transact(statements, { beforeSend: () => sendAll(waits) });
          if (handing) signMeanwhile(handing, plan);
          queuedInChains = queuedBy(await committed);
        } catch (error) {
          if (error instanceof OutcomeUnknown) {
            await untilEnded(waits, error);
            handing?.giveBack();
          }
          for (const wait of waits) wait.isSent = false;
          // The callers of this transaction have their answers, and the next plan leaves them out.
          if (error instanceof GivenUp || error instanceof OutcomeUnknown) continue;
          if (isOrdered && sqlState(error) === LOCK_NOT_AVAILABLE) {
            await busy.look(plan);
            return [...answers, ...rest.map(() => ({ ok: false, missing: IS_ORDERED }) as const)];
          }
          if (isLeaseLost(error)) return [...answers, ...(await commitEach(rest, isOrdered))];
          // One of these idempotency keys has just been used: its event is among the facts now.
          // Or one of the targets was changed meanwhile: it is read again.
          const isRace = sqlState(error) === UNIQUE_VIOLATION || sqlState(error) === DIVISION_BY_ZERO;
          if (!isRace || races === MAX_RACES) throw error;
          return [...answers, ...(await commitBatch(rest, isOrdered, races + 1))];
        }
        if (isOrdered) busy.letGo(plan);
        for (const { id, body } of plan.events) bodies.set(id, body);
        handing?.send();
        if (plan.events.length > 0) options.onCommit(writtenBy(plan, queuedInChains));
      }
      publications.forEach((answer, index) => !isUnprepared(answer) && rest[index]!.wait.answer(answer));
      answers.push(...publications);
    }
    return answers;
  }

  /** Answers the callers now. The batch goes on waiting, because every further transaction would hang beside this one. */
  async function untilEnded(waits: readonly Wait[], error: OutcomeUnknown): Promise<void> {
    for (const wait of waits) wait.refuse(error);
    await error.ended;
  }

  /** Commits the requests one by one, because one of them was taken over, which is rare: only that one is refused. */
  async function commitEach(requests: PublishRequest[], isOrdered: boolean): Promise<PublishAnswer[]> {
    if (requests.length === 1) {
      requests[0]!.wait.answer(TAKEN_OVER);
      return [TAKEN_OVER];
    }
    const answers: PublishAnswer[] = [];
    for (const request of requests) answers.push(...(await commitBatch([request], isOrdered)));
    return answers;
  }

  async function publishDrafts(
    caller: PublishCaller,
    inputs: readonly PublishInput[],
    inBatch: boolean,
    memoryOf: PublishRequest['memoryOf'],
  ) {
    const read: Result<Draft>[] = [];
    let unpausedCharacters = 0;
    for (const [index, input] of inputs.entries()) {
      if (unpausedCharacters > CHARACTERS_PER_TURN) unpausedCharacters = await nextTurn(0);
      const result = readInput(caller, input, { path: inBatch ? ['events', index] : [], reserved });
      read.push(result);
      unpausedCharacters += result.ok ? result.value.dataText.length : CHARACTERS_PER_TURN / 10;
    }
    const userErrors = read.flatMap((result) => (result.ok ? [] : result.userErrors));
    if (userErrors.length > 0) return fail(...userErrors);
    const drafts = read.map((result) => (result as { value: Draft }).value);
    const traceparent = tracing?.current() ?? null;
    const answer = await inTime<PublishOutcome>(async (wait, onGivenUp) => {
      const request = { drafts, findings: createFindings(), memoryOf, traceparent, wait };
      onGivenUp(() => batch.withdraw(request) || orderedBatch.withdraw(request));
      const preparer = prepare(caller);
      const preparing = preparer.begin(request);
      if (preparing) await preparing; // Without a wait, calls of one turn of the event loop share a transaction.
      let isOrdered = false;
      while (!wait.isOver) {
        const planned: PublishAnswer = await (isOrdered ? orderedBatch : batch).add(request);
        if (!isUnprepared(planned)) return planned;
        isOrdered ||= planned.missing.isOrdered;
        await preparer.complete(request, planned.missing);
      }
      return TOO_LATE;
    });
    if (answer === TAKEN_OVER) throw leaseLost();
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
    sendTest: (caller, input, effect) => inTime((wait) => sendTestEvent(options, caller, input, wait, effect)),
    idle: () => (callers === 0 ? Promise.resolve() : new Promise((done) => idleWaiters.push(done))),
  };
}

/** The statements that go before all others where events are published in order. */
function orderStatements({ deliveries, confirmed }: PublishPlan, waitMs: number): Statement[] {
  const locks = deliveries.flatMap(({ chain }) => chain?.lock ?? []);
  return locks.length === 0 ? [] : [limitingWaits(waitMs), locking(locks), confirmingTargets([...confirmed])];
}

/** In another turn of the event loop: the statements leave in this one. */
function signMeanwhile(handing: Handing, { events }: PublishPlan): void {
  const bodyOf = new Map(events.map(({ id, body }) => [id, body]));
  setImmediate(() => handing.prepare((eventId) => bodyOf.get(eventId)!));
}

/** `queuedInChains`: of a delivery in a chain, only its transaction knows whether it waits. */
const writtenBy = ({ events, deliveries }: PublishPlan, queuedInChains: number): Written => ({
  events: events.length,
  deliveries: deliveries.length,
  queued:
    queuedInChains +
    deliveries.filter(({ jobId, isTaken, chain }) => chain === null && jobId !== null && !isTaken).length,
  filtered: events.reduce((sum, { filteredCount }) => sum + (filteredCount ?? 0), 0),
});

/** Adds up the results. Two events with one idempotency key are one event, so it counts once. */
function together(published: readonly Published[]): PublishedMany {
  const events = [...new Map(published.map((each) => [each.eventId, each])).values()];
  return {
    eventIds: published.map(({ eventId }) => eventId),
    deliveryCount: events.reduce((sum, { deliveryCount }) => sum + deliveryCount, 0),
    filteredCount: events.reduce((sum, { filteredCount }) => sum + filteredCount, 0),
  };
}

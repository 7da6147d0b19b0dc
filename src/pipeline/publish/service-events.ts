/**
 * Publishes events of the service itself: events like any other, with deliveries, jobs and changes. They are written in the
 * transaction of the change that they tell of, behind a savepoint. When writing them fails, only that is rolled back.
 */
import type pg from 'pg';
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/client.ts';
import type { Queue } from '../../database/queue.ts';
import type { Sql } from '../../database/statement.ts';
import type { TellingTransaction } from '../../database/telling.ts';
import type { Statements } from '../../database/transaction.ts';
import type { IdGenerator } from '../../domain/ksuid.ts';
import { mayBeCopy } from '../../domain/event-types/service-event-types.ts';
import type { ServiceEvent } from '../../domain/service-event.ts';
import { createFairPriority } from './fair-priority.ts';
import { readNamingTargets, readSubscribedTargets, type SubscribedTarget } from './subscribed-targets.ts';
import type { Filters } from './filters.ts';
import type { Written } from './options.ts';
import { createRoom, planServiceEvents, type Room, type ServiceEventPlan } from './plan-service-events.ts';
import { publicationStatements } from './write.ts';

type Options = {
  readonly database: Pick<Database, 'transaction'>;
  readonly queue: Pick<Queue, 'insertion' | 'insertionClaimed' | 'insertingFrom'>;
  readonly clock: Clock;
  readonly ids: IdGenerator;
  readonly filters: Filters;
  readonly maxAttempts: number;
  /** Called after each commit that has published something. */
  readonly onCommit: (written: Written) => void;
  /** Hears why events were not published. */
  readonly onError: (error: unknown, eventTypes: readonly string[]) => void;
};

export function createTellingTransaction(options: Options): TellingTransaction {
  const { database, queue, maxAttempts, onCommit, onError } = options;
  const fairPriority = createFairPriority();
  let firstOrganizationId: string | undefined;

  async function publish(tx: Sql, events: readonly ServiceEvent[], room: Room): Promise<ServiceEventPlan> {
    firstOrganizationId ??= await findFirst(tx);
    const types = [...new Set(events.map(({ type }) => type))];
    const unknown = await findUnknown(tx, types);
    if (unknown.length > 0) {
      onError(new Error(`expected the event types ${unknown.join(', ')} in the catalog, got none`), unknown);
    }
    const known = events.filter(({ type }) => !unknown.includes(type));
    const targets = await readTargets(tx, known, firstOrganizationId);
    const fanOut = { targets, firstOrganizationId, room };
    const plan = await planServiceEvents(tx, known, fanOut, { ...options, fairPriority });
    if (plan.events.length > 0) await run(tx, await publicationStatements(plan, { maxAttempts, queue }));
    return plan;
  }

  return async (work, { repeatsAfter = () => false } = {}) => {
    const plans: ServiceEventPlan[] = [];
    const room = createRoom();
    const value = await database.transaction((tx) =>
      work(tx, async (events) => {
        if (events.length === 0) return;
        const plan = await untilSavepoint(tx, () => publish(tx, events, room)).catch((error: unknown) => {
          if (!(error instanceof Unpublished)) throw error;
          if (repeatsAfter(error.cause)) throw error.cause;
          const types = events.map(({ type }) => type);
          onError(error.cause, types);
        });
        if (plan) plans.push(plan);
      }),
    );
    for (const { events, deliveries } of plans) {
      const queued = deliveries.filter(({ jobId }) => jobId !== null).length;
      const filtered = events.reduce((sum, { filteredCount }) => sum + (filteredCount ?? 0), 0);
      onCommit({ events: events.length, deliveries: deliveries.length, queued, filtered });
    }
    return value;
  };
}

/** Who may receive the events. An organization whose events must all be named is asked only for targets that name them. */
async function readTargets(
  tx: Sql,
  events: readonly ServiceEvent[],
  firstOrganizationId: string | undefined,
): Promise<SubscribedTarget[]> {
  const forEverybody = events.filter(({ type }) => mayBeCopy(type));
  const all = new Set(forEverybody.map(({ organizationId }) => organizationId));
  const naming = new Set(events.map(({ organizationId }) => organizationId));
  if (firstOrganizationId !== undefined && events.length > 0) naming.add(firstOrganizationId);
  const types = [...new Set(events.map(({ type }) => type))];
  return [
    ...(await readSubscribedTargets(tx, [...all], types)),
    ...(await readNamingTargets(tx, [...naming.difference(all)], types)),
  ];
}

/** What was written after the savepoint is undone; the transaction goes on. */
class Unpublished extends Error {
  override readonly name = 'Unpublished';
}

async function untilSavepoint<T>(tx: pg.PoolClient, work: () => Promise<T>): Promise<T> {
  await tx.query('savepoint service_events');
  try {
    const value = await work();
    await tx.query('release savepoint service_events');
    return value;
  } catch (cause) {
    await tx.query('rollback to savepoint service_events'); // Throws where the connection is gone, and the transaction with it.
    throw new Unpublished('The events were not published', { cause });
  }
}

async function run(tx: Sql, statements: Statements): Promise<void> {
  const pieces = Symbol.asyncIterator in statements ? statements : [statements];
  for await (const piece of pieces) await Promise.all(piece.map((statement) => tx.query(statement)));
}

async function findFirst(tx: Sql): Promise<string | undefined> {
  const { rows } = await tx.query<{ value: string }>(`select value from settings where name = 'first_organization'`);
  return rows[0]?.value;
}

/** The event of a type that is in no catalog could not be shown. */
async function findUnknown(tx: Sql, types: readonly string[]): Promise<string[]> {
  const { rows } = await tx.query<{ name: string }>('select name from event_types where name = any($1)', [types]);
  const known = new Set(rows.map(({ name }) => name));
  return types.filter((name) => !known.has(name));
}

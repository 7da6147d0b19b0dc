/** The parts of the product that read or write many rows, on a populated database, with every statement explained. */
import { randomBytes } from 'node:crypto';
import { execute, parse } from 'graphql';
import type { Caller } from '../../src/access/caller.ts';
import { systemClock, type Clock } from '../../src/clock.ts';
import type { Database } from '../../src/database/client.ts';
import { dueRange } from '../../src/database/priority.ts';
import { createQueue } from '../../src/database/queue.ts';
import { createIdGenerator } from '../../src/domain/ksuid.ts';
import { createSeal } from '../../src/domain/seal/seal.ts';
import { API_SCOPES } from '../../src/domain/api-keys/scope.ts';
import { DELIVERY_CHANGES } from '../../src/live/changes/delivery-changes.ts';
import { createFeed } from '../../src/live/feed.ts';
import { createHistory } from '../../src/live/history.ts';
import { createCursorSince } from '../../src/live/cursors/since.ts';
import { EVENT_CHANGES } from '../../src/live/changes/event-changes.ts';
import { TARGET_CHANGES } from '../../src/live/changes/target-changes.ts';
import { cancelOfTarget } from '../../src/manage/cancel.ts';
import { createBodies } from '../../src/pipeline/bodies.ts';
import { createLoans } from '../../src/pipeline/deliver/loans.ts';
import { createDestinations } from '../../src/pipeline/deliver/sealed/destinations.ts';
import { createIdentities } from '../../src/pipeline/deliver/sealed/identities.ts';
import { createOwnHeaders } from '../../src/pipeline/deliver/sealed/own-headers.ts';
import { createDestinationRecorder } from '../../src/pipeline/deliver/settle/record-destinations.ts';
import { createSecrets } from '../../src/pipeline/deliver/sealed/secrets.ts';
import { createClaimer, type Claim } from '../../src/pipeline/deliver/claim.ts';
import { createHolder } from '../../src/pipeline/dispatch/hold.ts';
import { judge } from '../../src/pipeline/deliver/judge.ts';
import { createAdopter } from '../../src/pipeline/upkeep/adopt-events.ts';
import { createPendingFloor } from '../../src/pipeline/upkeep/pending-floor.ts';
import { createPublisher } from '../../src/pipeline/publish/publish.ts';
import { createRollUp } from '../../src/pipeline/upkeep/statistics/roll-up.ts';
import { createRetention } from '../../src/pipeline/upkeep/retain.ts';
import { createSettler } from '../../src/pipeline/deliver/settle/settle.ts';
import { buildSchema, createContext, type Services } from '../../src/schema/index.ts';
import type { Plan } from './explain.ts';
import { observe } from './observe.ts';
import { EVENT_TYPES, type Organization, type Population } from './population.ts';
import { KEY_HASH } from '../support/master-key.ts';
import { STAMP } from '../support/pipeline.ts';

export type World = ReturnType<typeof createWorld>;

const schema = buildSchema();
const policy = { scheduleMs: [300_000, 600_000] };
/** In cursors only; no plan depends on it. */
const EPOCH = 'AAAABBBBcccc';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const fail = (error: unknown) => {
  throw error;
};

export function createWorld(plain: Database, population: Population) {
  let plans: Plan[] = [];
  const database = observe(plain, (plan) => plans.push(plan));
  const clock = systemClock;
  const parts = createParts(database, plain, clock);
  // It reads what a hand-over needs, and hands nothing over.
  const handOver = { begin: () => undefined };
  const watched = createPublisher({
    keyHash: KEY_HASH,
    ...parts,
    clock,
    maxAttempts: 10,
    handOver,
    onCommit: () => {},
  });
  const unwatched = createPublisher({
    keyHash: KEY_HASH,
    ...createParts(plain, plain, clock),
    clock,
    maxAttempts: 10,
    onCommit: () => {},
  });
  const [large, small] = [population.organizations[0]!, population.organizations.at(-1)!];
  let keys = 0;

  const publication = ({ id }: Organization) =>
    [
      { organizationId: id, isPlatformAdmin: false },
      { eventType: EVENT_TYPES[0], data: { text: 'x' }, idempotencyKey: `key-${++keys}` },
    ] as const;

  return {
    ...parts,
    clock,
    large,
    small,
    heldTargetId: population.heldTargetId,
    plain,
    start: parts.queue.start,
    stop: parts.queue.stop,
    /** What the statements of `work` did. */
    async plansOf(work: () => Promise<unknown>): Promise<Plan[]> {
      plans = [];
      await work();
      return plans;
    },
    publish: () => watched.publish(...publication(small)),
    /** Unexplained. */
    publishMuch: async (events: number) => {
      for (let made = 0; made < events; made++) await unwatched.publish(...publication(small));
    },
    claim: async (limit: number): Promise<Claim[]> => {
      const { ready } = await parts.claimer.claim(limit, clock.now(), dueRange(clock.now()));
      return ready;
    },
    /** Every tenth fails. */
    settle: async (claims: readonly Claim[]) => {
      const verdicts = claims.map((claim, nth) => {
        const answer = { status: nth % 10 === 9 ? 500 : 204, headers: {}, body: '', bodyTruncated: false };
        const result = { kind: 'response', ...answer, startedAt: clock.now(), durationMs: 12, resent: false } as const;
        return judge({ claim, stamp: STAMP }, result, { policy, now: clock.now(), random: 0 });
      });
      await Promise.all(verdicts.map((verdict) => parts.settler.settle(verdict)));
    },
    cancelOfTarget: (id: string) => cancelOfTarget({ database, queue: parts.queue, clock, ring: () => {} }, { id }),
    /** Deletes the oldest of the population. */
    retain: () =>
      createRetention({
        database,
        retentionDays: 29,
        auditRetentionDays: 400,
        onWaiting: () => fail(new Error('The changes are not counted')),
        onUncounted: () => fail(new Error('The changes are not counted')),
        onError: fail,
        clock: laterBy(2 * HOUR_MS),
      }).run(),
    rollUp: createRollUp({ database, clock: laterBy(0), onError: fail }),
    /** For example 150004 for PostgreSQL 15.4. */
    async serverVersion(): Promise<number> {
      const asked = `select current_setting('server_version_num')::int as version`;
      return (await database.pool.query<{ version: number }>(asked)).rows[0]!.version;
    },
    /** Of the stream of events, so many days ago. */
    cursorOfEvents: (days: number) => {
      const options = { table: EVENT_CHANGES, clock, epoch: EPOCH, masterKeys: [randomBytes(32)] };
      const cursorSince = createCursorSince({ ...options, keptFrom: () => new Date(0) });
      return cursorSince(database.pool, small.id, new Date(clock.now().getTime() - days * DAY_MS));
    },
    /** As if the release before had run until two days ago. */
    async adoptEvents() {
      const since = new Date(clock.now().getTime() - 2 * DAY_MS).toISOString();
      await plain.pool.query(`insert into settings (name, value) values ('event_stream_since', $1)`, [since]);
      return createAdopter({ database, clock, onAdopted: () => {}, onError: fail }).run();
    },
    raisePendingFloor: (isWatched = true) =>
      createPendingFloor({ database: isWatched ? database : plain, clock: laterBy(HOUR_MS), onError: fail }).run(),
    query: (document: string, organization = large) => query(database, document, organization),
    /** Unexplained. */
    read: (document: string, organization = large) => query(plain, document, organization),
  };
}

/** pg-boss makes its tables at its first start. */
export async function setUpQueue(database: Database): Promise<void> {
  const queue = createQueue({ database, supervise: false, attemptTimeoutMs: 20_000, onError: fail });
  await queue.start();
  await queue.stop();
}

function createParts(database: Database, plain: Database, clock: Clock) {
  // What pg-boss does of its own accord is not looked at: its statements have no name.
  const transact: Database['transact'] = (statements, options) =>
    (Array.isArray(statements) && statements.some(({ name }) => name === '') ? plain : database).transact(
      statements,
      options,
    );
  const watched = { pool: plain.pool, heartbeat: plain.heartbeat, transact, connector: database.connector };
  const queue = createQueue({ database: watched, supervise: false, attemptTimeoutMs: 20_000, onError: fail });
  const ids = createIdGenerator({ nowMs: () => clock.now().getTime(), randomBytes });
  const seal = createSeal(randomBytes(32), randomBytes);
  const ownHeaders = createOwnHeaders(seal, 'Dakota');
  const identities = createIdentities({ sql: database.pool, seal, onReplaced: () => {} });
  return {
    database,
    queue,
    ids,
    bodies: createBodies(),
    // It remembers no body, so that it reads them all.
    claimer: createClaimer({
      database,
      queue,
      bodies: createBodies(1),
      loans: createLoans(Infinity),
      secrets: createSecrets(database.pool, seal, createDestinations(database.pool, ownHeaders, identities)),
      onError: fail,
    }),
    holder: createHolder({ database, queue, clock, timeoutMs: 20_000 }),
    history: createHistory(database, DELIVERY_CHANGES, EPOCH),
    targetHistory: createHistory(database, TARGET_CHANGES, EPOCH),
    eventHistory: createHistory(database, EVENT_CHANGES, EPOCH),
    settler: createSettler({
      database,
      queue,
      clock,
      ids,
      policy,
      disable: { afterMs: 5 * DAY_MS, afterFailures: 20 },
      destinations: createDestinationRecorder({ seal, brand: 'Dakota' }),
      onCommit: () => {},
      onDisabled: () => {},
      onDeferred: () => {},
      takesReleased: () => false,
      onReleased: () => {},
      onError: fail,
      backOff: () => Promise.reject(),
    }),
  };
}

/** A time that stands still, so that nothing rests. */
function laterBy(ms: number): Clock {
  const now = new Date(systemClock.now().getTime() + ms);
  return { ...systemClock, now: () => now, monotonicMs: () => 0 };
}

/** It reads nothing by itself: lists ask it for cursors. */
const idleFeed = (database: Database): Services['feed'] =>
  createFeed({
    table: DELIVERY_CHANGES,
    database,
    doorbell: { on: () => () => {} },
    clock: systemClock,
    epoch: EPOCH,
    masterKeys: [randomBytes(32)],
    onError: fail,
  });

async function query(database: Database, document: string, { id }: Organization): Promise<unknown> {
  const services: Partial<Services> = { readings: database.readings, clock: systemClock, feed: idleFeed(database) };
  const caller: Caller = {
    apiKeyId: id,
    apiKeyPrefix: 'hk_test',
    organizationId: id,
    scopes: new Set(API_SCOPES),
    isPlatformAdmin: false,
    rateLimitPerMinute: null,
    organizationRateLimitPerMinute: null,
    publicKey: null,
    expiresAt: null,
  };
  const contextValue = createContext(services as Services, caller, '');
  const { data, errors } = await execute({ schema, document: parse(document), contextValue });
  contextValue.reads.end();
  if (errors) throw errors[0];
  return data;
}

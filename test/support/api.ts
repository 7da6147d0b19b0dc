/**
 * The GraphQL API without a server: operations run straight on the schema, with everything behind it real, on a
 * database of its own. Time stands still until a test moves it.
 */
import { randomBytes } from 'node:crypto';
import { execute, GraphQLError, parse, validate } from 'graphql';
import type { DocumentNode, ExecutionResult } from 'graphql';
import type pg from 'pg';
import type { Caller } from '../../src/access/caller.ts';
import { createQueue } from '../../src/database/queue.ts';
import type { AttemptOutcome, AttemptTrigger } from '../../src/domain/delivery.ts';
import { createSeal } from '../../src/domain/seal/seal.ts';
import { API_SCOPES, type ApiScope } from '../../src/domain/api-keys/scope.ts';
import { RequestError } from '../../src/errors.ts';
import {
  DELIVERY_CHANGES,
  recordDeliveryChanges,
  type DeliveryChange,
} from '../../src/live/changes/delivery-changes.ts';
import { loadEpoch } from '../../src/live/cursors/epoch.ts';
import { createFeed } from '../../src/live/feed.ts';
import { createEventSelection } from '../../src/live/selection/selected-stream.ts';
import { createCursorSince } from '../../src/live/cursors/since.ts';
import { EVENT_CHANGES } from '../../src/live/changes/event-changes.ts';
import { REPLAY_CHANGES } from '../../src/live/changes/replay-changes.ts';
import { TARGET_CHANGES } from '../../src/live/changes/target-changes.ts';
import { createApiKeys } from '../../src/manage/api-keys.ts';
import { createDeliveries } from '../../src/manage/deliveries.ts';
import { createPortalSessions } from '../../src/manage/portal-sessions.ts';
import { createErasures } from '../../src/manage/erasures.ts';
import { createEventTypes } from '../../src/manage/event-types.ts';
import { createOrganizations } from '../../src/manage/organizations.ts';
import { createPublicKeys } from '../../src/manage/public-keys.ts';
import { createReplays } from '../../src/manage/replays.ts';
import { createTargets } from '../../src/manage/targets.ts';
import { createBodies } from '../../src/pipeline/bodies.ts';
import { createPublisher } from '../../src/pipeline/publish/publish.ts';
import { createReplayCount } from '../../src/pipeline/replay/count-replay.ts';
import { buildSchema, createContext, type Services } from '../../src/schema/index.ts';
import { OpenStream } from '../../src/server/streams/open-stream.ts';
import { startRecord } from '../../src/server/request-record.ts';
import { createSubscribe } from '../../src/server/streams/subscribe.ts';
import type { TypedDocumentString } from '../generated/graphql.ts';
import { createManualClock } from './clock.ts';
import { ALONE } from './fair-share.ts';
import { MASTER_KEYS } from './cursors.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { createFixtures } from './fixtures.ts';
import { KEY_HASH } from './master-key.ts';

/** A document of test/generated with its types, or any text: then a test says what it expects by comparing. */
export type Document<Data = any, Variables = any> = TypedDocumentString<Data, Variables> | string;

export type ApiError = {
  readonly message: string;
  readonly code: string | undefined;
  readonly path: readonly (string | number)[] | undefined;
  readonly extensions: Readonly<Record<string, unknown>>;
};

export type ApiResult<Data = any> = { readonly data: Data | null | undefined; readonly errors: readonly ApiError[] };

/** A subscription under way. */
export type ApiStream<Data> = AsyncDisposable & { next(): Promise<ApiResult<Data> | undefined> };

export type Api = Awaited<ReturnType<typeof createApi>>;

const schema = buildSchema();
const fail = (error: unknown) => {
  throw error;
};

/** A RequestError as the server shows it; other errors have the code they came with, or none. */
export function toApiError({ message, path, originalError, extensions }: GraphQLError): ApiError {
  const shown =
    originalError instanceof RequestError ? { ...originalError.details, code: originalError.code } : extensions;
  return { message, path, code: shown['code'] as string | undefined, extensions: shown };
}

const toApiResult = ({ data, errors }: ExecutionResult): ApiResult<any> => ({
  data,
  errors: (errors ?? []).map(toApiError),
});

/** From when on the stream of events has all events. */
const EVENTS_KEPT_FROM = new Date('2026-01-01T00:00:00.000Z');

export async function createApi({ readTimeoutMs }: { readonly readTimeoutMs?: number } = {}) {
  const database = await createTestDatabase({ readTimeoutMs });
  const clock = createManualClock();
  const statements = recordStatements(database);
  const queue = createQueue({ database, supervise: false, attemptTimeoutMs: 20_000, onError: fail, clock: clock.boss });
  await queue.start();
  const fixtures = createFixtures({ database, clock });
  const { ids } = fixtures;
  const bell = createBell();
  const watched = {
    database,
    doorbell: bell,
    clock,
    epoch: await loadEpoch(database, clock),
    masterKeys: MASTER_KEYS,
    onError: fail,
  };
  const feed = createFeed({ table: DELIVERY_CHANGES, ...watched });
  const targetFeed = createFeed({ table: TARGET_CHANGES, ...watched });
  const eventFeed = createFeed({ table: EVENT_CHANGES, ...watched });
  const replayFeed = createFeed({ table: REPLAY_CHANGES, ...watched });
  for (const each of [feed, targetFeed, eventFeed, replayFeed]) await each.start();

  const seal = createSeal(randomBytes(32), clock.randomBytes);
  const urlPolicy = { allowLoopback: false, allowHttp: false, allowedNetworks: [] };
  const services: Services = {
    readings: database.readings,
    clock,
    keptFrom: (now) => new Date(now.getTime() - 30 * 86_400_000),
    feed,
    targetFeed,
    eventFeed,
    selectEvents: createEventSelection({ sql: database.pool, bodyAtHand: () => undefined, onError: fail }),
    replayFeed,
    eventCursorSince: createCursorSince({ ...watched, table: EVENT_CHANGES, keptFrom: () => EVENTS_KEPT_FROM }),
    publisher: createPublisher({
      keyHash: KEY_HASH,
      database,
      queue,
      clock,
      ids,
      bodies: createBodies(),
      maxAttempts: 10,
      onCommit: bell.ring,
    }),
    webhookBrand: 'Dakota',
    allowLoopback: false,
    serviceEvents: true,
    targets: createTargets({
      database,
      queue,
      clock,
      ids,
      seal,
      urlPolicy,
      brand: 'Dakota',
      maxTargets: 10_000,
      ring: bell.ring,
    }),
    eventTypes: createEventTypes({ database, clock, ids }),
    apiKeys: createApiKeys({ database, clock, ids, rateLimitPerMinute: 100, maxApiKeys: 1_000 }),
    portalSessions: createPortalSessions({ database, clock, ids, rateLimitPerMinute: 100 }),
    portalUrl: () => 'https://hooks.example.com/portal',
    organizations: createOrganizations({ database, clock, ids }),
    deliveries: createDeliveries({
      database,
      queue,
      clock,
      ids,
      maxAttempts: 10,
      retentionDays: 30,
      ring: bell.ring,
    }),
    replays: createReplays({
      database,
      clock,
      ids,
      retentionDays: 30,
      ring: bell.ring,
      count: createReplayCount({ reads: database.reads, clock, retentionDays: 30 }),
    }),
    erasures: createErasures({ database, clock, ids }),
    publicKeys: createPublicKeys({ reads: database.reads, clock }),
  };
  const subscribe = createSubscribe({ present: toGraphqlError, fairShare: ALONE, clock });
  const contextOf = (caller: Caller | null) => createContext(services, caller, clock.uuid());

  return {
    database,
    clock,
    fixtures,
    services,
    schema,
    statements,
    seal,

    /** A caller with a key of its own in the organization. */
    async caller(
      organizationId: string,
      scopes: readonly ApiScope[] = API_SCOPES.filter(isTenantScope),
    ): Promise<Caller> {
      const { id: apiKeyId } = await fixtures.apiKey({ organizationId, scopes });
      const isPlatformAdmin = scopes.includes('PLATFORM_ADMIN');
      const limits = {
        rateLimitPerMinute: null,
        organizationRateLimitPerMinute: null,
        publicKey: null,
        expiresAt: null,
      };
      const key = { apiKeyId, apiKeyPrefix: 'hk_test' };
      return { ...key, organizationId, scopes: new Set(scopes), isPlatformAdmin, ...limits };
    },

    async execute<Data, Variables>(
      document: Document<Data, Variables>,
      variables: Variables,
      caller: Caller | null,
    ): Promise<ApiResult<Data>> {
      const { parsed, mistakes } = documentOf(String(document));
      if (mistakes.length > 0) return toApiResult({ errors: mistakes });
      const variableValues = variables as Record<string, unknown>;
      const contextValue = contextOf(caller);
      const result = await execute({ schema, document: parsed, variableValues, contextValue });
      contextValue.reads.end();
      return toApiResult(result);
    },

    /** The stream, or the result that says why there is none. */
    async subscribe<Data, Variables>(document: Document<Data, Variables>, variables: Variables, caller: Caller | null) {
      const variableValues = variables as Record<string, unknown>;
      const record = { ...startRecord(clock, clock.uuid(), 'websocket'), caller };
      const contextValue = { ...contextOf(caller), record, params: {} };
      const args = { schema, document: documentOf(String(document)).parsed, variableValues, contextValue };
      const result = await subscribe(args, () => {});
      return result instanceof OpenStream
        ? { stream: toApiStream<Data>(result), errors: [] }
        : { stream: undefined, errors: toApiResult(result).errors };
    },

    /** Commits status changes and rings for them. */
    async recordChanges(...changes: readonly DeliveryChange[]) {
      await database.transaction((tx) => recordDeliveryChanges(tx, changes));
      bell.ring();
    },

    /** An attempt of a delivery, inserted as it is. */
    async attempt({ deliveryId, number, ...options }: AttemptFixture) {
      const row = {
        trigger: 'SCHEDULE',
        outcome: 'HTTP_ERROR',
        durationMs: 12,
        startedAt: clock.now(),
        ...options,
      } as const;
      await database.prisma().deliveryAttempt.create({ data: { deliveryId, number, ...row } });
    },

    async [Symbol.asyncDispose]() {
      for (const each of [feed, targetFeed, eventFeed, replayFeed]) await each.stop();
      await queue.stop();
      await database.close();
    },
  };
}

type AttemptFixture = {
  readonly deliveryId: string;
  readonly number: number;
  readonly trigger?: AttemptTrigger;
  readonly outcome?: AttemptOutcome;
  readonly responseStatus?: number;
  readonly responseHeaders?: string;
  readonly responseBody?: string;
  readonly error?: string;
  readonly resent?: boolean;
};

const isTenantScope = (scope: ApiScope): boolean => scope !== 'PLATFORM_ADMIN';

const toGraphqlError = (error: unknown): GraphQLError =>
  error instanceof GraphQLError ? error : new GraphQLError((error as Error).message, { originalError: error as Error });

const toApiStream = <Data>(source: OpenStream): ApiStream<Data> => ({
  next: async () => {
    const { done, value } = await source.next();
    return done ? undefined : toApiResult(value);
  },
  [Symbol.asyncDispose]: async () => void (await source.return()),
});

/** A doorbell that is heard in this process only. */
function createBell() {
  const listeners = new Set<() => void>();
  return {
    ring: () => listeners.forEach((listener) => listener()),
    on: (_channel: string, listener: () => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/**
 * The SQL that the API was given to run, in order: what the pool runs by itself, Prisma's too, and what readings read. What
 * begins and ends their transactions is left out.
 */
function recordStatements({ pool, reads }: TestDatabase): string[] {
  const statements: string[] = [];
  const record = (target: Pick<pg.Pool, 'query'>) => {
    const { query } = target;
    target.query = ((...args: unknown[]): unknown => {
      const [statement] = args as [string | { readonly text: string }];
      const text = typeof statement === 'string' ? statement : statement.text;
      if (!TRANSACTION.test(text)) statements.push(text);
      return (query as (...args: unknown[]) => unknown).apply(target, args);
    }) as typeof query;
  };
  record(pool);
  reads.on('connect', record);
  return statements;
}

const TRANSACTION = /^(begin|commit|rollback|set local)\b/;

type KnownDocument = { readonly parsed: DocumentNode; readonly mistakes: readonly GraphQLError[] };

/** As the server does it: the same text is the same document, and is validated once. */
const documents = new Map<string, KnownDocument>();
function documentOf(text: string): KnownDocument {
  const known = documents.get(text);
  if (known) return known;
  const parsed = parse(text);
  const document = { parsed, mistakes: validate(schema, parsed) };
  documents.set(text, document);
  return document;
}

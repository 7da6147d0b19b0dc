/** The server, and what its schema calls. A process that is only a worker has one too, for its probes. */
import { setTimeout as delay } from 'node:timers/promises';
import { createActIn } from '../access/act-in.ts';
import { createAuthenticator, type Authenticator } from '../access/authenticate.ts';
import { createRateLimit } from '../access/rate-limit.ts';
import { createSignatures } from '../access/signatures.ts';
import { createBacklogReader } from '../database/backlog.ts';
import { createIdempotency } from '../database/idempotency.ts';
import { createSchemaChecks } from '../domain/schemas/checks.ts';
import { createGather } from '../fairness/gather.ts';
import { DELIVERY_CHANGES } from '../live/changes/delivery-changes.ts';
import { loadEpoch } from '../live/cursors/epoch.ts';
import { createCursorSince } from '../live/cursors/since.ts';
import { EVENT_CHANGES, loadEventStreamStart } from '../live/changes/event-changes.ts';
import { createFeed } from '../live/feed.ts';
import { createEventSelection } from '../live/selection/selected-stream.ts';
import { REPLAY_CHANGES } from '../live/changes/replay-changes.ts';
import { TARGET_CHANGES } from '../live/changes/target-changes.ts';
import { loadUnsealedUntil } from '../live/cursors/unsealed.ts';
import { createApiKeys } from '../manage/api-keys.ts';
import { createDeliveries } from '../manage/deliveries.ts';
import { createErasures } from '../manage/erasures.ts';
import { createEventTypes } from '../manage/event-types.ts';
import { createOrganizations } from '../manage/organizations.ts';
import { createPortalSessions } from '../manage/portal-sessions.ts';
import { createPublicKeys } from '../manage/public-keys.ts';
import { createReplays } from '../manage/replays.ts';
import { createTargets } from '../manage/targets.ts';
import type { Dispatcher } from '../pipeline/dispatch/dispatcher.ts';
import { createPublisher, type Publisher } from '../pipeline/publish/publish.ts';
import { tracePublisher } from '../pipeline/publish/trace-publisher.ts';
import { createReplayCount } from '../pipeline/replay/count-replay.ts';
import { createContext, type Services } from '../schema/build/context.ts';
import { buildSchema } from '../schema/index.ts';
import { logFault } from '../log-event.ts';
import { PORTAL } from '../console/pages.ts';
import { createServer } from '../server/server.ts';
import { createCommitWatch, type CommitWatch } from './commit-watch.ts';
import type { Foundation } from './foundation.ts';
import { createReadiness } from './readiness.ts';

/** A worker signs with a new secret SECRETS_FRESH_MS (claim.ts) after it was stored. The rest is for requests on their way. */
const SECRET_SPREAD_MS = 2_000;
const DAY_MS = 86_400_000;
/** What a page of changes from the table takes of the event loop. Measured. */
const PAGE_MS = 5;

/** Where the server listens, and where /metrics and the probes do, if they have a port of their own. */
type Address = { readonly url: string; readonly adminUrl: string | undefined };

export async function startServer(
  foundation: Foundation,
  worker: Dispatcher | undefined,
  parts: AsyncDisposableStack,
): Promise<Address> {
  const { config, clock, logger, meters, database, ids, seal, keyHash } = foundation;
  const onError = (error: Error) => logFault(logger, { name: 'access.failed', err: error });
  const authenticator = createAuthenticator({ database, clock, onError });
  parts.defer(() => authenticator.close());
  const commits = createCommitWatch(clock);
  let origin = config.publicUrl;
  const portalUrl = () => (config.console && origin !== undefined ? `${origin}${PORTAL}` : null);
  const { services, publisher } = await createServices(foundation, {
    authenticator,
    commits,
    worker,
    portalUrl,
    parts,
  });
  const backlog = createBacklogReader({
    database,
    clock,
    streamedTo: () => services.feed.stats().position,
    onError: (error) => logFault(logger, { name: 'metrics.incomplete', err: error }),
  });
  meters.showBacklog(backlog);
  const feeds = [services.feed, services.targetFeed, services.eventFeed, services.replayFeed];
  meters.showSubscriberLag(() => feeds.flatMap((feed) => feed.stats().lagsMs));
  const server = createServer({
    schema: buildSchema(),
    authenticator,
    actIn: createActIn(database),
    fairShare: foundation.fairShare,
    deliveryStrain: () => foundation.lateDeliveries.strain,
    clock,
    logger,
    host: config.host,
    allowLoopbackPages: config.allowLoopback,
    suggestNames: config.suggestNames,
    port: config.port,
    adminPort: config.adminPort,
    rateLimit: createRateLimit({
      database,
      clock,
      organizationRateLimitPerMinute: config.organizationRateLimitPerMinute,
    }),
    signatures: createSignatures({ database, clock }),
    idempotency: createIdempotency({ database, clock, ids, seal, keyHash }),
    createContext: (...facts) => createContext(services, ...facts),
    missing: createReadiness({ database, commits, worker, clock }),
    registry: meters.registry,
    jwks: services.publicKeys.jwks,
    egressAddresses: config.egressAddresses,
    allowedOrigins: config.allowedOrigins,
    publicUrl: config.publicUrl,
    allowedHosts: config.allowedHosts,
    console: config.console
      ? { portalOrigins: config.portalOrigins, egressAddresses: config.egressAddresses }
      : undefined,
    keyLimits: { socketsPerOrganization: config.maxSockets, streamsPerOrganization: config.maxStreams },
    bodyBytes: config.bodyBytes,
    introspection: config.introspection,
    trustedProxies: config.trustedProxies,
    tracing: foundation.tracing,
  });
  const { url, admin } = await server.listen();
  origin ??= url;
  parts.defer(() => publisher.idle());
  parts.defer(() => server.close());
  return { url, adminUrl: admin?.url };
}

type ServiceParts = {
  readonly authenticator: Authenticator;
  readonly commits: CommitWatch;
  readonly worker: Dispatcher | undefined;
  readonly portalUrl: Services['portalUrl'];
  readonly parts: AsyncDisposableStack;
};
type ServerParts = { services: Services; publisher: Publisher };

async function createServices(
  foundation: Foundation,
  { authenticator, commits, worker, portalUrl, parts }: ServiceParts,
): Promise<ServerParts> {
  const {
    config,
    clock,
    logger,
    meters,
    database,
    queue,
    ids,
    seal,
    keyHash,
    masterKeys,
    doorbell,
    bodies,
    urlPolicy,
    fairShare,
    tellingTransaction,
    filters,
    tracing,
  } = foundation;
  const { rateLimitPerMinute, maxApiKeys, maxTargets, maxAttempts, retentionDays } = config;
  const ring = doorbell.ring;
  const unsealedUntil = await loadUnsealedUntil(database, clock); // Goes before the epoch, which it looks for.
  const watched = {
    database,
    doorbell,
    clock,
    masterKeys,
    unsealedUntil,
    epoch: await loadEpoch(database, clock),
    onError: (error: Error) => logFault(logger, { name: 'feed.failed', err: error }),
    turnOf: (organizationId: string) => {
      fairShare.note(organizationId, PAGE_MS);
      return fairShare.enter(organizationId);
    },
  };
  const feed = createFeed({ table: DELIVERY_CHANGES, ...watched });
  const targetFeed = createFeed({ table: TARGET_CHANGES, ...watched });
  const eventFeed = createFeed({ ...watched, table: EVENT_CHANGES, unsealedUntil: undefined });
  const replayFeed = createFeed({ ...watched, table: REPLAY_CHANGES, unsealedUntil: undefined });
  for (const each of [feed, targetFeed, eventFeed, replayFeed]) {
    await each.start();
    parts.defer(() => each.stop());
  }
  const began = (await loadEventStreamStart(database.pool)) ?? new Date(0);
  const eventsKeptFrom = () => new Date(Math.max(began.getTime(), clock.now().getTime() - retentionDays * DAY_MS));
  const schemas = createSchemaChecks();
  parts.defer(() => schemas.close());
  const untraced = createPublisher({
    tracing,
    queue,
    clock,
    ids,
    bodies,
    keyHash,
    maxAttempts,
    schemas,
    filters,
    serviceEvents: config.serviceEvents,
    handOver: worker?.handOver,
    isLoud: fairShare.isRestrained,
    pause: fairShare.pause,
    gather: createGather(foundation.lateDeliveries),
    database: { ...database, transact: meters.timed('publish', commits.watched(database.transact)) },
    onCommit: (written) => {
      meters.published(written);
      if (written.queued > 0) ring('jobs');
      ring('changes');
      ring('event_changes');
    },
  });
  const publisher = tracePublisher(untraced, tracing);
  const services: Services = {
    readings: database.readings,
    shareOf: (organizationId) => ({
      get isStrained() {
        return fairShare.isStrained;
      },
      pause: () => fairShare.pause(organizationId),
    }),
    clock,
    keptFrom: (now) => new Date(now.getTime() - retentionDays * DAY_MS),
    publisher,
    webhookBrand: config.webhookBrand,
    allowLoopback: config.allowLoopback,
    serviceEvents: config.serviceEvents,
    feed,
    targetFeed,
    eventFeed,
    selectEvents: createEventSelection({ sql: database.pool, bodyAtHand: bodies.get, onError: watched.onError }),
    replayFeed,
    eventCursorSince: createCursorSince({ ...watched, table: EVENT_CHANGES, keptFrom: eventsKeptFrom }),
    targets: createTargets({
      database,
      queue,
      clock,
      ids,
      seal,
      urlPolicy,
      brand: config.webhookBrand,
      maxTargets,
      ring,
      untilSigned: () => delay(SECRET_SPREAD_MS),
      tellingTransaction,
    }),
    eventTypes: createEventTypes({ database, clock, ids, schemas }),
    apiKeys: createApiKeys({
      database,
      clock,
      ids,
      rateLimitPerMinute,
      maxApiKeys,
      onRevoked: authenticator.forget,
      tellingTransaction,
    }),
    portalSessions: createPortalSessions({
      database,
      clock,
      ids,
      rateLimitPerMinute,
      onRevoked: authenticator.forget,
    }),
    portalUrl,
    organizations: createOrganizations({ database, clock, ids }),
    deliveries: createDeliveries({ database, queue, clock, ids, maxAttempts, retentionDays, ring }),
    replays: createReplays({
      database,
      clock,
      ids,
      retentionDays,
      ring,
      count: createReplayCount({ reads: database.reads, clock, retentionDays, serviceEvents: config.serviceEvents }),
    }),
    erasures: createErasures({ database, clock, ids }),
    publicKeys: createPublicKeys({ reads: database.reads, clock }),
  };
  return { services, publisher };
}

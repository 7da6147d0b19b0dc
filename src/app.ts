/** The only place where things are wired together. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino, type Logger } from 'pino';
import { createAuthenticator, type Authenticator } from './access/authenticate.ts';
import { systemClock, type Clock } from './clock.ts';
import type { Config } from './config.ts';
import { connectDatabase, type Database } from './database/client.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './database/embedded.ts';
import { migrate } from './database/migrate.ts';
import { createQueue, type Queue } from './database/queue.ts';
import { createIdGenerator, type IdGenerator } from './domain/ksuid.ts';
import { createSeal, type Seal } from './domain/seal.ts';
import { publicKeyForms } from './domain/signature.ts';
import type { UrlPolicy } from './domain/target-url.ts';
import { loadEpoch } from './live/cursor.ts';
import { createDoorbell, type Doorbell } from './live/doorbell.ts';
import { createFeed, type Feed } from './live/feed.ts';
import { createApiKeys } from './manage/api-keys.ts';
import { bootstrap } from './manage/bootstrap.ts';
import { createDeliveries } from './manage/deliveries.ts';
import { createEventTypes } from './manage/event-types.ts';
import { createOrganizations } from './manage/organizations.ts';
import { createTargets } from './manage/targets.ts';
import { createAttempt, describeAttempt } from './pipeline/attempt.ts';
import { createBodies, type Bodies } from './pipeline/bodies.ts';
import { createClaimer } from './pipeline/claim.ts';
import { createDispatcher, type Dispatcher } from './pipeline/dispatch.ts';
import { createHolder } from './pipeline/hold.ts';
import { createKeyring } from './pipeline/keyring.ts';
import { createLanes } from './pipeline/lanes.ts';
import { createPendingFloor } from './pipeline/pending-floor.ts';
import { createRetention } from './pipeline/retain.ts';
import { createPublisher, type Publisher } from './pipeline/publish.ts';
import { createSender } from './pipeline/send.ts';
import { createSettler } from './pipeline/settle.ts';
import { createSigner } from './pipeline/sign.ts';
import { mostOpen } from './pipeline/slots.ts';
import { createSweeper } from './pipeline/sweep.ts';
import { createContext, type Services } from './schema/context.ts';
import { buildSchema } from './schema/index.ts';
import { createServer } from './server/server.ts';

export type App = {
  /** Where the server listens. */
  readonly url: string;
  readonly logger: Logger;
  /** Finishes what is under way, then closes everything in order. Idempotent. */
  stop(): Promise<void>;
};

export type AppOptions = {
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** The bootstrap key, when this start stores one: nobody can read it again. */
  readonly onNewApiKey?: (apiKey: string) => void;
};

/** What every part is built from. */
type Foundation = {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly database: Database;
  readonly queue: Queue;
  readonly ids: IdGenerator;
  readonly seal: Seal;
  readonly doorbell: Doorbell;
  readonly bodies: Bodies;
  readonly urlPolicy: UrlPolicy;
};

/** A part that runs, and how it ends. */
type Part = { stop(): Promise<void> };

/** Postgres must answer this soon for /readyz to say so. */
const READY_MS = 2_000;
const LOG_BLOCK_BYTES = 8_192;
/** How late a line may be in the log, and what a kill -9 may cost of it. */
const LOG_DELAY_MS = 100;
const KEYRING_RELOAD_MS = 5_000;
/** SIGTERM drains within 25 s: an attempt may take its whole timeout, and is then settled. */
const SETTLE_GRACE_MS = 5_000;

export async function startApp(config: Config, options: AppOptions = {}): Promise<App> {
  const { clock = systemClock, logger } = options;
  const log = logger ?? createLogger(config);
  const parts: Part[] = [];
  const stop = async () => {
    // In reverse: what was started last depends on what was started first.
    for (let part = parts.pop(); part; part = parts.pop()) {
      await part.stop().catch((error: unknown) => log.error({ err: error }, 'stop.failed'));
    }
  };
  try {
    const foundation = await layFoundation(config, clock, log, parts);
    const { database, ids, seal } = foundation;
    const { bootstrapApiKey, eventCatalogs } = config;
    const { newApiKey } = await bootstrap({ database, clock, ids, seal, bootstrapApiKey, eventCatalogs });
    if (newApiKey !== null) options.onNewApiKey?.(newApiKey);
    await requireMasterKey(foundation);
    const worker = config.roles.has('worker') ? await startWorker(foundation, parts) : undefined;
    const url = await startServer(foundation, worker, parts);
    const roles = [...config.roles].join(',');
    log.info({ mode: config.mode, roles, url, brand: config.webhookBrand }, 'service.started');
    let stopping: Promise<void> | undefined;
    return { url, logger: log, stop: () => (stopping ??= stop()) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A line per event on standard output, written in blocks: a write per attempt costs as much as its signature. */
function createLogger({ logLevel }: Config): Logger {
  const output = pino.destination({ fd: 1, sync: false, minLength: LOG_BLOCK_BYTES });
  setInterval(() => output.flush(), LOG_DELAY_MS).unref();
  return pino({ level: logLevel }, output);
}

async function layFoundation(config: Config, clock: Clock, logger: Logger, parts: Part[]): Promise<Foundation> {
  const postgres = config.databaseUrl === undefined ? await startPostgres(config, clock) : undefined;
  if (postgres) parts.push({ stop: () => postgres.stop() });
  const databaseUrl = postgres?.databaseUrl ?? config.databaseUrl!;
  const migrations = await migrate(databaseUrl);
  if (migrations.length > 0) logger.info({ migrations }, 'database.migrated');

  const onError = (event: string) => (error: unknown) => logger.error({ err: error }, event);
  const database = connectDatabase({
    databaseUrl,
    connections: config.databaseConnections,
    onConnectionLost: (error) => logger.warn({ err: error }, 'database.connection-lost'),
  });
  parts.push({ stop: () => database.close() });

  const queue = createQueue({
    database,
    supervise: config.roles.has('worker'),
    attemptTimeoutMs: config.attemptTimeoutMs,
    onError: onError('queue.failed'),
  });
  await queue.start();
  parts.push({ stop: () => queue.stop() });

  const doorbell = createDoorbell({ databaseUrl, clock, onError: onError('doorbell.failed') });
  await doorbell.start();
  parts.push({ stop: () => doorbell.stop() });

  const masterKey = config.masterKey ?? (await localMasterKey(config, clock));
  const { allowHttpTargets: allowHttp, allowedNetworks } = config;
  return {
    ...{ config, clock, logger, database, queue, doorbell },
    ids: createIdGenerator({ nowMs: () => clock.now().getTime(), randomBytes: clock.randomBytes }),
    seal: createSeal(masterKey, clock.randomBytes),
    bodies: createBodies(),
    urlPolicy: { allowLoopback: config.mode === 'local', allowHttp, allowedNetworks },
  };
}

/** Every role opens a sealed value at start: a process with another key would seal what the others cannot open. */
async function requireMasterKey({ database, seal, clock }: Foundation): Promise<void> {
  await createKeyring({ database, seal, clock }).load();
}

async function startPostgres({ dataDir }: Config, clock: Clock): Promise<EmbeddedPostgres> {
  await mkdir(dataDir, { recursive: true });
  const newPassword = clock.randomBytes(24).toString('base64url');
  return startEmbeddedPostgres({ directory: join(dataDir, 'postgres'), newPassword });
}

/** Local mode makes its own master key, beside the database that it seals. */
async function localMasterKey({ mode, dataDir }: Config, clock: Clock): Promise<Buffer> {
  if (mode !== 'local') throw new Error('MASTER_KEY is required in production');
  const file = join(dataDir, 'master.key');
  const made = clock.randomBytes(32).toString('base64');
  await writeFile(file, made, { flag: 'wx', mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return Buffer.from(await readFile(file, 'utf8'), 'base64');
}

async function startWorker(foundation: Foundation, parts: Part[]): Promise<Dispatcher> {
  const { config, clock, logger, database, queue, seal, doorbell, bodies, urlPolicy: policy } = foundation;
  const onError = (error: unknown) => logger.error({ err: error }, 'worker.failed');
  const keyring = createKeyring({ database, seal, clock });
  await keyring.load();
  const reload = setInterval(() => keyring.load().catch(onError), KEYRING_RELOAD_MS);

  const { attemptTimeoutMs: timeoutMs, targetConcurrency, concurrency } = config;
  const retryPolicy = { scheduleMs: config.retryScheduleMs };
  const sender = createSender({ policy, timeoutMs, connectionsPerOrigin: mostOpen(concurrency), clock });
  const settler = createSettler({
    ...{ database, queue, clock, policy: retryPolicy, onError },
    onCommit: () => doorbell.ring('changes'),
    backOff: (failures) => delay(Math.min(100 * 2 ** failures, 2_000)),
  });
  const sign = createSigner(keyring, config.webhookBrand);
  const attempt = createAttempt({
    ...{ sign, sender, settler, clock, policy: retryPolicy },
    onAttempted: (verdict) => logger.info(describeAttempt(verdict), 'delivery.attempted'),
  });
  const holder = createHolder({ database, queue, clock });
  const lanes = createLanes(targetConcurrency);
  const claim = createClaimer({ database, queue, bodies, seal, onError });
  const dispatcher = createDispatcher({ queue, claim, attempt, holder, lanes, concurrency, clock, onError });
  const sweeper = createSweeper({ holder, lanes, onReleased: dispatcher.wake, onError });
  const stopListening = doorbell.on('jobs', dispatcher.wake);

  const { retentionDays } = config;
  const caretakers = [
    sweeper,
    createRetention({ database, clock, retentionDays, onError }),
    createPendingFloor({ database, clock, onError }),
  ];

  dispatcher.start();
  for (const caretaker of caretakers) caretaker.start();
  parts.push({
    async stop() {
      stopListening();
      clearInterval(reload);
      await Promise.all(caretakers.map((caretaker) => caretaker.stop()));
      // An attempt in flight may take its whole timeout; after that only Postgres can hold us up, and jobs survive us.
      await Promise.race([dispatcher.stop(), delay(timeoutMs + SETTLE_GRACE_MS, undefined, { ref: false })]);
      await sender.close();
    },
  });
  return dispatcher;
}

async function startServer(foundation: Foundation, worker: Dispatcher | undefined, parts: Part[]): Promise<string> {
  const { config, clock, logger, database } = foundation;
  const onError = (error: Error) => logger.error({ err: error }, 'access.failed');
  const authenticator = createAuthenticator({ database, clock, onError });
  parts.push({ stop: () => authenticator.close() });
  const { services, publisher, feed } = await createServices(foundation, authenticator, parts);
  const server = createServer({
    ...{ schema: buildSchema(), authenticator, clock, logger, mode: config.mode, host: config.host, port: config.port },
    createContext: (caller, requestId) => createContext(services, caller, requestId),
    ready: async () => {
      const answered = database.pool.query('select 1').then(() => true);
      const isAnswering = await Promise.race([answered, delay(READY_MS, false, { ref: false })]);
      return isAnswering && (worker?.healthy ?? true);
    },
    jwks: async () => ({ keys: await publicJwks(database, clock) }),
    allowedOrigins: config.allowedOrigins,
  });
  const { url } = await server.listen();
  parts.push({
    async stop() {
      await server.close();
      await publisher.idle();
      await feed.stop();
    },
  });
  return url;
}

type ServerParts = { services: Services; publisher: Publisher; feed: Feed };

async function createServices(
  foundation: Foundation,
  authenticator: Authenticator,
  parts: Part[],
): Promise<ServerParts> {
  const { config, clock, logger, database, queue, ids, seal, doorbell, bodies, urlPolicy } = foundation;
  const { rateLimitPerMinute, maxAttempts } = config;
  const ring = doorbell.ring;
  const feed = createFeed({
    ...{ database, doorbell, clock, epoch: await loadEpoch(database, clock) },
    onError: (error) => logger.error({ err: error }, 'feed.failed'),
  });
  await feed.start();
  parts.push({ stop: () => feed.stop() });
  const publisher = createPublisher({
    ...{ database, queue, clock, ids, bodies, maxAttempts },
    onCommit: () => {
      ring('jobs');
      ring('changes');
    },
  });
  const services: Services = {
    ...{ prisma: database.prisma, sql: database.pool, clock, publisher, feed },
    targets: createTargets({ database, queue, clock, ids, seal, urlPolicy, ring }),
    eventTypes: createEventTypes({ database, clock }),
    apiKeys: createApiKeys({ database, clock, ids, rateLimitPerMinute, onRevoked: authenticator.forget }),
    organizations: createOrganizations({ database, clock, ids }),
    deliveries: createDeliveries({ database, queue, clock, ring }),
  };
  return { services, publisher, feed };
}

async function publicJwks(database: Database, clock: Clock): Promise<object[]> {
  const keys = await database.prisma.signingKey.findMany({
    where: { OR: [{ expiresAt: null }, { expiresAt: { gt: clock.now() } }] },
    orderBy: { id: 'desc' },
  });
  return keys.map(({ publicKey }) => publicKeyForms(Buffer.from(publicKey, 'hex')).jwk);
}

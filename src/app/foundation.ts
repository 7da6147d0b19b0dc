/** The parts that both roles need: the database, the queue, the doorbell, the keys that seal. */
import { eventLoopBusyMs, systemClock, type Clock } from '../clock.ts';
import { ConfigError } from '../config.ts';
import { connectDatabase, shareConnections, type Database } from '../database/client.ts';
import { readConnectionLimit } from '../database/connect/connection-limit.ts';
import { migrate } from '../database/migrate/migrate.ts';
import { createKeyHash, type KeyHash } from '../database/key-hash.ts';
import { createQueue, type Queue } from '../database/queue.ts';
import { createSharedClock } from '../database/shared-clock.ts';
import { silently, type TellingTransaction } from '../database/telling.ts';
import { createIdGenerator, type IdGenerator } from '../domain/ksuid.ts';
import { createSeal, OtherMasterKey, type Seal } from '../domain/seal/seal.ts';
import { reservedTypes } from '../domain/event-types/service-event-types.ts';
import type { UrlPolicy } from '../domain/targets/target-url.ts';
import { createFairShare, type FairShare } from '../fairness/fair-share.ts';
import { createLateDeliveries, type LateDeliveries } from '../fairness/late-deliveries.ts';
import { createDoorbell, type Doorbell } from '../live/doorbell.ts';
import { type Log, logFault } from '../log-event.ts';
import { createBodies, type Bodies } from '../pipeline/bodies.ts';
import { createKeyring } from '../pipeline/deliver/keyring.ts';
import { createFilters, type Filters } from '../pipeline/publish/filters.ts';
import { createTellingTransaction } from '../pipeline/publish/service-events.ts';
import { connectorOf } from './connector.ts';
import type { CompleteConfig } from './local.ts';
import { createMeters, type Meters } from './meters.ts';
import { createTracing, type Tracing } from '../tracing.ts';
import { createUrlPolicy } from './url-policy.ts';

/** What every part is built from. */
export type Foundation = {
  readonly config: CompleteConfig;
  readonly clock: Clock;
  readonly logger: Log;
  readonly meters: Meters;
  readonly database: Database;
  readonly queue: Queue;
  readonly ids: IdGenerator;
  readonly seal: Seal;
  readonly keyHash: KeyHash;
  /** The first key seals, all of them open. */
  readonly masterKeys: readonly Buffer[];
  readonly doorbell: Doorbell;
  readonly bodies: Bodies;
  /** Of targets, compiled once for all that this process publishes. */
  readonly filters: Filters;
  /** Of this process, for each organization. */
  readonly fairShare: FairShare;
  readonly lateDeliveries: LateDeliveries;
  readonly urlPolicy: UrlPolicy;
  /** Undefined when the operator has loaded no SDK of OpenTelemetry. */
  readonly tracing: Tracing | undefined;
  /** Publishes events of the service itself, unless SERVICE_EVENTS is false. */
  readonly tellingTransaction: TellingTransaction;
};

type Options = {
  /** Undefined: all processes use the time of Postgres. */
  readonly ownClock: Clock | undefined;
  readonly logger: Log;
  /** Gets what must be stopped. */
  readonly parts: AsyncDisposableStack;
  /** Aborted: nothing is waited for any more. */
  readonly stopRequested: AbortSignal | undefined;
};

const BUSY_CURE =
  'Find the oldest transaction in pg_stat_activity, such as a pg_dump. The migration goes on when it ends.';

export async function layFoundation(
  config: CompleteConfig,
  { ownClock, logger, parts, stopRequested }: Options,
): Promise<Foundation> {
  const connector = connectorOf(config, config.databaseUrl);
  const onWaiting = (holder: string) => logger.warn({ holder }, 'database.migration_lock_waited');
  const reservedNames = reservedTypes(config.serviceEvents);
  const onBusy = () => logger.warn({ cure: BUSY_CURE }, 'database.tables_busy');
  const migrations = await migrate(connector, { onWaiting, onBusy, reservedNames, stopRequested });
  if (migrations.length > 0) logger.info({ migrations }, 'database.migrated');

  const onError = (name: 'clock.failed' | 'queue.failed' | 'doorbell.failed') => (error: unknown) =>
    logFault(logger, { name, err: error });
  const database = connectDatabase({
    databaseUrl: connector,
    ...shareConnections(config.databaseConnections),
    onConnectionLost: (error) => logger.warn({ err: error }, 'database.connection_lost'),
  });
  parts.defer(() => database.close());

  const shared = ownClock
    ? undefined
    : createSharedClock({ database, clock: systemClock, onError: onError('clock.failed') });
  const clock = ownClock ?? shared!.clock;

  const queue = createQueue({
    database,
    supervise: true, // In every role: workers that die as soon as they start rescue nobody's jobs.
    attemptTimeoutMs: config.attemptTimeoutMs,
    onError: onError('queue.failed'),
    ...(clock.boss && { clock: clock.boss }),
  });
  await queue.start();
  await warnOfFewConnections(database, config, logger); // After the clock: a test's clock must reach every connection.
  parts.defer(() => queue.stop());
  await shared?.start(() => queue.catchUp());
  parts.defer(() => shared?.stop());

  const doorbell = createDoorbell({ connector, clock, onError: onError('doorbell.failed') });
  await doorbell.start();
  parts.defer(() => doorbell.stop());

  const fairShare = createFairShare({ clock: systemClock, busyMs: eventLoopBusyMs });
  fairShare.start();
  parts.defer(() => fairShare.stop());

  const { masterKey, previousMasterKeys } = config;
  const ids = createIdGenerator({ nowMs: () => clock.now().getTime(), randomBytes: clock.randomBytes });
  const meters = createMeters(database);
  const filters = createFilters(database.pool, clock);
  const seal = createSeal(masterKey, clock.randomBytes, previousMasterKeys);
  return {
    config,
    clock,
    logger,
    database,
    queue,
    doorbell,
    meters,
    ids,
    seal,
    keyHash: createKeyHash({ database, seal, clock }),
    masterKeys: [masterKey, ...previousMasterKeys],
    bodies: createBodies(),
    filters,
    fairShare,
    lateDeliveries: createLateDeliveries(systemClock),
    tracing: createTracing({ showsOrganizations: config.traceTenants }),
    urlPolicy: createUrlPolicy(config, clock),
    tellingTransaction: tellingOf({ config, database, queue, clock, ids, filters, meters, doorbell, logger }),
  };
}

type Telling = Pick<
  Foundation,
  'config' | 'database' | 'queue' | 'clock' | 'ids' | 'filters' | 'meters' | 'doorbell' | 'logger'
>;

function tellingOf({ config, meters, doorbell, logger, ...parts }: Telling): TellingTransaction {
  if (!config.serviceEvents) return silently(parts.database);
  return createTellingTransaction({
    ...parts,
    maxAttempts: config.maxAttempts,
    onCommit: (written) => {
      meters.published(written);
      if (written.queued > 0) doorbell.ring('jobs');
      doorbell.ring('changes');
      doorbell.ring('event_changes');
    },
    onError: (error, eventTypes) => logFault(logger, { name: 'service_events.unpublished', err: error, eventTypes }),
  });
}

/** Warns only, and the service starts: where few clients call, it may never open all connections. */
async function warnOfFewConnections(database: Database, config: CompleteConfig, logger: Log): Promise<void> {
  const [allowed, needed] = [await readConnectionLimit(database.pool), config.databaseConnections];
  if (allowed >= needed) return;
  const cure = 'Raise CONNECTION LIMIT of the role or the database, or max_connections; or lower DATABASE_CONNECTIONS';
  logger.warn({ allowed, needed, cure }, 'database.connections_few');
}

/** Every role opens a sealed value at its start: a process with another key would seal what the others cannot open. */
export async function requireMasterKey({ database, seal, clock, keyHash }: Foundation): Promise<void> {
  try {
    await createKeyring({ database, seal, clock }).load();
    await keyHash.load();
  } catch (error) {
    if (error instanceof OtherMasterKey) throw new ConfigError([`MASTER_KEY: ${error.message}`]);
    throw error;
  }
}

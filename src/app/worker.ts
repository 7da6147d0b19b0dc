/** The worker role: the dispatcher that sends, and the caretakers beside it. */
import { setTimeout as delay } from 'node:timers/promises';
import { createForgetter } from '../access/forget.ts';
import { createCaretaker, type Caretaker } from '../database/caretaker.ts';
import { areBuilt, buildLateIndexes } from '../database/migrate/late-indexes.ts';
import { sqlState } from '../database/statement.ts';
import { createGather } from '../fairness/gather.ts';
import { logFault } from '../log-event.ts';
import { createAttempter, describeAttempt } from '../pipeline/deliver/attempt.ts';
import { createClaimer } from '../pipeline/deliver/claim.ts';
import { createDispatcher, type Dispatcher } from '../pipeline/dispatch/dispatcher.ts';
import { createFreshClaims } from '../pipeline/deliver/fresh-claims.ts';
import { createHolder } from '../pipeline/dispatch/hold.ts';
import { createKeyring } from '../pipeline/deliver/keyring.ts';
import { createLanes } from '../pipeline/dispatch/lanes/lanes.ts';
import { createLeaseRows } from '../pipeline/dispatch/lanes/lease-rows.ts';
import { createLoans } from '../pipeline/deliver/loans.ts';
import { createErasureRunner } from '../pipeline/erasure/runner.ts';
import { createErasureStep } from '../pipeline/erasure/step.ts';
import { createReplayRunner, type ReplayRunner } from '../pipeline/replay/runner.ts';
import { createStep } from '../pipeline/replay/step.ts';
import { createAdopter } from '../pipeline/upkeep/adopt-events.ts';
import { createCertificateWatch } from '../pipeline/upkeep/ending-certificates.ts';
import { createForgetDeleted } from '../pipeline/upkeep/forget-deleted.ts';
import { createPendingFloor } from '../pipeline/upkeep/pending-floor.ts';
import { createRetention } from '../pipeline/upkeep/retain.ts';
import { createDestinations } from '../pipeline/deliver/sealed/destinations.ts';
import { createIdentities } from '../pipeline/deliver/sealed/identities.ts';
import { createOwnHeaders } from '../pipeline/deliver/sealed/own-headers.ts';
import { createDestinationRecorder } from '../pipeline/deliver/settle/record-destinations.ts';
import { createSecrets } from '../pipeline/deliver/sealed/secrets.ts';
import { createSender } from '../pipeline/deliver/send.ts';
import { createSettler } from '../pipeline/deliver/settle/settle.ts';
import { createSigner } from '../pipeline/deliver/sign.ts';
import { createRollUp } from '../pipeline/upkeep/statistics/roll-up.ts';
import { createChainMender } from '../pipeline/upkeep/mend-chains.ts';
import { createSweeper } from '../pipeline/upkeep/sweep.ts';
import { readDescriptorLimit, slotsWithin } from './descriptors.ts';
import type { Foundation } from './foundation.ts';

const KEYRING_RELOAD_MS = 5_000;
/** SIGTERM drains within 25 s: an attempt may take its whole timeout, and is then settled. */
const SETTLE_GRACE_MS = 5_000;
const FEW_DESCRIPTORS_CURE = 'Raise the limit of open files (ulimit -n) to three times CONCURRENCY.';
const STUCK_CURE =
  'Look in the log for worker.failed, and in pg_stat_activity for a transaction that has been open for long.';
const LOST_CURE = 'Stop processes of the release before, and change no deliveries by hand.';
/** A worker looks so long after its start, and as often as another process builds. */
const INDEXES_MS = 10_000;
/** The longest that it waits after failures. */
const MOST_INDEXES_MS = 3_600_000;
const INSUFFICIENT_PRIVILEGE = '42501';
const INDEX_CURE =
  'Lists of the API and erasures of a customer need an index that this role may not make: run `hookcast migrate` as the owner ' +
  'of the tables.';
const OPEN_REQUESTS = 'Requests to targets under way: slots in use. At most CONCURRENCY.';
const UNSETTLED_ATTEMPTS = 'Attempts whose outcome is not committed yet.';

export async function startWorker(foundation: Foundation, parts: AsyncDisposableStack): Promise<Dispatcher> {
  const { config, clock, logger, meters, database, queue, ids, seal, doorbell, bodies, urlPolicy: policy } = foundation;
  const { tracing } = foundation;
  const onError = (error: unknown) => logFault(logger, { name: 'worker.failed', err: error });
  const keyring = createKeyring({ database, seal, clock });
  await keyring.load();

  const { attemptTimeoutMs: timeoutMs, targetConcurrency } = config;
  const descriptors = readDescriptorLimit();
  const concurrency = slotsWithin(config.concurrency, descriptors);
  if (descriptors !== undefined && concurrency < config.concurrency) {
    const { concurrency: wanted } = config;
    logger.warn({ descriptors, wanted, requests: concurrency, cure: FEW_DESCRIPTORS_CURE }, 'worker.few_descriptors');
  }
  const retryPolicy = { scheduleMs: config.retryScheduleMs };
  const sender = createSender({
    policy,
    timeoutMs,
    connectionsPerOrigin: concurrency,
    mostIdleConnections: concurrency,
    clock,
    proxied: config.egressProxy && { proxy: config.egressProxy, resolvesNames: config.egressProxyResolves },
  });
  parts.defer(() => sender.close());
  const settler = createSettler({
    queue,
    clock,
    ids,
    policy: retryPolicy,
    onError,
    database: { ...database, transact: meters.timed('settle', database.transact) },
    disable: { afterMs: config.disableAfterMs, afterFailures: config.disableAfterFailures },
    destinations: createDestinationRecorder({ seal, brand: config.webhookBrand }),
    tellingTransaction: config.serviceEvents ? foundation.tellingTransaction : undefined,
    onCommit: () => doorbell.ring('changes'),
    onDisabled: (targetIds) => {
      doorbell.ring('target_changes');
      for (const targetId of targetIds) logger.warn({ targetId }, 'target.disabled');
    },
    takesReleased: () => dispatcher.successors.isOpen,
    onReleased(taken) {
      if (taken.length > 0) dispatcher.successors.take(taken);
      else doorbell.ring('jobs');
    },
    onDeferred: () => doorbell.ring('deferrals'),
    gather: createGather(foundation.lateDeliveries),
    backOff: (failures) => delay(Math.min(100 * 2 ** failures, 2_000)),
  });
  const signer = createSigner(keyring, config.webhookBrand);
  const loans = createLoans(config.inFlightBytes);
  const ownHeaders = createOwnHeaders(seal, config.webhookBrand);
  const identities = createIdentities({ sql: database.pool, seal, onReplaced: sender.forget });
  const secrets = createSecrets(database.pool, seal, createDestinations(database.pool, ownHeaders, identities));
  const claimer = createClaimer({ database, queue, bodies, loans, secrets, isTraced: tracing !== undefined, onError });
  const claim = { ...claimer, claim: meters.timed('claim', claimer.claim) };
  const attempt = createAttempter({
    refresh: claimer.refresh,
    sign: signer.sign,
    clock,
    policy: retryPolicy,
    sender: { ...sender, send: meters.counted('hookcast_open_requests', OPEN_REQUESTS, sender.send) },
    settler: { settle: meters.counted('hookcast_unsettled_attempts', UNSETTLED_ATTEMPTS, settler.settle) },
    tracing,
    propagatesTrace: config.propagateTrace,
    onAttempted(verdict, traceId) {
      meters.attempted(verdict);
      if (logger.isLevelEnabled('info')) logger.info(describeAttempt(verdict, traceId), 'delivery.attempted');
    },
  });
  const holder = createHolder({ database, queue, clock, timeoutMs });
  const lanes = createLanes(targetConcurrency);
  const dispatcher: Dispatcher = createDispatcher({
    queue,
    claim,
    fresh: createFreshClaims({ secrets, signer, clock }),
    attempt,
    holder,
    lanes,
    concurrency,
    loans,
    fairShare: foundation.fairShare,
    lateDeliveries: foundation.lateDeliveries,
    clock,
    onError,
    leaseRows: createLeaseRows(database, timeoutMs),
    onLeasesGivenUp: () => doorbell.ring('leases'),
    onHeldForOthers: () => doorbell.ring('held'),
  });
  const sweeper = createSweeper({ holder, lanes, queue, onReleased: dispatcher.wake, onError });

  const certificateWatch = createCertificateWatch({
    database,
    tellingTransaction: foundation.tellingTransaction,
    clock,
    onEnding: (certificate) => logger.warn(certificate, 'target.certificate_expiring'),
    onError,
  });
  meters.showCertificates(certificateWatch.counts);

  const { retentionDays, auditRetentionDays } = config;
  const caretakers = [
    certificateWatch,
    createForgetDeleted({ database, onError }),
    sweeper,
    createCaretaker({ everyMs: KEYRING_RELOAD_MS, round: keyring.load, onError }),
    createRetention({
      database,
      clock,
      retentionDays,
      auditRetentionDays,
      onWaiting: () => logger.warn({ cure: STUCK_CURE }, 'statistics.behind'),
      onUncounted: (changes) => logger.error({ changes, cure: STUCK_CURE }, 'statistics.changes_lost'),
      onError,
    }),
    createChainMender({
      database,
      queue,
      clock,
      onLost: ({ targetId, deliveryId }) => logger.error({ targetId, deliveryId, cure: LOST_CURE }, 'order.head_lost'),
      onReleased(queued) {
        if (queued > 0) doorbell.ring('jobs');
        doorbell.ring('changes');
      },
      onError,
    }),
    createPendingFloor({ database, clock, onError }),
    createAdopter({ database, clock, onAdopted: () => doorbell.ring('event_changes'), onError }),
    createForgetter({ database, clock, onError }),
    ...Object.values(createRollUp({ database, clock, onError })),
    createIndexBuilder(foundation, onError),
    createErasing(foundation, onError),
  ];

  const replays = createReplaying(foundation, onError);
  meters.showReplays(replays.stats);

  dispatcher.start();
  // An attempt in flight may take its whole timeout. After that only Postgres can delay the stop, and the jobs are safe there.
  parts.defer(() => Promise.race([dispatcher.stop(), delay(timeoutMs + SETTLE_GRACE_MS, undefined, { ref: false })]));
  for (const caretaker of caretakers) caretaker.start();
  void certificateWatch.run().catch(onError);
  parts.defer(async () => void (await Promise.all(caretakers.map((caretaker) => caretaker.stop()))));
  replays.start();
  parts.defer(() => replays.stop());
  parts.defer(doorbell.on('replay_changes', replays.wake));
  parts.defer(doorbell.on('jobs', dispatcher.wake));
  parts.defer(doorbell.on('deferrals', dispatcher.heedDeferrals));
  parts.defer(doorbell.on('certificates', () => void identities.heedChanges().catch(onError)));
  parts.defer(doorbell.on('leases', dispatcher.leases.heedGivenUp));
  parts.defer(doorbell.on('held', dispatcher.leases.heedHeld));
  return dispatcher;
}

/** The runner of erasures. */
function createErasing(foundation: Foundation, onError: (error: unknown) => void): Caretaker {
  const { clock, logger, meters, database, queue, seal, keyHash, doorbell } = foundation;
  return createErasureRunner({
    database,
    clock,
    step: createErasureStep({ database, queue, clock, seal, keyHash }),
    onErased(events, deliveries) {
      meters.erased(events);
      if (deliveries > 0) doorbell.ring('changes');
    },
    onReleased: () => doorbell.ring('jobs'),
    onEnded: (end) => logger.info(end, 'erasure.ended'),
    onError,
  });
}

/**
 * Builds the indexes that came after the first release, once; a role without the right to is told what to do. A build that fails,
 * because the disk is full or somebody has cancelled it, is tried again ever later.
 */
function createIndexBuilder({ database, logger, clock }: Foundation, onError: (error: unknown) => void): Caretaker {
  let isDone = false;
  let failures = 0;
  let triedAtMs = -Infinity;
  return createCaretaker({
    everyMs: INDEXES_MS,
    onError,
    async round(signal) {
      if (clock.monotonicMs() - triedAtMs < Math.min(INDEXES_MS * 6 ** failures, MOST_INDEXES_MS)) return;
      if ((isDone ||= await areBuilt(database.pool))) return;
      triedAtMs = clock.monotonicMs();
      try {
        const indexes = await buildLateIndexes(database.connector, { signal });
        if (indexes.length > 0) logger.info({ indexes }, 'database.indexes_built');
      } catch (error) {
        failures++;
        if (sqlState(error) !== INSUFFICIENT_PRIVILEGE) throw error;
        logger.warn({ cure: INDEX_CURE }, 'database.index_missing');
        isDone = true;
      }
    },
  });
}

/** The runner of replays: what it queues is sent by the workers, as any delivery is. */
function createReplaying(foundation: Foundation, onError: (error: unknown) => void): ReplayRunner {
  const { config, clock, logger, database, queue, ids, doorbell } = foundation;
  const { maxAttempts, retentionDays } = config;
  const tellingTransaction = config.serviceEvents ? foundation.tellingTransaction : undefined;
  return createReplayRunner({
    database,
    clock,
    step: createStep({ database, queue, clock, ids, maxAttempts, retentionDays, tellingTransaction }),
    onMade(queued) {
      if (queued > 0) doorbell.ring('jobs');
      doorbell.ring('changes');
    },
    ring: doorbell.ring,
    onStarted: (replay, isTakenOver) =>
      logger.info({ ...replay, ...(isTakenOver && { takenOver: true }) }, 'replay.started'),
    onEnded: (replay, end) => logger.info({ ...replay, ...end }, 'replay.ended'),
    onError,
  });
}

/** The data plane on a database of its own: real publisher, queue, dispatcher and sender, on a clock the test moves. */
import { loadCatalog, OWN_CATALOG } from '../../src/domain/event-types/catalogs.ts';
import { createQueue, type Queue } from '../../src/database/queue.ts';
import { createIdGenerator } from '../../src/domain/ksuid.ts';
import { createSeal } from '../../src/domain/seal/seal.ts';
import type { Stamp } from '../../src/domain/signing/attempt-request.ts';
import { encodeSecret } from '../../src/domain/signing/signature.ts';
import { createDeliveries } from '../../src/manage/deliveries.ts';
import { createTargets } from '../../src/manage/targets.ts';
import { ensureSigningKey } from '../../src/manage/signing-keys.ts';
import { createAttempter } from '../../src/pipeline/deliver/attempt.ts';
import { createBodies } from '../../src/pipeline/bodies.ts';
import { createClaimer } from '../../src/pipeline/deliver/claim.ts';
import { createDispatcher, type Dispatcher } from '../../src/pipeline/dispatch/dispatcher.ts';
import { createFreshClaims } from '../../src/pipeline/deliver/fresh-claims.ts';
import { createHolder } from '../../src/pipeline/dispatch/hold.ts';
import { createKeyring } from '../../src/pipeline/deliver/keyring.ts';
import { createLeaseRows, type LeaseRows } from '../../src/pipeline/dispatch/lanes/lease-rows.ts';
import { createLoans } from '../../src/pipeline/deliver/loans.ts';
import { createLanes } from '../../src/pipeline/dispatch/lanes/lanes.ts';
import { createPublisher } from '../../src/pipeline/publish/publish.ts';
import type { PublisherOptions } from '../../src/pipeline/publish/options.ts';
import { createDestinations } from '../../src/pipeline/deliver/sealed/destinations.ts';
import { createIdentities } from '../../src/pipeline/deliver/sealed/identities.ts';
import { createOwnHeaders } from '../../src/pipeline/deliver/sealed/own-headers.ts';
import { createDestinationRecorder } from '../../src/pipeline/deliver/settle/record-destinations.ts';
import { createFilters } from '../../src/pipeline/publish/filters.ts';
import { createTellingTransaction } from '../../src/pipeline/publish/service-events.ts';
import { createSecrets } from '../../src/pipeline/deliver/sealed/secrets.ts';
import { createSender, type SenderOptions } from '../../src/pipeline/deliver/send.ts';
import { createSettler, type Settler } from '../../src/pipeline/deliver/settle/settle.ts';
import type { DisablePolicy } from '../../src/pipeline/deliver/settle/settle-options.ts';
import { createSigner } from '../../src/pipeline/deliver/sign.ts';
import { createSweeper } from '../../src/pipeline/upkeep/sweep.ts';
import type { FairShare } from '../../src/fairness/fair-share.ts';
import type { HandOver } from '../../src/pipeline/fresh-deliveries.ts';
import { createManualClock } from './clock.ts';
import { ALONE } from './fair-share.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { createFixtures } from './fixtures.ts';
import { KEY_HASH, masterKeyBytes } from './master-key.ts';
import { TESTER } from './tester.ts';

const MINUTE = 60_000;
export const SCHEDULE_MS = [5, 10, 15, 30, 60, 120, 240, 480, 720, 1200].map((minutes) => minutes * MINUTE);
/** What signing leaves of a request, for verdicts that no request led to. */
export const STAMP: Stamp = { number: 1, timestamp: 1_768_472_400, signature: '3q2+7wAA', signatures: 'v1a,kY0bTz9d' };
const fail = (error: unknown) => {
  throw error;
};

type Options = {
  readonly maxAttempts?: number;
  readonly concurrency?: number;
  readonly targetConcurrency?: number;
  readonly inFlightBytes?: number;
  readonly timeoutMs?: number;
  readonly disable?: DisablePolicy;
  /** Default: that of an organization that is alone. */
  readonly fairShare?: FairShare;
  /** Whether the worker sends what is published without being told, once its queue is empty. */
  readonly handsOver?: boolean;
  /** Default: the publisher's own. */
  readonly schemas?: PublisherOptions['schemas'];
  /** Whether the service publishes events of its own. Default: false. */
  readonly tells?: boolean;
  /** The egress proxy. */
  readonly proxied?: SenderOptions['proxied'];
  /** More trusted authorities, as PEM. */
  readonly ca?: string;
  /** Default: a fresh one on the common server. It is closed with the pipeline. */
  readonly database?: TestDatabase;
  /** Where the settler tells its failures. Default: throws. */
  readonly onSettleError?: (error: unknown) => void;
  /** Where the service tells why it could not publish events of its own. Default: throws. */
  readonly onTellError?: (error: unknown) => void;
  /** The same of the dispatcher. */
  readonly onDispatchError?: (error: unknown) => void;
};

/** What one worker has for itself. */
type Own = Pick<Options, 'onDispatchError'> & { readonly settler?: Settler; readonly leaseRows?: LeaseRows };

export type Pipeline = Awaited<ReturnType<typeof createPipeline>>;

export async function createPipeline(options: Options = {}) {
  const { maxAttempts = 10, concurrency = 128, targetConcurrency = 16, timeoutMs = 5_000 } = options;
  const { inFlightBytes = 64 * 1_024 * 1_024 } = options;
  const { disable = { afterMs: 5 * 24 * 60 * MINUTE, afterFailures: 20 } } = options;
  const database = options.database ?? (await createTestDatabase());
  const clock = createManualClock();
  clock.fixRandom(0);
  const plainQueue = createQueue({
    database,
    supervise: false,
    attemptTimeoutMs: timeoutMs,
    onError: fail,
    clock: clock.boss,
  });
  await plainQueue.start();
  /** The looks for due jobs that are under way. */
  const looks = new Set<Promise<unknown>>();
  const queue: Queue = {
    ...plainQueue,
    fetch(...args) {
      const look = plainQueue.fetch(...args);
      looks.add(look);
      return look.finally(() => looks.delete(look));
    },
  };
  const ids = createIdGenerator({ nowMs: () => clock.now().getTime(), randomBytes: clock.randomBytes });
  const fixtures = createFixtures({ database, clock, ids });
  const seal = createSeal(masterKeyBytes('pipeline'), clock.randomBytes);
  await ensureSigningKey(database.pool, { clock, ids, seal });
  const { id: organizationId } = await fixtures.organization();
  await fixtures.eventType({ name: 'user.created' });

  const urlPolicy = { allowLoopback: true, allowHttp: true, allowedNetworks: [] };
  const sender = createSender({
    policy: urlPolicy,
    timeoutMs,
    clock,
    connectionsPerOrigin: concurrency,
    proxied: options.proxied,
    ca: options.ca,
  });
  const bodies = createBodies();
  const handOver: HandOver = { begin: (readAt) => worker.dispatcher.handOver.begin(readAt) };
  const publisher = createPublisher({
    keyHash: KEY_HASH,
    database,
    queue,
    clock,
    ids,
    bodies,
    maxAttempts,
    onCommit: () => {},
    ...(options.handsOver && { handOver }),
    ...(options.schemas && { schemas: options.schemas }),
  });
  const ring = () => {};
  const deliveries = createDeliveries({ database, queue, clock, ids, maxAttempts, retentionDays: 30, ring });
  const rules = { urlPolicy, brand: 'Dakota', maxTargets: 10_000 };
  const targets = createTargets({ database, queue, clock, ids, seal, ...rules, ring });
  const onUntold = options.onTellError ?? fail;
  const filters = createFilters(database.pool, clock);
  const telling = { database, queue, clock, ids, filters, maxAttempts, onCommit: () => {}, onError: onUntold };
  const tellingTransaction = options.tells ? createTellingTransaction(telling) : undefined;
  if (tellingTransaction) for (const { name } of loadCatalog([OWN_CATALOG])) await fixtures.eventType({ name });

  /** Targets that workers said they disabled. */
  const disabled: string[] = [];

  const dispatchers: Dispatcher[] = [];
  /** Those that hear no doorbell: as if their processes hung. */
  const deaf = new Set<Dispatcher>();
  const others = (own?: Dispatcher) => dispatchers.filter((dispatcher) => dispatcher !== own && !deaf.has(dispatcher));

  /** A worker; several on one database are several processes, as far as the database can tell. */
  async function createWorker(own: Own = {}) {
    const keyring = createKeyring({ database, seal, clock });
    await keyring.load();
    const policy = { scheduleMs: SCHEDULE_MS };
    const usual = createSettler({
      database,
      queue,
      clock,
      ids,
      policy,
      disable,
      destinations: createDestinationRecorder({ seal, brand: 'Dakota' }),
      tellingTransaction,
      onCommit: () => {},
      backOff: async () => {},
      takesReleased: () => dispatcher.successors.isOpen,
      onReleased: (taken) =>
        taken.length > 0 ? dispatcher.successors.take(taken) : others().forEach(({ wake }) => wake()),
      onDeferred: () => {},
      onError: options.onSettleError ?? fail,
      onDisabled: (targetIds) => void disabled.push(...targetIds),
    });
    const { settler = usual } = own;
    const loans = createLoans(inFlightBytes);
    const identities = createIdentities({ sql: database.pool, seal, onReplaced: sender.forget });
    const destinations = createDestinations(database.pool, createOwnHeaders(seal, 'Dakota'), identities);
    const secrets = createSecrets(database.pool, seal, destinations);
    const claim = createClaimer({ database, queue, bodies: createBodies(1), loans, secrets, onError: fail });
    const signer = createSigner(keyring, 'Dakota');
    const attempt = createAttempter({ refresh: claim.refresh, sign: signer.sign, sender, settler, clock, policy });
    const holder = createHolder({ database, queue, clock, timeoutMs });
    const lanes = createLanes(targetConcurrency);
    const leaseRows = own.leaseRows ?? createLeaseRows(database, timeoutMs);
    /** A deaf worker hangs: its own timers must not extend its term, or take its leases again. */
    const whenAwake = async () => {
      while (deaf.has(dispatcher)) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    const dispatcher: Dispatcher = createDispatcher({
      lateDeliveries: { note() {} },
      queue,
      claim,
      fresh: createFreshClaims({ secrets, signer, clock }),
      attempt,
      holder,
      lanes,
      clock,
      concurrency,
      loans,
      fairShare: options.fairShare ?? ALONE,
      onError: own.onDispatchError ?? options.onDispatchError ?? fail,
      leaseRows: {
        ...leaseRows,
        extend: (termId) => whenAwake().then(() => leaseRows.extend(termId)),
        take: (termId, wanted) => whenAwake().then(() => leaseRows.take(termId, wanted)),
      },
      onLeasesGivenUp: () => others(dispatcher).forEach(({ leases }) => leases.heedGivenUp()),
      onHeldForOthers: () => others(dispatcher).forEach(({ leases }) => leases.heedHeld()),
    });
    dispatchers.push(dispatcher);
    const sweeper = createSweeper({ holder, lanes, queue, onReleased: dispatcher.wake, onError: fail });
    return { attempt, claim, dispatcher, holder, lanes, settler, sweeper, identities };
  }
  const worker = await createWorker();

  const caller = { ...TESTER, organizationId, isPlatformAdmin: false };
  const rows = async (sql: string, values: unknown[] = []) => (await database.pool.query(sql, values)).rows;
  return {
    database,
    clock,
    queue,
    ids,
    fixtures,
    seal,
    keyHash: KEY_HASH,
    organizationId,
    caller,
    publisher,
    deliveries,
    targets,
    worker,
    tellingTransaction,
    rows,
    disabled,
    deaf,
    createWorker,
    /**
     * As if the heartbeats of all claims had stopped: their workers are killed, stopped or cut off. A worker looks for jobs again
     * once it has started some. That look is waited for: otherwise it could claim as its own what is taken from it here.
     */
    async takeForDead() {
      await Promise.allSettled(looks);
      await rows("update pgboss.job set state = 'retry' where state = 'active'");
    },
    /** A target with a secret, as createWebhookTarget makes it. */
    async target(url: string, more: Partial<Parameters<typeof fixtures.target>[0]> = {}) {
      const id = ids.next();
      const secret = encodeSecret(clock.randomBytes(32));
      const sealed = seal.seal(Buffer.from(secret), `target-secret:${organizationId}:${id}`);
      await fixtures.target({ organizationId, id, url, secrets: [{ sealed }], ...more });
      return { id, secret };
    },
    async publish(data: unknown = {}, more: { readonly orderingKey?: string } = {}) {
      const result = await publisher.publish(caller, { eventType: 'user.created', data, ...more });
      if (!result.ok) throw new Error(JSON.stringify(result.userErrors));
      const { eventId } = result.value;
      const found = await rows('select id from deliveries where event_id = $1 order by id', [eventId]);
      return { eventId, deliveryIds: found.map(({ id }) => id as string) };
    },
    /** Lets the worker do everything that is due now. */
    async runDue() {
      worker.dispatcher.wake();
      await worker.dispatcher.idle();
    },
    async delivery(id: string) {
      return (await rows('select * from deliveries where id = $1', [id]))[0];
    },
    /** The service events so far, oldest first, with their data. */
    async told() {
      const types = loadCatalog([OWN_CATALOG]).map(({ name }) => name);
      const found = await rows(
        `select event_type as type, body::json -> 'data' as data from events where event_type = any($1) order by id`,
        [types],
      );
      return found as { type: string; data: any }[];
    },
    attempts: (id: string) => rows('select * from delivery_attempts where delivery_id = $1 order by number', [id]),
    /** "previous>status#attempt", in stream order. */
    async history(id: string) {
      const found = await rows('select * from delivery_changes where delivery_id = $1 order by xid, seq', [id]);
      const step = (row: (typeof found)[number]) =>
        `${row.previous_status ?? ''}>${row.status}${row.attempt_number ? `#${row.attempt_number}` : ''}`;
      return found.map(step);
    },
    /** "previous>status", in stream order. */
    async targetHistory(id: string) {
      const found = await rows('select * from target_changes where target_id = $1 order by xid, seq', [id]);
      return found.map((row) => `${row.previous_status ?? ''}>${row.status ?? ''}`);
    },
    health: async (targetId: string) => (await rows('select * from target_health where target_id = $1', [targetId]))[0],
    async [Symbol.asyncDispose]() {
      await worker.dispatcher.stop();
      await sender.close();
      await queue.stop();
      await database.close();
    },
  };
}

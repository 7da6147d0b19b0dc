/**
 * The promise of delivery, under faults: everything acknowledged arrives, soon after the crash that interrupted it, and what
 * arrives twice has the same event id and attempt number.
 */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { createRandom } from '../support/changes.ts';
import { statisticsDifferences } from '../support/postgres/statistics.ts';
import { CREATE_TARGET } from '../support/service.ts';
import { within } from './stage/check.ts';
import { startCluster, type Cluster } from './stage/cluster.ts';
import { startPublishers, type Publishers } from './stage/publishers.ts';
import { openTargets, type Targets } from './stage/receipts.ts';
import { startApi, type ApiProcess } from './stage/service.ts';
import { clearLater } from './stage/stage.ts';
import type { Print } from './stream.ts';

export type Faults = {
  /** SIGKILL of a worker, which is then started again. */
  readonly kills: number;
  /** The same of an API process, with publishes under way. */
  readonly apiKills: number;
  /** PostgreSQL is stopped at once, and recovers. */
  readonly crashes: number;
};

const SIZE = { workers: 3, publishers: 32 };
/** The second one is a worker too: it is killed between the commit of what it publishes itself and the request. */
const API_ROLES = ['api', 'api,worker'];
const REDELIVERED_WITHIN_MS = 30_000;
const ARRIVED_WITHIN_MS = 60_000;
const COUNTED_WITHIN_MS = 30_000;

export async function testWorkers(print: Print): Promise<void> {
  const faults = { kills: 50, apiKills: 10, crashes: 10 };
  const report = await deliverThrough({ events: 10_000, faults, betweenMs: [2_000, 5_000], timeoutMs: 480_000 });
  report.lines.forEach(print);
}

type Options = {
  readonly events: number;
  readonly faults: Faults;
  /** From one kill of a worker to the next: between these. */
  readonly betweenMs: readonly [number, number];
  readonly timeoutMs: number;
};

export type Report = Faults & {
  readonly acknowledged: number;
  readonly delivered: number;
  readonly duplicates: number;
  readonly longestRedeliveryMs: number;
  readonly lines: readonly string[];
};

const EVENT_TYPES = ['user.created', 'user.updated', 'user.deleted'];
/** Which targets (by their place here) take which events. */
const SUBSCRIPTIONS = [
  EVENT_TYPES,
  ['user.created'],
  ['user.created', 'user.updated'],
  ['user.deleted'],
  ['user.updated'],
];
/** In SQL: the events of the suite, and not the service's own, which no target of the suite takes. */
const OF_CLIENTS = `event_type in (${EVENT_TYPES.map((type) => `'${type}'`).join()})`;
const takersOf = (eventType: string): number[] =>
  SUBSCRIPTIONS.flatMap((types, index) => (types.includes(eventType) ? [index] : []));

/** One event in sixteen is refused by everybody the first time, so that retries are interrupted too. */
const isRefusedFirst = (eventId: string): boolean => '0123'.includes(eventId[14]!);

/** Publishes while it breaks what it is told to break, and compares what arrived with what was acknowledged. */
export async function deliverThrough({ events, faults, betweenMs, timeoutMs }: Options): Promise<Report> {
  await using stack = new AsyncDisposableStack();
  clearLater(stack);
  const random = createRandom(1);
  const targets = stack.use(
    await openTargets({
      count: SUBSCRIPTIONS.length,
      answerMs: () => 200 * random() ** 3, // Most at once, some slowly: each kill finds some of them open.
      refuses: ({ eventId, number }) => number === 1 && isRefusedFirst(eventId),
    }),
  );
  const cluster = stack.use(await startCluster());
  const start = async (roles: string) =>
    stack.use(await startApi(cluster.databaseUrl, { ROLES: roles, RETRY_SCHEDULE: '2s' }));
  const apis: ApiProcess[] = [];
  for (const roles of API_ROLES) apis.push(await start(roles));
  for (const [index, eventTypes] of SUBSCRIPTIONS.entries()) {
    await apis[0]!.current().api(CREATE_SUBSCRIBED, { url: targets.url(index), eventTypes });
  }
  await query(cluster, NOTE_CLAIMS);
  const workers: ApiProcess[] = [];
  while (workers.length < SIZE.workers) workers.push(await start('worker'));

  const { publishers: count } = SIZE;
  const planned = faults.kills * ((betweenMs[0] + betweenMs[1]) / 2);
  const publishers = startPublishers({
    origins: apis.map(({ origin }) => origin),
    publishers: count,
    events,
    eventTypes: EVENT_TYPES,
    everyMs: planned / events,
  });
  const startedMs = performance.now();
  const play = async () => {
    const breaking = breakThings({ cluster, apis, workers, faults, betweenMs, random });
    await Promise.all([publishers.finished, breaking]);
    await allDelivered(publishers, targets);
  };
  await within(timeoutMs, play(), () => `${publishers.count.value()} of ${events} events are acknowledged`);
  const tookMs = performance.now() - startedMs;
  const redeliveries = await inspectRows(cluster, publishers);
  const countedMs = await inspectStatistics(cluster);
  const report = describe(publishers, targets, faults, redeliveries, tookMs);
  const counted = `statistics equal a count over all attempts, ${(countedMs / 1_000).toFixed(1)} s after the last delivery`;
  return { ...faults, ...report, lines: [...report.lines, counted] };
}

const CREATE_SUBSCRIBED = CREATE_TARGET.replace('$url: String!', '$url: String!, $eventTypes: [String!]!').replace(
  'url: $url',
  'url: $url, eventTypes: $eventTypes',
);

type Scene = {
  readonly cluster: Cluster;
  readonly apis: readonly ApiProcess[];
  readonly workers: readonly ApiProcess[];
  readonly faults: Faults;
  readonly betweenMs: readonly [number, number];
  readonly random: () => number;
};

/** Kills a worker every few seconds, and between these kills API processes and crashes PostgreSQL, at even distances. */
async function breakThings({ cluster, apis, workers, faults, betweenMs, random }: Scene): Promise<void> {
  const [leastMs, mostMs] = betweenMs;
  const starting = new Map<ApiProcess, Promise<void>>();
  const isDue = (nth: number, count: number) =>
    Math.floor(((nth + 0.5) * count) / faults.kills) > Math.floor(((nth - 0.5) * count) / faults.kills);
  const kill = async (processes: readonly ApiProcess[]) => {
    const running = () => processes.filter((process) => !starting.has(process));
    while (running().length < 2) await Promise.race(starting.values()); // Never the last one: that would be an outage.
    const victim = running()[Math.floor(random() * running().length)]!;
    starting.set(
      victim,
      restart(victim).finally(() => starting.delete(victim)),
    );
  };
  let crashing = Promise.resolve();
  for (let nth = 0; nth < faults.kills; nth++) {
    await delay(leastMs + random() * (mostMs - leastMs));
    await kill(workers);
    if (isDue(nth, faults.apiKills)) await kill(apis);
    if (isDue(nth + 0.25, faults.crashes)) crashing = crashing.then(() => cluster.crash());
  }
  await crashing;
  await Promise.all(starting.values());
}

/** As a supervisor does: a process that cannot start, because PostgreSQL is away, is started again. */
async function restart(process: ApiProcess): Promise<void> {
  for (;;) {
    try {
      return await process.restart();
    } catch {
      await delay(500);
    }
  }
}

async function allDelivered({ acknowledged }: Publishers, targets: Targets): Promise<void> {
  const expected = acknowledged.flatMap(({ eventId, eventType }) =>
    takersOf(eventType).map((index) => targets.delivered(index, eventId)),
  );
  let arrived = 0;
  for (const each of expected) void each.then(() => arrived++);
  await within(ARRIVED_WITHIN_MS, Promise.all(expected), () => `${arrived} of ${expected.length} deliveries arrived`);
}

/** Writes down every claim of a job. */
const NOTE_CLAIMS = `
  create table claims (job_id uuid, delivery_id text, claimed_at timestamptz default clock_timestamp());
  create function note_claim() returns trigger language plpgsql as $$
    begin insert into claims (job_id, delivery_id) values (new.id, new.data->>'deliveryId'); return null; end $$;
  create trigger note_claim after insert or update of state on pgboss.job_common for each row
    when (new.state = 'active') execute function note_claim()`;

/**
 * From a claim to the next one of the same job is a little more than from the crash between them: a claim that was not
 * interrupted leaves no job behind. What its target had no room for was held meanwhile, and has another job: that counts
 * only in the wait.
 */
type Redeliveries = { readonly ms: number; readonly heldMs: number; readonly claims: number };

const REDELIVERIES = `
  select coalesce(max(extract(epoch from since_crash)) * 1000, 0)::float8 as ms,
    coalesce(max(extract(epoch from since_claim)) * 1000, 0)::float8 as "heldMs", coalesce(max(nth), 0)::int as claims
  from (
    select claimed_at - lag(claimed_at) over (partition by job_id order by claimed_at) as since_crash,
      claimed_at - lag(claimed_at) over its as since_claim, row_number() over its as nth
    from claims window its as (partition by delivery_id order by claimed_at)
  ) as claim`;

async function query<T extends pg.QueryResultRow>({ databaseUrl }: Cluster, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

/**
 * What the tables say must be what arrived: every delivery closed, each attempt recorded once, no job left. Returns how
 * long the longest redelivery took, in milliseconds, and how often at most one delivery was claimed.
 */
async function inspectRows(cluster: Cluster, { acknowledged }: Publishers): Promise<Redeliveries> {
  const count = async (rows: string) =>
    Number((await query<{ count: string }>(cluster, `select count(*) from ${rows}`))[0]!.count);
  const open = "deliveries where status in ('PENDING', 'RETRYING')";
  // What was answered a moment ago is settled a moment later; what its worker took along, after a heartbeat.
  for (const endMs = performance.now() + REDELIVERED_WITHIN_MS; await count(`${open}`);) {
    if (performance.now() > endMs) throw new Error(`${await count(open)} deliveries are not settled`);
    await delay(200);
  }
  const deliveries = acknowledged.reduce((sum, { eventType }) => sum + takersOf(eventType).length, 0);
  const refused = acknowledged
    .filter(({ eventId }) => isRefusedFirst(eventId))
    .reduce((sum, { eventType }) => sum + takersOf(eventType).length, 0);
  const expected: Record<string, number> = {
    [`events where ${OF_CLIENTS}`]: acknowledged.length,
    "deliveries where status = 'DELIVERED'": deliveries,
    delivery_attempts: deliveries + refused,
    delivery_changes: 2 * deliveries + refused,
    'pgboss.job': 0,
  };
  for (const [rows, wanted] of Object.entries(expected)) {
    const found = await count(rows);
    if (found !== wanted) throw new Error(`Expected ${wanted} rows in ${rows}, found ${found}`);
  }
  return (await query<Redeliveries>(cluster, REDELIVERIES))[0]!;
}

/** The statistics must equal a count over all attempts. Returns how long it took until they did, in milliseconds. */
async function inspectStatistics({ databaseUrl }: Cluster): Promise<number> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  const startedMs = performance.now();
  try {
    for (;;) {
      const differences = await statisticsDifferences(pool);
      const tookMs = performance.now() - startedMs;
      if (differences.length === 0) return tookMs;
      if (tookMs > COUNTED_WITHIN_MS) throw new Error(`The statistics differ: ${JSON.stringify(differences)}`);
      await delay(200);
    }
  } finally {
    await pool.end();
  }
}

function describe(
  publishers: Publishers,
  targets: Targets,
  faults: Faults,
  { ms: longestRedeliveryMs, heldMs, claims }: Redeliveries,
  tookMs: number,
) {
  const { acknowledged, tries } = publishers;
  const known = new Set(acknowledged.map(({ eventId }) => eventId));
  let [delivered, duplicates, interrupted, longestWaitMs] = [0, 0, 0, 0];
  for (const index of SUBSCRIPTIONS.keys()) {
    for (const [eventId, receipts] of targets.receipts(index)) {
      if (!known.has(eventId)) throw new Error(`Event ${eventId} was sent and never acknowledged`);
      const byNumber = Map.groupBy(receipts, ({ number }) => number);
      requireNumbers(eventId, [...byNumber.keys()]);
      delivered++;
      duplicates += receipts.length - byNumber.size;
      interrupted += receipts.filter(({ answer }) => answer === undefined).length;
    }
  }
  for (const { eventId, eventType, acknowledgedMs } of acknowledged) {
    for (const index of takersOf(eventType)) {
      longestWaitMs = Math.max(longestWaitMs, targets.receipts(index).get(eventId)![0]!.receivedMs - acknowledgedMs);
    }
  }
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
  const lines = [
    `${faults.kills} workers killed, ${faults.apiKills} API processes killed, ${faults.crashes} PostgreSQL crashes in ${seconds(tookMs)}`,
    `events acknowledged: ${acknowledged.length}; answered SERVICE_UNAVAILABLE ${tries.unavailable} times, ` +
      `unanswered ${tries.unanswered} times, and then published again under the same key`,
    `deliveries received: ${delivered}, lost: 0; duplicates: ${duplicates}, all with the same event id and attempt number`,
    `requests interrupted: ${interrupted}; longest from a crash to the next claim: ${seconds(longestRedeliveryMs)}, ` +
      `${seconds(Math.max(heldMs, longestRedeliveryMs))} where the target had no room`,
    `claims of one delivery: ${claims} at most; longest from the acknowledgement to the first request: ${seconds(longestWaitMs)}`,
  ];
  if (longestRedeliveryMs > REDELIVERED_WITHIN_MS) throw new Error(`A redelivery took too long:\n${lines.join('\n')}`);
  return { acknowledged: acknowledged.length, delivered, duplicates, longestRedeliveryMs, lines };
}

/** An attempt has the next number only after one that was refused. */
function requireNumbers(eventId: string, numbers: readonly number[]): void {
  const expected = isRefusedFirst(eventId) ? '1,2' : '1';
  const seen = numbers.toSorted().join();
  if (seen !== expected) throw new Error(`Event ${eventId}: expected the attempts ${expected}, saw ${seen}`);
}

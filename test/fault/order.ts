/**
 * The promise of order, under faults: for each target and ordering key, the first successes come in the order in which
 * eventPublished shows the events of that key, and none is missing.
 */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { createRandom } from '../support/changes.ts';
import { follow, watchSocket } from './event-stream.ts';
import { within } from './stage/check.ts';
import { startCluster, type Cluster } from './stage/cluster.ts';
import { startOrderPublishers, type OrderPublishers } from './stage/order-publishers.ts';
import { openOrderTargets, type Manner, type OrderTargets } from './stage/order-targets.ts';
import { startApi, type ApiProcess } from './stage/service.ts';
import { clearLater } from './stage/stage.ts';
import type { Print } from './stream.ts';

export type OrderSize = { readonly events: number; readonly keys: number; readonly publishers: number };

const ROLES = ['api', 'api,worker', 'worker', 'worker', 'worker', 'worker'];
const API_PROCESSES = 2;
const CRASHES = 5;
/** One kill in four is of an API process. */
const API_EVERY = 4;
const BETWEEN_MS = [2_000, 5_000] as const;
const TIMEOUT_MS = 1_000;
const PER_SECOND = 200;
const DRAINED_WITHIN_MS = 300_000;
const TYPES = ['user.created', 'user.updated'];
const LAST_TYPE = 'transaction.auto.updated';

/** What each target wants, and of which types. The last one takes one event at a time. */
const SCENE = [
  { ordering: 'KEY', types: TYPES },
  { ordering: 'KEY', types: TYPES },
  { ordering: 'TARGET', types: ['user.deleted'] },
] as const;

/** The first target is quick. The second refuses, hangs and answers late, at first. The third refuses now and then. */
function mannerOf(random: () => number): (index: number, eventId: string, attempt: number) => Manner {
  const shares = [0, 0.2, 0.02];
  return (index, _, attempt) => {
    const isBad = attempt <= 2 && random() < shares[index]!;
    if (!isBad) return { status: 200, afterMs: 20 * random() ** 2 };
    const kind = random();
    if (index === 2 || kind < 0.6) return { status: 500, afterMs: 5 };
    return kind < 0.8 ? 'hang' : { status: 200, afterMs: 1.5 * TIMEOUT_MS };
  };
}

const CREATE = `mutation ($url: String!, $types: [String!]!, $ordering: DeliveryOrdering!) {
  createWebhookTarget(input: { url: $url, eventTypes: $types, ordering: $ordering }) {
    target { id } userErrors { message }
  }
}`;

/** The same with targets that ask for no order must break the promise: so the suite can see it broken. */
export async function controlOrder(print: Print, size: OrderSize): Promise<void> {
  try {
    await testOrder(print, size, false);
  } catch (error) {
    if (error instanceof OutOfOrder) return;
    throw error;
  }
  throw new Error('Without an ordering every event came in order: the suite sees nothing');
}

class OutOfOrder extends Error {}

export async function testOrder(print: Print, size: OrderSize, isOrdered = true): Promise<void> {
  await using stack = new AsyncDisposableStack();
  clearLater(stack);
  const random = createRandom(1);
  const targets = stack.use(
    await openOrderTargets({ count: SCENE.length, mannerOf: mannerOf(random), timeoutMs: TIMEOUT_MS }),
  );
  const cluster = stack.use(await startCluster());
  const processes: ApiProcess[] = [];
  const settings = { RETRY_SCHEDULE: '1s', ATTEMPT_TIMEOUT: `${TIMEOUT_MS / 1_000}s` };
  for (const roles of ROLES)
    processes.push(stack.use(await startApi(cluster.databaseUrl, { ...settings, ROLES: roles })));
  const api = <T>(query: string, variables = {}) => processes[0]!.current().api<T>(query, variables);
  for (const [index, { ordering, types }] of SCENE.entries()) {
    await api(CREATE, { url: targets.url(index), types, ordering: isOrdered ? ordering : 'NONE' });
  }
  const { eventStreamCursor: cursor } = await api<{ eventStreamCursor: string }>('{ eventStreamCursor }');
  const origins = processes.slice(0, API_PROCESSES).map(({ origin }) => origin);
  const subscriber = follow('the subscriber', watchSocket, { origins, cursor }, 500);
  const startedMs = performance.now();
  const types = [...TYPES, ...TYPES, ...TYPES, ...TYPES, 'user.deleted'];
  const publishers = startOrderPublishers({ origins, ...size, types, everyMs: 1_000 / PER_SECOND, random });
  const breaking = breakThings({
    cluster,
    processes,
    random,
    crashes: Math.min(CRASHES, Math.ceil(size.events / 1_000)),
  });
  await within(600_000, publishers.finished, () => `${publishers.events.size} of ${size.events} events are published`);
  const broken = await breaking.stop();
  await api(`mutation { publishEvent(input: { eventType: "${LAST_TYPE}", data: {} }) { userErrors { message } } }`);
  await within(60_000, subscriber.finished, () => `the subscriber saw ${subscriber.seen.length} events`);
  await drained(cluster);
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  const { workers, apis, crashes } = broken;
  print(`${workers} workers killed, ${apis} API processes killed, ${crashes} restarts of PostgreSQL in ${seconds} s`);
  describe(print, size, publishers, targets);
  requireOrder(print, { shown: subscriber.seen, publishers, targets });
  const lost = [...broken.lost, ...processes.flatMap(headsLost)];
  print(`chains that lost their head: ${lost.length}`);
  if (lost.length > 0) throw new Error(`Expected no chain without a head, found ${JSON.stringify(lost)}`);
}

function describe(print: Print, { keys }: OrderSize, { events, counts }: OrderPublishers, targets: OrderTargets): void {
  const { batches, refused, doubled, unavailable, unanswered } = counts;
  print(
    `${events.size} events of ${keys} keys in ${batches} batches; ${refused} more were refused whole, ${doubled} were ` +
      `published twice at once; ${unavailable} publishes unavailable, ${unanswered} unanswered, and repeated`,
  );
  const { refused: answered500, hung, late } = targets.failures;
  print(`${targets.requests} requests: ${answered500} answered 500, ${hung} hung, ${late} answered too late`);
}

type Seen = { readonly shown: readonly string[]; readonly publishers: OrderPublishers; readonly targets: OrderTargets };

/** Compares, for each chain, what was accepted with what was shown. */
function requireOrder(print: Print, { shown, publishers: { events }, targets }: Seen): void {
  const known = shown.flatMap((id) => events.get(id) ?? []);
  if (known.length !== events.size || new Set(shown).size !== shown.length) {
    throw new Error(`${events.size} events were acknowledged, and ${known.length} of them shown`);
  }
  for (const [index, { ordering, types }] of SCENE.entries()) {
    const wanted = known.filter(({ type }) => (types as readonly string[]).includes(type));
    const chainOf = (id: string) => (ordering === 'KEY' ? events.get(id)!.key : '');
    const expected = Map.groupBy(
      wanted.map(({ id }) => id),
      chainOf,
    );
    const strangers = targets.accepted(index).filter((id) => !events.has(id));
    if (strangers.length > 0) throw new Error(`Target ${index} got ${strangers.length} events that nobody published`);
    const accepted = Map.groupBy(targets.accepted(index), chainOf);
    let [missing, overtaken] = [0, 0];
    for (const [chain, ids] of expected) {
      const found = accepted.get(chain) ?? [];
      const places = new Map(ids.map((id, place) => [id, place]));
      missing += ids.length - found.length;
      for (let nth = 1; nth < found.length; nth++)
        if (places.get(found[nth]!)! < places.get(found[nth - 1]!)!) overtaken++;
    }
    const longest = Math.max(...[...expected.values()].map(({ length }) => length));
    print(
      `target ${index} (${ordering}): ${wanted.length} first successes in ${expected.size} chains, the longest of ${longest}; ` +
        `${missing} missing, ${overtaken} overtaken`,
    );
    if (missing !== 0) throw new Error(`Target ${index} lacks ${missing} events`);
    if (overtaken !== 0) throw new OutOfOrder(`Target ${index} was not served in order`);
  }
}

async function drained({ databaseUrl }: Cluster): Promise<void> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  const count = async (rows: string) =>
    Number((await pool.query<{ count: string }>(`select count(*) from ${rows}`)).rows[0]!.count);
  try {
    const open = `deliveries where status in ('PENDING', 'RETRYING')`;
    for (const endMs = performance.now() + DRAINED_WITHIN_MS; await count(open); await delay(500)) {
      if (performance.now() > endMs) throw new Error(`${await count(open)} deliveries are not settled`);
    }
    const left = await count('ordered_deliveries');
    const failed = await count(`deliveries where status <> 'DELIVERED'`);
    if (left + failed > 0) throw new Error(`${left} deliveries are still in chains, ${failed} are not DELIVERED`);
  } finally {
    await pool.end();
  }
}

const headsLost = (process: ApiProcess) => process.current().logs.filter(({ msg }) => msg === 'order.head_lost');

type Scene = {
  readonly cluster: Cluster;
  readonly processes: readonly ApiProcess[];
  readonly random: () => number;
  readonly crashes: number;
};

/** Kills a process every 2 to 5 seconds, and restarts PostgreSQL in between, until it is told to stop. */
function breakThings({ cluster, processes, random, crashes: wanted }: Scene) {
  const broken = { workers: 0, apis: 0, crashes: 0, lost: [] as object[] };
  const starting = new Map<ApiProcess, Promise<void>>();
  const groups = [processes.slice(0, API_PROCESSES), processes.slice(API_PROCESSES)];
  let isOver = false;
  const kill = async (of: readonly ApiProcess[]) => {
    const running = () => of.filter((process) => !starting.has(process));
    while (running().length < 2) await Promise.race(starting.values()); // Never the last one: that would be an outage.
    const victim = running()[Math.floor(random() * running().length)]!;
    broken.lost.push(...headsLost(victim));
    starting.set(
      victim,
      restart(victim).finally(() => starting.delete(victim)),
    );
  };
  const run = async () => {
    for (let nth = 0; !isOver || broken.crashes < wanted; nth++) {
      await delay(BETWEEN_MS[0] + random() * (BETWEEN_MS[1] - BETWEEN_MS[0]));
      const isApi = nth % API_EVERY === API_EVERY - 1;
      await kill(groups[isApi ? 0 : 1]!);
      if (isApi) broken.apis++;
      else broken.workers++;
      if (nth % 5 === 2 && broken.crashes < wanted) {
        broken.crashes++;
        await cluster.crash();
      }
    }
    await Promise.all(starting.values());
  };
  const running = run();
  return {
    async stop() {
      isOver = true;
      await running;
      return broken;
    },
  };
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

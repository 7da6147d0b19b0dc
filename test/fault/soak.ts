/**
 * Mixed load for half an hour, about 2,000 requests a second: healthy, slow, failing and resetting targets, targets and API keys
 * that come and go, six subscribers with a full selection that come and go, and lists. Nothing may fail, and nothing may grow.
 */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { forkProcess } from '../support/processes/start.ts';
import { callApi } from '../support/service.ts';
import type { SoakCounts } from './processes/soak-receivers.ts';
import type { SoakWatched } from './processes/soak-watchers.ts';
import { startLoad, type Load } from './soak/load.ts';
import { startSoakService, type SoakService } from './soak/service.ts';
import { within } from './stage/check.ts';
import { startCluster } from './stage/cluster.ts';
import { clearLater } from './stage/stage.ts';
import type { Print } from './stream.ts';

/**
 * Of each event. 1,650 requests a second are due as first attempts, 330 as retries, 17 for targets that pass by. In a full process the
 * narrow lanes of the targets that fail and reset make fewer of theirs.
 */
const TARGETS = { ok: 12, slow: 4, fail: 2, reset: 2 };
const KINDS = Object.entries(TARGETS).flatMap(([kind, count]) => Array<string>(count).fill(kind));
const EVENTS_PER_SECOND = 84;
const TYPES = { steady: 'user.created', passing: 'user.updated' };
const RETRIES = { RETRY_SCHEDULE: '30s', MAX_ATTEMPTS: '2' };

const MOST_BYTES = 250_000_000;
/** Caches and lanes fill up, statistics are made, and the heap finds its size. */
const SETTLING_MINUTES = 5;
/** Of memory, over the minutes after that. A slope over fewer of them is noise. */
const MOST_GROWTH_BYTES_A_MINUTE = 300_000;
const LEAST_MINUTES = 10;
/** More than at the end of the first minutes: a few connections come and go. */
const MOST_MORE = { descriptors: 40, backends: 1 };
const SAMPLE_MS = 2_000;
const DRAIN_MS = 60_000;
const LONGEST_DRAIN_MS = 600_000;

export async function testSoak(print: Print, minutes: number): Promise<void> {
  await using stack = new AsyncDisposableStack();
  clearLater(stack);
  const receivers = await startReceivers(stack);
  const { directUrl: databaseUrl } = stack.use(await startCluster());
  const service = stack.use(await startSoakService({ DATABASE_URL: databaseUrl, ...RETRIES }));
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  pool.on('error', () => {});
  stack.defer(() => pool.end());
  const [passingBy, ...staying] = receivers.origins;
  for (const [nth, kind] of KINDS.entries()) {
    const input = { url: `${staying[nth]}/${kind}/${nth}`, eventTypes: [TYPES.steady] };
    await callApi(`${service.origin}/graphql`, CREATE_TARGET, { input });
  }
  const load = startLoad({
    origin: service.origin,
    url: `${passingBy}/ok/passing`,
    eventsPerSecond: EVENTS_PER_SECOND,
    eventTypes: TYPES,
  });
  const watchers = startWatchers(stack, service.origin);
  const watched = { service, load, pool, receivers, watchers };
  const seen: Minute[] = [];
  for (let nth = 1; nth <= minutes; nth++) {
    seen.push(await Promise.race([watchMinute(watched), service.ended]));
    print(`minute ${nth}: ${describe(seen.at(-1)!, watched)}`);
  }
  await within(DRAIN_MS, load.stop(), () => 'answers to what was asked last');
  const { complaints } = await within(DRAIN_MS, watchers.stop(), () => 'the end of the subscribers');
  const drained = await drain(watched);
  judge(seen, watched, { ...drained, complaints: [...load.complaints, ...complaints] }, print);
}

const CREATE_TARGET = `mutation ($input: CreateWebhookTargetInput!) {
  createWebhookTarget(input: $input) { target { id } userErrors { message } }
}`;
const BACKENDS = `select count(*)::int as backends from pg_stat_activity where backend_type = 'client backend'`;

/** Its first origin is for the targets that pass by. */
type Receivers = { readonly origins: readonly string[]; counts(): Promise<SoakCounts> };
type Watchers = { report(): Promise<SoakWatched>; stop(): Promise<SoakWatched> };
type Watched = {
  readonly service: SoakService;
  readonly load: Load;
  readonly pool: pg.Pool;
  readonly receivers: Receivers;
  readonly watchers: Watchers;
};
type Minute = {
  readonly perSecond: number;
  /** Resident, of all samples of the minute. */
  readonly leastBytes: number;
  readonly mostBytes: number;
  readonly descriptors: number;
  readonly backends: number;
  readonly watchers: SoakWatched;
};

const sum = ({ ok, slow, fail, reset }: SoakCounts): number => ok + slow + fail + reset;

async function watchMinute({ service, pool, receivers, watchers }: Watched): Promise<Minute> {
  const startedMs = performance.now();
  const before = sum(await receivers.counts());
  const samples: number[] = [];
  while (performance.now() < startedMs + 60_000) {
    samples.push(await service.residentBytes());
    await delay(SAMPLE_MS);
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  return {
    perSecond: (sum(await receivers.counts()) - before) / seconds,
    leastBytes: Math.min(...samples),
    mostBytes: Math.max(...samples),
    descriptors: await service.descriptors(),
    backends: (await pool.query(BACKENDS)).rows[0].backends,
    watchers: await watchers.report(),
  };
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);

function describe(minute: Minute, { service, load }: Watched) {
  const { perSecond, leastBytes, mostBytes, descriptors, backends, watchers } = minute;
  const complaints = load.complaints.length + watchers.complaints.length;
  return (
    `${load.published()} events, ${perSecond.toFixed(0)} requests/s, ${megabytes(leastBytes)} to ${megabytes(mostBytes)} MB, ` +
    `${descriptors} descriptors, ${backends} backends, ${watchers.seen} changes seen, ${watchers.comebacks} times too slow, ` +
    `${service.errors.length} errors, ${service.warnings.length} warnings, ${complaints} complaints`
  );
}

type Drained = { readonly missing: number; readonly tookMs: number };

/** Waits until all deliveries to targets that answer have arrived, or none has for a minute: so that a late one is told from a lost one. */
async function drain({ load, receivers }: Watched): Promise<Drained> {
  const expected = load.published() * TARGETS.ok;
  const startedMs = performance.now();
  let arrivedMs = startedMs;
  let missing = Infinity;
  while (missing > 0 && performance.now() < Math.min(arrivedMs + DRAIN_MS, startedMs + LONGEST_DRAIN_MS)) {
    const left = expected - (await receivers.counts()).ok;
    if (left < missing) arrivedMs = performance.now();
    missing = Math.max(0, left);
    if (missing > 0) await delay(200);
  }
  return { missing, tookMs: arrivedMs - startedMs };
}

type Outcome = Drained & { readonly complaints: readonly string[] };

function judge(seen: readonly Minute[], { service }: Watched, outcome: Outcome, print: Print): void {
  const { missing, tookMs, complaints } = outcome;
  const faults: string[] = [];
  const require = (isSo: boolean, fault: string) => isSo || faults.push(fault);
  const most = Math.max(...seen.map(({ mostBytes }) => mostBytes));
  const settled = seen.slice(SETTLING_MINUTES);
  const growth = slope(settled.map(({ leastBytes }) => leastBytes));
  const canTell = settled.length >= LEAST_MINUTES;
  print(`memory: at most ${megabytes(most)} MB of ${megabytes(MOST_BYTES)}`);
  print(
    canTell
      ? `growth after minute ${SETTLING_MINUTES}: ${(growth / 1e3).toFixed(0)} KB a minute of at most ${MOST_GROWTH_BYTES_A_MINUTE / 1e3}`
      : `growth is not judged: that takes ${SETTLING_MINUTES + LEAST_MINUTES} minutes`,
  );
  require(most <= MOST_BYTES, `memory: at most ${megabytes(MOST_BYTES)} MB, got ${megabytes(most)}`);
  require(!canTell || growth <= MOST_GROWTH_BYTES_A_MINUTE, `memory grows by ${(growth / 1e3).toFixed(0)} KB a minute`);
  for (const what of ['descriptors', 'backends'] as const) {
    const early = Math.max(...seen.slice(0, SETTLING_MINUTES).map((minute) => minute[what]));
    const last = seen.at(-1)![what];
    require(last <= early + MOST_MORE[what], `${what}: at most ${early} + ${MOST_MORE[what]}, got ${last}`);
  }
  const wrong = [...service.errors, ...complaints];
  require(wrong.length === 0, `${wrong.length} errors, the first of them:\n${wrong.slice(0, 5).join('\n')}`);
  print(`the last delivery to a healthy target came ${(tookMs / 1_000).toFixed(0)} s after the end of the load`);
  require(missing === 0, `${missing} deliveries to healthy targets are lost, or none has come for a minute`);
  require(tookMs <=
    DRAIN_MS, `deliveries to healthy targets came up to ${(tookMs / 1_000).toFixed(0)} s after the end of the load`);
  for (const warning of service.warnings.slice(0, 3)) print(`warning: ${warning.slice(0, 300)}`);
  if (faults.length > 0) throw new Error(faults.join('; '));
}

/** Of the line through the values with the least squares, for each step. */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const spread = values.reduce((total, _, index) => total + (index - middle) ** 2, 0);
  return values.reduce((total, value, index) => total + (index - middle) * value, 0) / spread;
}

async function startReceivers(stack: AsyncDisposableStack): Promise<Receivers> {
  const count = String(1 + KINDS.length);
  const child = forkProcess(new URL('./processes/soak-receivers.ts', import.meta.url), [count], { stdio: 'inherit' });
  stack.defer(() => void child.kill('SIGKILL'));
  const hear = () => once(child, 'message').then(([message]) => message);
  const { origins } = await hear();
  return { origins, counts: () => (child.send('counts'), hear()) };
}

function startWatchers(stack: AsyncDisposableStack, origin: string): Watchers {
  const child = forkProcess(new URL('./processes/soak-watchers.ts', import.meta.url), [origin], { stdio: 'inherit' });
  stack.defer(() => void child.kill('SIGKILL'));
  const ask = (what: 'report' | 'stop') => (child.send(what), once(child, 'message').then(([message]) => message));
  return { report: () => ask('report'), stop: () => ask('stop') };
}

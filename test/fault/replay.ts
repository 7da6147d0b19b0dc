/**
 * The promise of a replay: each event of its range exactly once more, at the rate that was asked for, whatever is killed, and
 * behind everything fresh.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { createRandom } from '../support/changes.ts';
import { percentile, within } from './stage/check.ts';
import { describeMs, mostIn10Seconds, RATE, setReplay, type ReplayStage, type Sample } from './stage/replay-stage.ts';
import type { ApiProcess } from './stage/service.ts';
import { clearLater } from './stage/stage.ts';
import type { Print } from './stream.ts';

const KILLS = 20;
const CRASHES = 3;
/** One kill in four is of an API process. */
const API_EVERY = 4;
const TOLERANCE = 0.05;
/** As long with the replay as without it: of 200 events the third slowest is the p99, and that is chance. */
const STEADY_MS = 60_000;
const IDLE_MS = STEADY_MS;
/** The replay begins, and its target's lane grows, before anything is measured. */
const WARM_UP_MS = 3_000;
const MOST_SLOWER = 1.5;
const SETTLED_WITHIN_MS = 60_000;

const PARTS: Readonly<Record<string, (print: Print, events: number) => Promise<void>>> = {
  steady: replayUndisturbed,
  faults: replayThroughFaults,
};

/** `only`: the parts to run; all by default. `events`: how many are replayed through the faults. */
export async function testReplay(print: Print, only: readonly string[], events: number): Promise<void> {
  for (const [name, run] of Object.entries(PARTS)) {
    if (only.length === 0 || only.includes(name)) await run(print, events);
  }
}

async function replayUndisturbed(print: Print): Promise<void> {
  await using stack = new AsyncDisposableStack();
  clearLater(stack);
  const events = ((STEADY_MS + 2 * WARM_UP_MS) / 1_000) * RATE;
  const stage = await setReplay(stack, { events, roles: ['api,worker'] });
  await stage.publishFresh(WARM_UP_MS);
  const idle = await stage.publishFresh(IDLE_MS);
  const replayId = await stage.begin();
  const watching = stage.watch(replayId);
  await delay(WARM_UP_MS);
  const beside = await stage.publishFresh(STEADY_MS);
  const samples = await within(60_000, watching, () => 'the replay is not over');
  const rate = rateOver(samples, STEADY_MS, WARM_UP_MS);
  const most = mostIn10Seconds(samples) / 10;
  print(
    `undisturbed: ${rate.toFixed(1)} a second over 60 s, at most ${most.toFixed(1)} in any 10 s; asked for ${RATE}`,
  );
  const slower = percentile(beside, 0.99) / percentile(idle, 0.99);
  print(
    `fresh deliveries idle: ${describeMs(idle)}; beside the replay: ${describeMs(beside)}, ${slower.toFixed(2)} times`,
  );
  requireCounts(await inspect(stage, replayId, events), events);
  if (Math.abs(rate / RATE - 1) > TOLERANCE) throw new Error(`Expected ${RATE} a second within 5 %, got ${rate}`);
  requireMost(most);
  if (slower > MOST_SLOWER) throw new Error(`Expected a p99 of at most ${MOST_SLOWER} times idle, got ${slower}`);
}

/** What was committed in a second, on average over a time that begins `fromMs` after the first sample. */
function rateOver(samples: readonly Sample[], forMs: number, fromMs: number): number {
  const startMs = samples[0]!.atMs + fromMs;
  const part = samples.filter(({ atMs, status }) => atMs >= startMs && atMs <= startMs + forMs && status === 'RUNNING');
  const [first, last] = [part[0]!, part.at(-1)!];
  return ((last.count - first.count) * 1_000) / (last.atMs - first.atMs);
}

async function replayThroughFaults(print: Print, events: number): Promise<void> {
  await using stack = new AsyncDisposableStack();
  clearLater(stack);
  const roles = ['api', 'api', 'worker', 'worker', 'worker'];
  const stage = await setReplay(stack, { events, roles });
  const startedMs = performance.now();
  const replayId = await stage.begin();
  const plannedMs = (events / RATE) * 1_000;
  const [samples] = await within(
    600_000,
    Promise.all([stage.watch(replayId), breakThings(stage, plannedMs)]),
    () => 'the replay is not over',
  );
  const tookMs = performance.now() - startedMs;
  const found = await inspect(stage, replayId, events);
  const most = mostIn10Seconds(samples) / 10;
  print(`${KILLS} processes killed, ${CRASHES} crashes of PostgreSQL in ${(tookMs / 1_000).toFixed(1)} s`);
  print(
    `${events} events in the range: ${found.once} with exactly one delivery more, ${found.delivered} delivered; ` +
      `counted ${found.replayed} replayed, ${found.skipped} skipped; requests repeated: ${found.repeated}`,
  );
  print(`at most ${most.toFixed(1)} a second in any 10 s; asked for ${RATE}`);
  requireCounts(found, events);
  requireMost(most);
}

function requireMost(most: number): void {
  if (most > RATE * (1 + TOLERANCE)) throw new Error(`Expected at most ${RATE} a second and 5 %, got ${most}`);
}

/** Kills a process again and again while the replay should run, and between these kills crashes PostgreSQL. */
async function breakThings({ cluster, processes }: ReplayStage, plannedMs: number): Promise<void> {
  const random = createRandom(1);
  const [apis, workers] = [processes.slice(0, 2), processes.slice(2)];
  const starting = new Map<ApiProcess, Promise<void>>();
  const kill = async (of: readonly ApiProcess[]) => {
    const running = () => of.filter((process) => !starting.has(process));
    while (running().length < 2) await Promise.race(starting.values()); // Never the last one: that would be an outage.
    const victim = running()[Math.floor(random() * running().length)]!;
    starting.set(
      victim,
      restart(victim).finally(() => starting.delete(victim)),
    );
  };
  let crashing = Promise.resolve();
  for (let nth = 0; nth < KILLS; nth++) {
    await delay((plannedMs / KILLS) * (0.5 + random()));
    await kill(nth % API_EVERY === API_EVERY - 1 ? apis : workers);
    if (nth % Math.floor(KILLS / CRASHES) === 3) crashing = crashing.then(() => cluster.crash());
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

type Found = {
  /** Events with exactly one delivery that the replay made. */
  readonly once: number;
  readonly delivered: number;
  readonly status: string;
  readonly replayed: number;
  readonly skipped: number;
  readonly listed: number;
  /** Requests beyond one for each delivery: those that a kill interrupted. */
  readonly repeated: number;
};

async function inspect({ rows, targets }: ReplayStage, replayId: string, events: number): Promise<Found> {
  const open = `select from deliveries where status in ('PENDING', 'RETRYING') limit 1`;
  for (const endMs = performance.now() + SETTLED_WITHIN_MS; (await rows(open)).length > 0; await delay(200)) {
    if (performance.now() > endMs) throw new Error('Not every delivery is settled');
  }
  const [found] = await rows<Omit<Found, 'repeated'>>(INSPECT, [replayId]);
  const requests = [...targets.receipts(0).values()].reduce((sum, receipts) => sum + receipts.length, 0);
  return { ...found!, repeated: requests - events };
}

const INSPECT = `
  select r.status, r.replayed_count as replayed, r.skipped_count as skipped,
    (select count(*)::int from replay_deliveries where replay_id = r.id) as listed,
    (select count(*)::int from deliveries where replay_id = r.id and status = 'DELIVERED') as delivered,
    (select count(*)::int from (
      select from deliveries where replay_id = r.id group by event_id having count(*) = 1) as single) as once
  from replays r where r.id = $1`;

function requireCounts({ status, once, delivered, replayed, skipped, listed, repeated }: Found, events: number): void {
  const seen = JSON.stringify({ status, once, delivered, replayed, skipped, listed });
  const expected = {
    status: 'COMPLETED',
    once: events,
    delivered: events,
    replayed: events,
    skipped: 0,
    listed: events,
  };
  if (seen !== JSON.stringify(expected)) throw new Error(`Expected ${JSON.stringify(expected)}, found ${seen}`);
  if (repeated < 0) throw new Error(`${-repeated} events were not received`);
}

/**
 * The promise of the live streams, under load and under faults: every subscriber sees exactly the history of the table, in
 * its order, nothing twice. That of events is in event-stream.ts.
 */
import { tableHistory } from '../support/changes.ts';
import { followEvents } from './event-stream.ts';
import { percentile, requireHistory, within } from './stage/check.ts';
import { setStage, type Stage } from './stage/stage.ts';
import { startSubscribers } from './stage/subscribers.ts';
import { startWriters, type Writers } from './stage/writers.ts';

export type Print = (line: string) => void;

export type Faults = {
  /** Of all connections for LISTEN at once. */
  readonly terminations: number;
  /** SIGKILL of an API process, and its start. */
  readonly kills: number;
  /** PostgreSQL is stopped at once, and recovers. */
  readonly crashes: number;
};

const WRITERS = 4;
const EVENT_FAULTS: Faults = { terminations: 20, kills: 6, crashes: 2 };
const NO_FAULTS: Faults = { terminations: 0, kills: 0, crashes: 0 };

export async function testStream(print: Print): Promise<void> {
  await using stage = await setStage();
  const calm = await followHistory(stage, { changes: 20_000, timeoutMs: 120_000 });
  calm.lines.forEach(print);
  const faults = { terminations: 100, kills: 5, crashes: 2 };
  const broken = await followHistory(stage, { changes: 20_000, faults, timeoutMs: 240_000 });
  broken.lines.forEach(print);
  const followed = await followEvents(stage, { events: 10_000, faults: EVENT_FAULTS, timeoutMs: 120_000 });
  followed.lines.forEach(print);
  await measureWithoutListen(stage, print);
}

type Options = {
  readonly changes: number;
  readonly faults?: Faults;
  readonly timeoutMs: number;
};

export type Report = {
  /** In the history of the table. */
  readonly changes: number;
  /** Changes that each subscriber saw. */
  readonly seen: readonly number[];
  readonly broken: Faults;
  readonly lines: readonly string[];
};

/** Writes, breaks what it is told to break meanwhile, and compares what four subscribers saw with the table. */
export async function followHistory(
  stage: Stage,
  { changes, faults = NO_FAULTS, timeoutMs }: Options,
): Promise<Report> {
  const startedMs = performance.now();
  const { scene, cluster, processes, pool, placeOf } = stage;
  const start = await stage.cursor();
  const lastId = await stage.newDelivery();
  const origins = processes.map(({ origin }) => origin);
  const subscribers = startSubscribers({ origins, cursor: start, lastId, placeOf, stayFor: 500 });
  const { databaseUrl } = cluster;
  const writers = startWriters({ databaseUrl, scene, writers: WRITERS, changes, onCommit: stage.ring });

  const play = async () => {
    const counts = await breakThings(stage, writers, changes, faults);
    await writers.finished;
    await stage.record(lastId);
    await Promise.all(subscribers.map(({ finished }) => finished));
    return counts;
  };
  const describe = () => subscribers.map(({ name, seen }) => `${name} saw ${seen.length}`).join(', ');
  const { broken, listenersEnded } = await within(timeoutMs, play(), describe);

  const all = await tableHistory({ pool });
  const history = all.slice(all.indexOf(placeOf(start)) + 1);
  for (const { name, seen } of subscribers) requireHistory(name, seen, history);
  const { rolledBack, failed, held } = writers.transactions;
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  return {
    changes: history.length,
    seen: subscribers.map(({ seen }) => seen.length),
    broken,
    lines: [
      `${history.length} changes by ${WRITERS} writers in ${seconds} s`,
      `transactions held open ${held}, rolled back ${rolledBack}, lost to PostgreSQL ${failed}`,
      `LISTEN terminated ${broken.terminations} times (${listenersEnded} connections), ${broken.kills} processes killed, ` +
        `${broken.crashes} crashes of PostgreSQL`,
      ...subscribers.map(({ name, seen }) => `${name}: saw all ${seen.length} in order, none twice`),
    ],
  };
}

/** One fault after another, spread over the writing: the writers may go on only so far before the next. */
export async function breakThings(
  { cluster, processes, ...stage }: Stage,
  writers: Pick<Writers, 'allowed' | 'acknowledged'>,
  changes: number,
  faults: Faults,
) {
  const plan = planOf(faults);
  const broken = { terminations: 0, kills: 0, crashes: 0 };
  let listenersEnded = 0;
  const share = changes / (plan.length + 1);
  for (const [index, fault] of plan.entries()) {
    writers.allowed.add(share);
    await writers.acknowledged.reached(Math.floor(index * share));
    if (fault === 'crashes') await cluster.crash();
    if (fault === 'kills') await processes[broken.kills % processes.length]!.restart();
    if (fault === 'terminations') listenersEnded += await stage.terminateListeners();
    broken[fault]++;
  }
  writers.allowed.add(Infinity);
  return { broken, listenersEnded };
}

/** Kills and crashes at even distances between the terminations. */
function planOf({ terminations, kills, crashes }: Faults): (keyof Faults)[] {
  const place = (fault: keyof Faults, count: number) =>
    Array.from({ length: count }, (_, nth) => ({ fault, at: (nth + 0.5) / count }));
  const all = [...place('terminations', terminations), ...place('kills', kills), ...place('crashes', crashes)];
  return all.sort((a, b) => a.at - b.at).map(({ fault }) => fault);
}

const CHANGES_WITHOUT_LISTEN = 40;
const POLLED_WITHIN_MS = 1_000;

/** How long a change takes to its subscribers when no process can be woken. */
async function measureWithoutListen(stage: Stage, print: Print): Promise<void> {
  stage.cluster.blockListen();
  const delaysMs: number[] = [];
  for (let nth = 0; nth < CHANGES_WITHOUT_LISTEN; nth++) {
    const lastId = await stage.newDelivery();
    const origins = stage.processes.map(({ origin }) => origin);
    const subscribers = startSubscribers({
      origins,
      cursor: await stage.cursor(),
      lastId,
      placeOf: stage.placeOf,
      stayFor: 500,
    });
    // Not in step with the polls: a change every so often, at another moment of their interval each time.
    await new Promise((resolve) => setTimeout(resolve, 100 + nth * 13));
    await stage.record(lastId);
    const committedMs = performance.now();
    const seen = subscribers.map(({ finished }) =>
      finished.then(() => void delaysMs.push(performance.now() - committedMs)),
    );
    await within(10_000, Promise.all(seen), () => `change ${nth} without LISTEN`);
  }
  const [median, slowest] = [percentile(delaysMs, 0.5), percentile(delaysMs, 1)].map(Math.round);
  print(`LISTEN blocked: a change is seen after ${median} ms (median), ${slowest} ms at most`);
  if (slowest! > POLLED_WITHIN_MS) throw new Error(`Without LISTEN a change took ${slowest} ms`);
}

/** A target that allows 10 requests a second, three worker processes, and kill -9 of the worker that sends to it. */
import { atMost, type Line, type Row } from '../line.ts';
import type { Service } from '../service.ts';
import { sharedMs } from '../statistics.ts';
import { createTargets, eventTypeNames } from '../targets.ts';

const NAME = 'limits over three workers';
const RATE = 10;
const SECOND_MS = 1_000;
/** Longer than the run takes at the rate. */
const BACKLOG = 400;
const WARM_UP = 1_500;
/** For so long after the kill fewer may come. */
const MOST_TAKEOVER_MS = 10_000;

export const limits: Line = {
  name: NAME,
  budget: 'never more than 11 a second; at least 9, but for the 10 s after the kill',
  async run(stage, { isQuick }) {
    const measuredMs = isQuick ? 2_000 : 4_000;
    const api = await stage.startService({ ROLES: 'api' }, 'API process');
    const workers = await Promise.all(
      ['one', 'two', 'three'].map((name) => stage.startService({ ROLES: 'worker' }, `worker ${name}`)),
    );
    const [receiver, publisher] = await Promise.all([stage.startReceiver(1), stage.startPublisher()]);
    const [limited = '', free = ''] = await eventTypeNames(stage.pool, 2);
    await createTargets(api, [
      { url: receiver.url('ok/timed'), eventTypes: [limited], rateLimitPerSecond: RATE },
      { url: receiver.url('ok'), eventTypes: [free] },
    ]);
    const publish = (eventType: string, events: number) =>
      publisher.publish({ url: api.url, eventTypes: [eventType], perRequest: 100, connections: 4, events });
    // A process that sends its first requests is slow: they would come closer together than they were sent.
    const isWarm = receiver.ask({ type: 'expect', count: WARM_UP }, 'reached', 60_000);
    await publish(free, WARM_UP);
    await isWarm;
    const before = await Promise.all(workers.map(attempts));
    const arrivals = async () => {
      const { answers } = await receiver.ask({ type: 'report' }, 'report', 10_000);
      return answers.map(([, atMs]) => atMs);
    };
    const last = async () => (await arrivals()).at(-1) ?? -Infinity;

    await publish(limited, BACKLOG);
    await stage.until('the first request', 20_000, async () => (await last()) > 0);
    const startedMs = sharedMs();
    await stage.until('the rate is measured', 20_000, async () => (await last()) > startedMs + measuredMs);
    process.kill((await busiest(workers, before)).pid, 'SIGKILL');
    const killedMs = sharedMs();
    const goesOn = async () => (await arrivals()).find((atMs) => atMs > killedMs + SECOND_MS / RATE);
    await stage.until('another worker goes on', 60_000, async () => (await goesOn()) !== undefined);
    const resumedMs = (await goesOn())!;
    await stage.until('the rate is measured again', 20_000, async () => (await last()) > resumedMs + measuredMs);

    const all = await arrivals();
    const steady = [
      ...countsPerSecond(all, startedMs, killedMs),
      ...countsPerSecond(all, Math.min(resumedMs, killedMs + MOST_TAKEOVER_MS), all.at(-1)!),
    ];
    return judged(Math.max(...countsPerSecond(all, -Infinity, Infinity)), Math.min(...steady), resumedMs - killedMs);
  },
};

function judged(most: number, least: number, takeoverMs: number): Row[] {
  const unit = 'requests';
  return [
    atMost(RATE + 1, { line: `${NAME}, most in any second`, measured: most, unit }),
    { line: `${NAME}, fewest in any second`, measured: least, unit, budget: 'at least 9', isMet: least >= RATE - 1 },
    atMost(MOST_TAKEOVER_MS / 1_000, {
      line: `${NAME}, until another worker goes on`,
      measured: takeoverMs / 1_000,
      unit: 's',
      note: 'after kill -9 of the worker that sent',
    }),
  ];
}

/** For each arrival from `fromMs` on, how many came in the second that it begins, if that is over at `toMs`. */
function countsPerSecond(arrivals: readonly number[], fromMs: number, toMs: number): number[] {
  const begins = arrivals.filter((atMs) => atMs >= fromMs && atMs + SECOND_MS <= toMs);
  return begins.map((beginMs) => arrivals.filter((atMs) => atMs >= beginMs && atMs < beginMs + SECOND_MS).length);
}

/** The worker that has made most attempts since it had made as many as `before` says. */
async function busiest(workers: readonly Service[], before: readonly number[]): Promise<Service> {
  const counts = await Promise.all(workers.map(attempts));
  const made = counts.map((count, index) => count - before[index]!);
  return workers[made.indexOf(Math.max(...made))]!;
}

async function attempts(worker: Service): Promise<number> {
  const counts = (await worker.metrics()).matchAll(/^hookcast_attempts_total\{[^}]*\} (\d+)/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

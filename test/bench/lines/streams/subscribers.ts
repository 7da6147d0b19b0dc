/** 5,000 subscribers on one API process: what each costs, and when the last of them sees a change. */
import { setTimeout as pause } from 'node:timers/promises';
import { atMost, type Line, type LineOptions, type Row } from '../../line.ts';
import { percentile } from '../../statistics.ts';
import { createKeys, subscribe } from '../../subscribing.ts';
import type { Stage } from '../../stage.ts';
import { createTargets, eventTypeNames } from '../../targets.ts';
import { WATCH } from '../latency.ts';

const KB = 1_024;
const KEYS = 100;
/** For one subscriber with a socket of its own, and for the process that has all of them. */
const [BUDGET_KB, BUDGET_MB] = [16, 200];

type Memory = {
  readonly rss: number;
  readonly heapUsed: number;
  readonly heapTotal: number;
  readonly external: number;
};

async function measure(stage: Stage, { isQuick }: LineOptions, perSocket: number): Promise<Row[]> {
  const count = isQuick ? 1_000 : 5_000;
  // All keys are of one organization, and what its limits allow is not what is measured.
  const limits = { MAX_SOCKETS: String(count), MAX_STREAMS: String(count) };
  const api = await stage.startService({ ROLES: 'api', ...limits }, 'API process');
  const worker = await stage.startService({ ROLES: 'worker' }, 'worker process');
  const [receiver, publisher] = await Promise.all([stage.startReceiver(1), stage.startPublisher()]);
  const eventTypes = await eventTypeNames(stage.pool, 1);
  await createTargets(api, [{ url: receiver.url('ok/timed'), eventTypes }]);
  const apiKeys = await createKeys(api, KEYS);
  const load = { url: api.url, eventTypes, perRequest: 1, connections: 1 };

  // A few first: what the process needs once is not theirs.
  const first = await stage.startSubscribers();
  await subscribe(api, first, { apiKeys, sockets: 100, perSocket: 1, query: WATCH });
  await publisher.publish({ ...load, events: 200 });
  await pause(1_000);
  await first.end();
  await stage.until('the first subscribers are gone', 10_000, async () =>
    /hookcast_open_websockets 0\b/.test(await api.metrics()),
  );
  const before = await api.memory();

  const subscribers = await stage.startSubscribers();
  await subscribe(api, subscribers, { apiKeys, sockets: count / perSocket, perSocket, query: WATCH });
  const after = await api.memory();

  const events = isQuick ? 3 : 6;
  for (const child of [receiver, subscribers]) child.tell({ type: 'reset' });
  const reached = subscribers.ask({ type: 'expect', count: count * events }, 'reached', 120_000);
  await publisher.publish({ ...load, events, pauseMs: 1_000 });
  await reached;
  const busy = await api.memory();
  const { answers } = await receiver.ask({ type: 'report' }, 'report', 10_000);
  const { seen } = await subscribers.ask({ type: 'report' }, 'report', 30_000);
  const delaysMs = answers.flatMap(([eventId, answeredAt]) => (seen[eventId] ?? []).map((at) => at - answeredAt));
  await Promise.all([api, worker, subscribers].map((child) => child.end()));

  const each = (bytes: number) => bytes / count / KB;
  const what = `${count.toLocaleString('en')} subscribers, ${perSocket === 1 ? 'a socket each' : `${perSocket} on a socket`}`;
  const kb = (bytes: number) => each(bytes).toFixed(1);
  const memory = (when: string, { rss, heapUsed, heapTotal, external }: Memory): Row => {
    const heapBytes = heapUsed + external - before.heapUsed - before.external;
    const note = `resident ${kb(rss - before.rss)} KB, heap and buffers ${kb(heapBytes)} KB, heap with its free pages ${kb(heapTotal - before.heapTotal)} KB each`;
    // A process may hold free memory before they come: then only the heap says what they need.
    const measured = each(Math.max(rss - before.rss, heapBytes));
    return { line: `${what}, memory each ${when}`, measured, unit: 'KB', note };
  };
  const rows = [memory('when idle', after), memory(`after ${events} changes to all`, busy)];
  const process = { line: `${what}, memory of the process`, measured: busy.rss / 1_000_000, unit: 'MB' };
  const seenNote = `p50 ${percentile(delaysMs, 0.5).toFixed(0)} ms, the last ${percentile(delaysMs, 1).toFixed(0)} ms after the answer`;
  const seenAt = { line: `${what}, change seen p99`, measured: percentile(delaysMs, 0.99), unit: 'ms', note: seenNote };
  // One socket for each subscriber is what real ones have: the budget is judged on that.
  return perSocket === 1
    ? [...rows.map((row) => atMost(BUDGET_KB, row)), atMost(BUDGET_MB, process), atMost(1_000, seenAt)]
    : [...rows, process, seenAt];
}

export const subscribersOnSockets: Line = {
  name: '5,000 subscribers, a socket each',
  isLong: true,
  budget: `${BUDGET_KB} KB each, ${BUDGET_MB} MB in all, change seen p99 1 s`,
  run: (stage, options) => measure(stage, options, 1),
};

export const subscribersSharing: Line = {
  name: '5,000 subscribers, 50 on a socket',
  isLong: true,
  budget: 'none: for comparison',
  run: (stage, options) => measure(stage, options, 50),
};

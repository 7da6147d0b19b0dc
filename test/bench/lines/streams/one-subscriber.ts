/**
 * One subscriber with everything that a console selects: how fast it reads what it missed, beside one that selects the least
 * there is, and whether it keeps up with a service that delivers as fast as it can.
 */
import { deliver, setUp, TARGETS, warmUp } from '../../deliver.ts';
import { makeHistory } from '../../history.ts';
import { atLeast, atMost, type Line, type Row } from '../../line.ts';
import { API_KEY, type Service } from '../../service.ts';
import { sideBySide } from '../../side-by-side.ts';
import type { Stage } from '../../stage.ts';
import { percentile, sharedMs } from '../../statistics.ts';
import { createTargets, eventTypeNames } from '../../targets.ts';

const LEAST = 'cursor status';
/** The selection of `Watch` in the README, and the time of the change. */
export const FULL = `
  cursor occurredAt previousStatus status
  attempt { number outcome responseStatus error durationMs }
  delivery { id nextAttemptAt target { url } event { id } }`;

let documents = 0;
/** Each time another document: an answer that the service still has for an earlier subscriber is not for this one. */
const watch = (selection: string, after: string) =>
  `subscription Watch${++documents} { deliveryStatusChanged(after: ${JSON.stringify(after)}) { ${selection} } }`;

const DISTANCE_MS = 50;
const ROUNDS = 2;
/** Changes of a delivery that succeeds at once: it was created, it was delivered. */
const CHANGES_EACH = 2;
const READ_CHANGES = 20_000;
const WAIT_MS = 120_000;

const cursorNow = async (service: Service): Promise<string> =>
  (await service.api<{ deliveryStreamCursor: string }>('{ deliveryStreamCursor }')).deliveryStreamCursor;

/** Changes per second, from the request to the last change. */
async function readHistory(stage: Stage, url: string, selection: string, after: string, changes: number) {
  const subscribers = await stage.startSubscribers();
  const reached = subscribers.ask({ type: 'expect', count: changes }, 'reached', WAIT_MS);
  const startedAt = sharedMs();
  const socket = { url, apiKeys: [API_KEY], sockets: 1, perSocket: 1, query: watch(selection, after) };
  await subscribers.ask({ type: 'open', ...socket }, 'opened', 10_000);
  const { at } = await reached;
  await subscribers.end();
  return changes / ((at - startedAt) / 1_000);
}

async function compareReading(stage: Stage, line: string, changes: number, distanceMs: number | undefined) {
  const api = await stage.startService({ ROLES: 'api' }, 'API process');
  const [, eventType = ''] = await eventTypeNames(stage.pool, 2); // Not the type that `keepUp` delivers.
  const targets = Array.from({ length: TARGETS }, () => ({ url: 'http://127.0.0.1:2/', eventTypes: [eventType] }));
  const targetIds = await createTargets(api, targets);
  const after = await cursorNow(api);
  await makeHistory(stage.pool, { deliveries: changes, targetIds, eventType });
  const url = distanceMs === undefined ? api.url : await stage.startDistance(api.url, distanceMs);
  for (const selection of [LEAST, FULL]) await readHistory(stage, url, selection, after, changes / 2); // Warm-up.
  let note = '';
  const { measured, reference } = await sideBySide(
    ROUNDS,
    () => readHistory(stage, api.url, LEAST, after, changes),
    async () => {
      const work = async () => ({ count: changes, value: await readHistory(stage, url, FULL, after, changes) });
      const [perSecond, cpu] = await stage.observe('change', work);
      note = cpu;
      return perSecond;
    },
  );
  await api.end();
  const cheapest = { name: `only ${LEAST}, nearby`, value: reference, unit: '/s' };
  return atLeast(0.25, { line, measured, unit: '/s', note, reference: cheapest });
}

/** Deliveries as fast as they go, with one subscriber to all of their changes. */
async function keepUp(stage: Stage, line: string, isQuick: boolean, distanceMs: number | undefined): Promise<Row[]> {
  const service = await stage.startService();
  const scene = await setUp(stage, service, TARGETS);
  const count = await warmUp(scene, isQuick ? 1 : 4);
  const alone = await deliver(scene, count);
  const url = distanceMs === undefined ? service.url : await stage.startDistance(service.url, distanceMs);
  const subscribers = await stage.startSubscribers();
  // From now on: when the client is far away, the first deliveries are made before its subscription arrives.
  const socket = { url, apiKeys: [API_KEY], sockets: 1, perSocket: 1, query: watch(FULL, await cursorNow(service)) };
  await subscribers.ask({ type: 'open', ...socket }, 'opened', 10_000);
  await deliver(scene, 5_000); // Warm-up, of the stream.
  await subscribers.ask({ type: 'expect', count: 5_000 * CHANGES_EACH }, 'reached', WAIT_MS);
  subscribers.tell({ type: 'reset' });
  const work = async () => ({ count, value: await deliver(scene, count) });
  const [perSecond, cpu] = await stage.observe('delivery', work);
  await subscribers.ask({ type: 'expect', count: count * CHANGES_EACH }, 'reached', WAIT_MS);
  const { agesMs } = await subscribers.ask({ type: 'report' }, 'report', 10_000);
  await Promise.all([service.end(), subscribers.end()]);
  const [p50, p99] = [0.5, 0.99].map((share) => percentile(agesMs, share)) as [number, number];
  const rates = `${Math.round(perSecond)} deliveries/s with ${CHANGES_EACH} changes each, ${Math.round(alone)} without the subscriber`;
  const note = `${rates}; p50 ${p50} ms; ${cpu}`;
  return [atMost(1_000 + (distanceMs ?? 0), { line: `${line}, change seen p99`, measured: p99, unit: 'ms', note })];
}

const oneSubscriber = (name: string, distanceMs?: number): Line => ({
  name,
  isLong: true,
  budget: 'at least 0.25 of the cheapest selection; at the highest delivery rate p99 1 s',
  async run(stage, { isQuick }) {
    const changes = isQuick ? READ_CHANGES / 4 : READ_CHANGES;
    const reading = await compareReading(stage, `${name}, reading ${changes}`, changes, distanceMs);
    return [reading, ...(await keepUp(stage, `${name}, at full rate`, isQuick, distanceMs))];
  },
});

export const subscriberNearby = oneSubscriber('one subscriber, full selection');
export const subscriberFarAway = oneSubscriber('one subscriber, full selection, 50 ms to the client', DISTANCE_MS);

export const catchingUp: Line = {
  name: 'catching up 100,000 changes',
  isLong: true,
  budget: 'at least 0.25 of the cheapest selection',
  run: async (stage, { isQuick }) => [
    await compareReading(stage, 'catching up 100,000 changes, full selection', isQuick ? 20_000 : 100_000, undefined),
  ],
};

/** An idle system: the time from publish to the received request, and from its answer to a subscriber. */
import { atMost, type Line } from '../line.ts';
import { setUp } from '../deliver.ts';
import { API_KEY } from '../service.ts';
import { percentile } from '../statistics.ts';
import { createTargets, eventTypeNames } from '../targets.ts';

/** Between publishes: no rhythm that a timer of the service could fall in step with. */
const PAUSE_MS = 25;
/** A slow machine makes fewer events in it, not the same number in more time. */
const AT_MOST_MS = 15_000;

export const publishToReceive: Line = {
  name: 'publish to request received, idle',
  budget: 'p50 10 ms, p99 50 ms',
  async run(stage, { isQuick }) {
    const service = await stage.startService();
    const { receiver, publisher, eventTypes } = await setUp(stage, service, 1);
    const load = { url: service.url, eventTypes, perRequest: 1, connections: 1, pauseMs: PAUSE_MS };
    await publisher.publish({ ...load, events: 100 }); // Warm-up.
    await settled();
    const planned = isQuick ? 100 : 400;
    receiver.tell({ type: 'reset' });
    const published = await publisher.publish({ ...load, events: planned, milliseconds: AT_MOST_MS });
    const { events, latenciesMs: acknowledged } = published;
    await receiver.ask({ type: 'expect', count: events }, 'reached', 120_000);
    const { latenciesMs } = await receiver.ask({ type: 'report' }, 'report', 10_000);
    const note = `the publish itself is answered after ${percentile(acknowledged, 0.5).toFixed(1)} ms at p50, ${percentile(acknowledged, 0.99).toFixed(1)} ms at p99`;
    const line = 'publish to request received, idle';
    return [
      atMost(10, { line: `${line}, p50`, measured: percentile(latenciesMs, 0.5), unit: 'ms', note }),
      atMost(50, { line: `${line}, p99`, measured: percentile(latenciesMs, 0.99), unit: 'ms' }),
    ];
  },
};

const settled = () => new Promise((done) => setTimeout(done, 300));

/** What a console would ask for. */
export const WATCH = `subscription {
  deliveryStatusChanged(filter: { status: [DELIVERED] }) {
    cursor previousStatus status
    attempt { number outcome responseStatus error durationMs }
    delivery { id nextAttemptAt target { url } event { id } }
  }
}`;

export const outcomeToSubscriber: Line = {
  name: 'outcome to subscriber, idle',
  budget: 'p50 15 ms, p99 75 ms',
  async run(stage, { isQuick }) {
    const service = await stage.startService();
    const [receiver, publisher] = await Promise.all([stage.startReceiver(1), stage.startPublisher()]);
    const eventTypes = await eventTypeNames(stage.pool, 1);
    await createTargets(service, [{ url: receiver.url('ok/timed'), eventTypes }]);
    const subscribers = await stage.startSubscribers();
    const socket = { url: service.url, apiKeys: [API_KEY], sockets: 1, perSocket: 1, query: WATCH };
    await subscribers.ask({ type: 'open', ...socket }, 'opened', 10_000);
    const load = { url: service.url, eventTypes, perRequest: 1, connections: 1, pauseMs: PAUSE_MS };
    await publisher.publish({ ...load, events: 100 }); // Warm-up.
    await settled();
    const planned = isQuick ? 100 : 400;
    for (const child of [receiver, subscribers]) child.tell({ type: 'reset' });
    const { events } = await publisher.publish({ ...load, events: planned, milliseconds: AT_MOST_MS });
    await subscribers.ask({ type: 'expect', count: events }, 'reached', 120_000);
    const { answers } = await receiver.ask({ type: 'report' }, 'report', 10_000);
    const { seen } = await subscribers.ask({ type: 'report' }, 'report', 10_000);
    const delaysMs = answers.flatMap(([eventId, answeredAt]) => (seen[eventId] ?? []).map((at) => at - answeredAt));
    const line = 'outcome to subscriber, idle';
    const note = `${delaysMs.length} changes over graphql-ws`;
    return [
      atMost(15, { line: `${line}, p50`, measured: percentile(delaysMs, 0.5), unit: 'ms', note }),
      atMost(75, { line: `${line}, p99`, measured: percentile(delaysMs, 0.99), unit: 'ms' }),
    ];
  },
};

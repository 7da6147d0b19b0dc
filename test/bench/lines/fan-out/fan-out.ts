/** One event to 10,000 targets: acknowledged when all its deliveries are committed. */
import { atMost, type Line } from '../../line.ts';
import { insertTargets, eventTypeNames } from '../../targets.ts';

const NAME = 'one event to 10,000 targets';
const PORTS = 20;

export const fanOut: Line = {
  name: NAME,
  budget: 'acknowledged within 1 s',
  async run(stage, { isQuick }) {
    const count = 10_000;
    const service = await stage.startService();
    const [receiver, publisher] = await Promise.all([stage.startReceiver(PORTS), stage.startPublisher()]);
    const [eventType = ''] = await eventTypeNames(stage.pool, 1);
    const urls = Array.from({ length: count }, (_, index) => receiver.url('ok', index));
    await insertTargets(stage.pool, urls, eventType);

    const acknowledgedMs: number[] = [];
    const receivedMs: number[] = [];
    for (let round = 0; round < (isQuick ? 2 : 4); round++) {
      receiver.tell({ type: 'reset' });
      const reached = receiver.ask({ type: 'expect', count }, 'reached', 120_000);
      const load = { url: service.url, eventTypes: [eventType], perRequest: 1, connections: 1, events: 1 };
      const { latenciesMs, startedAt } = await publisher.publish(load);
      const { lastAt } = await reached;
      if (round === 0) continue; // Warm-up.
      acknowledgedMs.push(latenciesMs[0]!);
      receivedMs.push(lastAt - startedAt);
    }
    const seconds = (Math.max(...receivedMs) / 1_000).toFixed(1);
    const note = `the slowest of ${acknowledgedMs.length}; the last target has its request after ${seconds} s`;
    return [atMost(1_000, { line: `${NAME}, acknowledged`, measured: Math.max(...acknowledgedMs), unit: 'ms', note })];
  },
};

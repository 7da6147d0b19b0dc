/** Healthy targets while another one hangs with a backlog of 10,000. */
import { atLeast, atMostTimes, type Line } from '../line.ts';
import { deliver, warmUp, type Delivering } from '../deliver.ts';
import { percentile } from '../statistics.ts';
import { createTargets, eventTypeNames } from '../targets.ts';

const NAME = 'healthy targets beside a hung one';
const BACKLOG = 10_000;
const HEALTHY = 10;
/** Events per second where latency is measured: a tenth or two of what the service can do. */
const RATE = 50;
const LATENCY_SECONDS = 5;
const THROUGHPUT_SECONDS = 2;

export const hungTarget: Line = {
  name: NAME,
  budget: 'p99 at most 1.5x idle, at least 0.8 of the throughput',
  async run(stage, { isQuick }) {
    const service = await stage.startService();
    const [receiver, publisher] = await Promise.all([stage.startReceiver(HEALTHY + 1), stage.startPublisher()]);
    const [healthyType = '', hungType = ''] = await eventTypeNames(stage.pool, 2);
    const healthy = Array.from({ length: HEALTHY }, (_, index) => receiver.url('ok', index));
    await createTargets(
      service,
      healthy.map((url) => ({ url, eventTypes: [healthyType] })),
    );
    const scene: Delivering = { service, receiver, publisher, eventTypes: [healthyType], targetsPerEvent: HEALTHY };
    const count = await warmUp(scene, isQuick ? 1 : THROUGHPUT_SECONDS);

    const events = RATE * (isQuick ? 3 : LATENCY_SECONDS);
    const p99 = async () => {
      receiver.tell({ type: 'reset' });
      const reached = receiver.ask({ type: 'expect', count: events * HEALTHY }, 'reached', 120_000);
      const load = { url: service.url, eventTypes: [healthyType], perRequest: 1, connections: 16, rate: RATE };
      await publisher.publish({ ...load, events });
      await reached;
      const { latenciesMs } = await receiver.ask({ type: 'report' }, 'report', 10_000);
      return percentile(latenciesMs, 0.99);
    };
    const idleMs = await p99();
    const alone = await deliver(scene, count);

    const [hungId = ''] = await createTargets(service, [
      { url: receiver.url('hang', HEALTHY), eventTypes: [hungType] },
    ]);
    const backlog = { url: service.url, eventTypes: [hungType], perRequest: 100, connections: 4, events: BACKLOG };
    const { startedAt, endedAt } = await publisher.publish(backlog);
    const publishedAt = performance.now();
    await stage.until('the backlog is out of the way', 60_000, async () => {
      const { rows } = await stage.pool.query('select count(*) from deliveries where target_id = $1 and held', [
        hungId,
      ]);
      return Number(rows[0].count) >= BACKLOG - 64;
    });
    const parkedMs = Math.round(performance.now() - publishedAt);
    const besideMs = await p99();
    const [beside, cpu] = await stage.observe('delivery', async () => ({ count, value: await deliver(scene, count) }));
    const note = `the backlog was published in ${Math.round(endedAt - startedAt)} ms, and parked ${parkedMs} ms later`;
    return [
      atMostTimes(1.5, {
        line: `${NAME}, p99`,
        measured: besideMs,
        unit: 'ms',
        note,
        reference: { name: 'idle', value: idleMs, unit: 'ms' },
      }),
      atLeast(0.8, {
        line: `${NAME}, throughput`,
        measured: beside,
        unit: '/s',
        note: cpu,
        reference: { name: 'alone', value: alone, unit: '/s' },
      }),
    ];
  },
};

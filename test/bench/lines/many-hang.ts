/** 200 targets that answer well for a while, and then all hang at once, while one healthy target goes on. */
import { atLeast, atMostTimes, type Line } from '../line.ts';
import { percentile } from '../statistics.ts';
import { createTargets, eventTypeNames } from '../targets.ts';

const NAME = '200 targets begin to hang';
const MORTALS = 200;
/** Events a second: to the healthy target where its latency is measured, and to all mortals together. */
const RATE = 100;
const MORTAL_RATE = 5;
/** For so long all of them answer. */
const [WELL_SECONDS, QUICK_WELL_SECONDS] = [60, 8];
const SECONDS = 5;
const BURST = 4_000;

export const manyHang: Line = {
  name: NAME,
  budget: 'healthy p99 at most 1.5x idle, at least 0.8 of the throughput',
  isLong: true,
  async run(stage, { isQuick, say }) {
    const service = await stage.startService();
    const healthy = await stage.startLimited(1);
    const [mortals, publisher, hitter] = await Promise.all([
      stage.startLimited(20),
      stage.startPublisher(),
      stage.startPublisher(),
    ]);
    const [healthyType = '', mortalType = ''] = await eventTypeNames(stage.pool, 2);
    await createTargets(service, [{ url: healthy.url('ok'), eventTypes: [healthyType] }]);
    const urls = Array.from({ length: MORTALS }, (_, index) => mortals.url('mortal', index));
    await createTargets(
      service,
      urls.map((url) => ({ url, eventTypes: [mortalType] })),
    );
    const load = { url: service.url, eventTypes: [healthyType], perRequest: 1, connections: 16 };
    const p99 = async (seconds: number) => {
      healthy.tell({ type: 'reset' });
      const events = RATE * seconds;
      const reached = healthy.ask({ type: 'expect', count: events }, 'reached', 120_000);
      await publisher.publish({ ...load, rate: RATE, events });
      await reached;
      const { latenciesMs } = await healthy.ask({ type: 'report' }, 'report', 10_000);
      return percentile(latenciesMs, 0.99);
    };
    const throughput = async () => {
      healthy.tell({ type: 'reset' });
      const reached = healthy.ask({ type: 'expect', count: BURST }, 'reached', 120_000);
      const [{ startedAt }, { lastAt }] = await Promise.all([
        publisher.publish({ ...load, perRequest: 100, connections: 4, events: BURST }),
        reached,
      ]);
      return BURST / ((lastAt - startedAt) / 1_000);
    };
    const seconds = isQuick ? 3 : SECONDS;
    await throughput(); // Warm-up.
    const [idleMs, alone] = [await p99(seconds), await throughput()];

    const hits = (during: number) =>
      hitter.publish({
        url: service.url,
        eventTypes: [mortalType],
        perRequest: 1,
        connections: 4,
        rate: MORTAL_RATE,
        events: MORTAL_RATE * during,
      });
    await hits(isQuick ? QUICK_WELL_SECONDS : WELL_SECONDS);
    const hitting = hits(3 * seconds);
    mortals.tell({ type: 'hang' });
    say('all of them hang');
    const [besideMs, beside] = [await p99(seconds), await throughput()];
    await hitting;
    return [
      atMostTimes(1.5, {
        line: `${NAME}, healthy p99`,
        measured: besideMs,
        unit: 'ms',
        reference: { name: 'idle', value: idleMs, unit: 'ms' },
      }),
      atLeast(0.8, {
        line: `${NAME}, healthy throughput`,
        measured: beside,
        unit: '/s',
        reference: { name: 'alone', value: alone, unit: '/s' },
      }),
    ];
  },
};

/** Deliveries per second with one and with two worker processes beside an API process. For information. */
import { deliver, setUp, TARGETS } from '../deliver.ts';
import type { Line } from '../line.ts';

export const workers: Line = {
  name: 'worker processes',
  budget: 'none: more processors than two would show more',
  async run(stage, { isQuick }) {
    const api = await stage.startService({ ROLES: 'api' }, 'API process');
    await stage.startService({ ROLES: 'worker' }, 'workers');
    const scene = await setUp(stage, api, TARGETS);
    const count = isQuick ? 10_000 : 30_000;
    const measure = async () => {
      await deliver(scene, isQuick ? 5_000 : 20_000); // Warm-up.
      return stage.observe('delivery', async () => ({ count, value: await deliver(scene, count) }));
    };
    const [one, noteOfOne] = await measure();
    await stage.startService({ ROLES: 'worker' }, 'workers');
    const [two, noteOfTwo] = await measure();
    const reference = { name: '1 worker process', value: one, unit: '/s' };
    return [
      { line: 'deliveries, 1 worker process', measured: one, unit: '/s', note: noteOfOne },
      {
        line: 'deliveries, 2 worker processes',
        measured: two,
        unit: '/s',
        reference,
        ratio: two / one,
        note: noteOfTwo,
      },
    ];
  },
};

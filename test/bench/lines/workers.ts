/** Deliveries per second with one and with two worker processes beside an API process. For information. */
import { deliver, setUp, TARGETS, warmUp } from '../deliver.ts';
import type { Line } from '../line.ts';

const ROUND_SECONDS = 3;

export const workers: Line = {
  name: 'worker processes',
  budget: 'none: more processors than two would show more',
  async run(stage, { isQuick }) {
    const api = await stage.startService({ ROLES: 'api' }, 'API process');
    await stage.startService({ ROLES: 'worker' }, 'workers');
    const scene = await setUp(stage, api, TARGETS);
    const measure = async () => {
      const count = await warmUp(scene, isQuick ? 1 : ROUND_SECONDS);
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

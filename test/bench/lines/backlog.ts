/** 200,000 deliveries wait when a worker starts after an outage: how fast they are sent. */
import { setUp, TARGETS } from '../deliver.ts';
import { atLeast, type Line } from '../line.ts';
import { mean } from '../statistics.ts';

const BACKLOG = 200_000;
const QUICK_BACKLOG = 20_000;
/** What it was before lanes had a width of their own: 8,000/s, where the bare loop made 14,000/s. */
const BUDGET = 0.57;
const WAIT_MS = 300_000;

export const backlogAfterOutage: Line = {
  name: 'backlog of 200,000 after an outage',
  budget: `at least ${BUDGET} of a bare loop`,
  isLong: true,
  async run(stage, { isQuick }) {
    const deliveries = isQuick ? QUICK_BACKLOG : BACKLOG;
    const api = await stage.startService({ ROLES: 'api' }, 'API process');
    const { receiver, publisher, eventTypes } = await setUp(stage, api, TARGETS);
    const load = { url: api.url, eventTypes, perRequest: 50, connections: 4, events: deliveries / TARGETS };
    await publisher.publish(load);
    await stage.settle();
    const loops = [await stage.bareLoop(receiver, 1_500)];

    receiver.tell({ type: 'reset' });
    const reached = receiver.ask({ type: 'expect', count: deliveries }, 'reached', WAIT_MS);
    const [{ firstAt, lastAt }, cpu] = await stage.observe('delivery', async () => {
      await stage.startService({ ROLES: 'worker' }, 'worker process');
      return { count: deliveries, value: await reached };
    });
    loops.push(await stage.bareLoop(receiver, 1_500));
    return [
      atLeast(BUDGET, {
        line: `backlog of ${deliveries.toLocaleString('en')} after an outage`,
        measured: deliveries / ((lastAt - firstAt) / 1_000),
        unit: '/s',
        note: cpu,
        reference: { name: 'bare loop', value: mean(loops), unit: '/s' },
      }),
    ];
  },
};

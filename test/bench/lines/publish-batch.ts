/** Publishing 100 events per request, against pg-boss inserting as many jobs. For information. */
import type { Line } from '../line.ts';
import { createTargets, eventTypeNames } from '../targets.ts';

const NAME = 'publishEvents of 100';
const PER_REQUEST = 100;
const CONNECTIONS = 8;

export const publishBatch: Line = {
  name: NAME,
  budget: 'none',
  async run(stage, { isQuick }) {
    const milliseconds = isQuick ? 1_500 : 4_000;
    const service = await stage.startService({ ROLES: 'api' });
    const publisher = await stage.startPublisher();
    const eventTypes = await eventTypeNames(stage.pool, 1);
    await createTargets(service, [{ url: 'http://127.0.0.1:2/', eventTypes }]);
    const load = { url: service.url, eventTypes, perRequest: PER_REQUEST, connections: CONNECTIONS };
    await publisher.publish({ ...load, milliseconds: milliseconds / 2 }); // Warm-up.
    const [perSecond, note] = await stage.observe('event', async () => {
      const { events, startedAt, endedAt } = await publisher.publish({ ...load, milliseconds });
      return { count: events, value: events / ((endedAt - startedAt) / 1_000) };
    });
    const raw = await stage.rawBoss({ perInsert: PER_REQUEST, lanes: CONNECTIONS, milliseconds });
    const reference = { name: 'raw pg-boss inserts', value: raw, unit: '/s' };
    return [{ line: NAME, measured: perSecond, unit: '/s', reference, ratio: perSecond / raw, note }];
  },
};

/** A target that hung comes back to a backlog of 10,000: how soon it has them, and whether it is flooded. */
import { setTimeout as pause } from 'node:timers/promises';
import { atMost, type Line } from '../line.ts';
import { sharedMs } from '../statistics.ts';
import { createTargets, eventTypeNames } from '../targets.ts';

const NAME = 'recovery of a target';
const BACKLOG = 10_000;
/** TARGET_CONCURRENCY, the default. */
const MOST_OPEN = 256;

export const recovery: Line = {
  name: NAME,
  budget: `never more than ${MOST_OPEN} requests open`,
  async run(stage, { isQuick }) {
    const backlog = isQuick ? BACKLOG / 4 : BACKLOG;
    // Longer than this takes to set up: no attempt fails before the target is back.
    const service = await stage.startService({ ATTEMPT_TIMEOUT: '120s' });
    const [receiver, publisher] = await Promise.all([stage.startReceiver(1), stage.startPublisher()]);
    const eventTypes = await eventTypeNames(stage.pool, 1);
    const [targetId = ''] = await createTargets(service, [{ url: receiver.url('gate'), eventTypes }]);
    const load = { url: service.url, eventTypes, perRequest: 100, connections: 2, events: backlog };
    await publisher.publish(load);
    await stage.until('the backlog is parked', 60_000, async () => {
      const { rows } = await stage.pool.query('select count(*) from deliveries where target_id = $1 and held', [
        targetId,
      ]);
      return Number(rows[0].count) >= backlog - 64;
    });

    const patienceMs = isQuick ? 20_000 : 60_000;
    const received = () => receiver.ask({ type: 'report' }, 'report', 5_000);
    const { at } = await receiver.ask({ type: 'openGate' }, 'gateOpened', 5_000);
    await Promise.race([receiver.ask({ type: 'expect', count: backlog }, 'reached', 120_000), pause(patienceMs)]);
    const seconds = (sharedMs() - at) / 1_000;
    const { count, mostOpen, gateRate } = await received();
    const line = `${NAME} with a backlog of ${backlog.toLocaleString('en')}`;
    const openAtOnce = atMost(MOST_OPEN, { line: `${line}, open at once`, measured: mostOpen, unit: 'requests' });
    if (count < backlog) {
      const note = `only ${count} had come when the wait ended: ${(count / seconds).toFixed(0)} per second`;
      const budget = `within ${patienceMs / 1_000} s`;
      return [{ line: `${line}, all received`, measured: seconds, unit: 's', budget, isMet: false, note }, openAtOnce];
    }

    receiver.tell({ type: 'reset' });
    const again = receiver.ask({ type: 'expect', count: backlog }, 'reached', 120_000);
    const { startedAt } = await publisher.publish(load);
    const referenceSeconds = ((await again).lastAt - startedAt) / 1_000;
    const tenths = gateRate.slice(0, 10).join(' ');
    const note = `requests in each of the first tenths of a second: ${tenths}; at 5 ms each, ${MOST_OPEN} at a time, they would take ${((backlog * 5) / MOST_OPEN / 1_000).toFixed(1)} s`;
    return [
      {
        line: `${line}, all received`,
        measured: seconds,
        unit: 's',
        note,
        reference: { name: 'published live to a target that never hung', value: referenceSeconds, unit: 's' },
        ratio: seconds / referenceSeconds,
      },
      openAtOnce,
    ];
  },
};

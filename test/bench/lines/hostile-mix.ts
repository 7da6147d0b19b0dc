/** 20 % of the targets hang, 20 % answer 500, 10 % reset the connection: what do the healthy half see of it? */
import { setTimeout as pause } from 'node:timers/promises';
import { atMostTimes, type Line } from '../line.ts';
import { percentile } from '../statistics.ts';
import { createTargets, eventTypeNames } from '../targets.ts';

const NAME = 'hostile mix of targets';
/** Of each event type; ten types make 100 targets. */
const HEALTHY = ['ok', 'ok', 'ok', 'ok', 'ok'];
const HOSTILE = ['hang', 'hang', 'fail', 'fail', 'reset'];
const TYPES = 10;
/** Events per second: 200 deliveries to healthy targets and 200 to the others. */
const RATE = 40;
const PATIENCE_MS = 25_000;

export const hostileMix: Line = {
  name: NAME,
  budget: 'healthy p99 at most 2x that without the others',
  async run(stage, { isQuick }) {
    const service = await stage.startService();
    const ports = TYPES * (HEALTHY.length + HOSTILE.length);
    const [receiver, publisher] = await Promise.all([stage.startReceiver(ports), stage.startPublisher()]);
    const eventTypes = await eventTypeNames(stage.pool, TYPES);
    let made = 0;
    const add = (behaviours: readonly string[]) => {
      const targets = eventTypes.flatMap((eventType) =>
        behaviours.map((behaviour) => ({ url: receiver.url(behaviour, made++), eventTypes: [eventType] })),
      );
      return createTargets(service, targets);
    };

    /** Latencies of the healthy; what has not come in time counts as that late. */
    const measure = async (seconds: number) => {
      const events = RATE * seconds;
      receiver.tell({ type: 'reset' });
      const load = { url: service.url, eventTypes, perRequest: 1, connections: 16, rate: RATE };
      const { endedAt } = await publisher.publish({ ...load, events });
      const expected = events * HEALTHY.length;
      for (let waitedMs = 0; ; waitedMs += 250) {
        const { latenciesMs } = await receiver.ask({ type: 'report' }, 'report', 10_000);
        const missing = expected - latenciesMs.length;
        if (missing > 0 && waitedMs < PATIENCE_MS) await pause(250);
        else return { endedAt, missing, all: [...latenciesMs, ...Array<number>(missing).fill(PATIENCE_MS)] };
      }
    };

    await add(HEALTHY);
    await measure(2); // Warm-up.
    const seconds = isQuick ? 4 : 7;
    const without = await measure(seconds);
    await add(HOSTILE);
    const among = await measure(seconds);
    const p50 = percentile(among.all, 0.5).toFixed(0);
    const late =
      among.missing > 0 ? `; ${among.missing} had not come ${PATIENCE_MS / 1_000} s after the last publish` : '';
    const note = `${among.all.length} healthy deliveries, p50 ${p50} ms, the slowest ${percentile(among.all, 1).toFixed(0)} ms${late}`;
    return [
      atMostTimes(2, {
        line: `${NAME}, healthy p99`,
        measured: percentile(among.all, 0.99),
        unit: 'ms',
        note,
        reference: { name: 'without them', value: percentile(without.all, 0.99), unit: 'ms' },
      }),
    ];
  },
};

/** Whether a target gets as many requests at once as it bears: no fewer, and no more, whatever waits. */
import { setTimeout as pause } from 'node:timers/promises';
import { atLeast, atMost, atMostTimes, type Line } from '../line.ts';
import type { Limited, Stage } from '../stage.ts';
import { median } from '../statistics.ts';
import { createTargets, eventTypeNames } from '../targets.ts';

const KNEE = 'receiver at its knee';
const REFUSES = 'receiver that refuses';
const WORKERS = 20;
/** Of what is published: the time in which the width is found. */
const LEARNING = 0.3;
const KNEE_EVENTS = 5_000;
const REFUSED_EVENTS = 8_000;

/** One target at such a receiver, and what it is sent. */
async function setUp(stage: Stage, behaviour: string) {
  const service = await stage.startService();
  const [receiver, publisher] = await Promise.all([stage.startLimited(1), stage.startPublisher()]);
  const eventTypes = await eventTypeNames(stage.pool, 1);
  await createTargets(service, [{ url: receiver.url(behaviour), eventTypes }]);
  const publish = async (events: number, perRequest: number, pauseMs?: number) => {
    receiver.tell({ type: 'reset' });
    const reached = receiver.ask({ type: 'expect', count: events }, 'reached', 300_000);
    const load = { url: service.url, eventTypes, perRequest, connections: 1, events };
    await publisher.publish(pauseMs === undefined ? load : { ...load, pauseMs });
    await reached;
    return receiver.ask({ type: 'report' }, 'report', 10_000);
  };
  return { publish };
}

type Report = Awaited<ReturnType<Limited['ask']>> & { readonly type: 'report' };

/** Of the answers after the width was found. */
function steady({ tookMs, answeredAt }: Report) {
  const first = Math.floor(answeredAt.length * LEARNING);
  const last = answeredAt.length - 50; // At the end there is not enough left for its width.
  const seconds = (answeredAt[last]! - answeredAt[first]!) / 1_000;
  return { perSecond: (last - first) / seconds, tookMs: median(tookMs.slice(first, last)) };
}

export const atItsKnee: Line = {
  name: KNEE,
  budget: 'at least 0.9 of its capacity, median latency at most twice the unloaded one',
  async run(stage, { isQuick }) {
    const { publish } = await setUp(stage, 'workers');
    const unloaded = median((await publish(40, 1, 60)).tookMs);
    await pause(300);
    const { perSecond, tookMs } = steady(await publish(isQuick ? KNEE_EVENTS / 2 : KNEE_EVENTS, 100));
    return [
      atLeast(0.9, {
        line: `${KNEE}, throughput`,
        measured: perSecond,
        unit: '/s',
        reference: { name: `${WORKERS} workers`, value: (WORKERS * 1_000) / unloaded, unit: '/s' },
      }),
      atMostTimes(2, {
        line: `${KNEE}, median latency`,
        measured: tookMs,
        unit: 'ms',
        reference: { name: 'unloaded', value: unloaded, unit: 'ms' },
      }),
    ];
  },
};

export const thatRefuses: Line = {
  name: REFUSES,
  budget: 'at most 5 % of the requests are refused',
  async run(stage, { isQuick }) {
    const { publish } = await setUp(stage, 'refuse');
    const report = await publish(isQuick ? REFUSED_EVENTS / 2 : REFUSED_EVENTS, 100);
    const { perSecond } = steady(report);
    return [
      atMost(5, {
        line: `${REFUSES} above 50 open`,
        measured: (100 * report.refused) / report.count,
        unit: '%',
        note: `${perSecond.toFixed(0)} of the 1,000 a second that it can answer`,
      }),
    ];
  },
};

/** What order costs: many keys beside no order, and how soon the next delivery of a chain follows an answer. */
import { deliver, setUp, warmUp } from '../deliver.ts';
import { atLeast, atMostTimes, type Line } from '../line.ts';
import { sideBySide } from '../side-by-side.ts';
import { percentile } from '../statistics.ts';
import { createTargets, eventTypeNames } from '../targets.ts';

const KEYS = 1_000;
const LEAST_OF_UNORDERED = 0.7;
const ROUNDS = 3;
const ROUND_SECONDS = 3;

export const keysBesideUnordered: Line = {
  name: 'ordered deliveries, 1,000 keys',
  budget: `at least ${LEAST_OF_UNORDERED} of unordered ones`,
  async run(stage, { isQuick }) {
    const service = await stage.startService();
    const unordered = await setUp(stage, service, 1);
    const ordered = await setUp(stage, service, 1, { scene: 1, keys: KEYS });
    await warmUp(unordered, 1);
    const count = await warmUp(ordered, isQuick ? 1 : ROUND_SECONDS);
    const notes: string[] = [];
    const { measured, reference } = await sideBySide(
      isQuick ? 1 : ROUNDS,
      () => deliver(unordered, count),
      async () => {
        const work = async () => ({ count, value: await deliver(ordered, count) });
        const [perSecond, note] = await stage.observe('delivery', work);
        notes.push(note);
        return perSecond;
      },
    );
    const row = { line: 'ordered deliveries, 1,000 keys', measured, unit: '/s', note: notes.at(-1)! };
    return [
      atLeast(LEAST_OF_UNORDERED, { ...row, reference: { name: 'without order', value: reference, unit: '/s' } }),
    ];
  },
};

/** The receiver answers after 20 ms, so a target with the ordering TARGET gets 50 in a second at most. */
export const oneByOne: Line = {
  name: 'ordered deliveries, one by one',
  budget: 'from an answer to the next request p50 1x a bare commit and POST',
  async run(stage, { isQuick }) {
    const service = await stage.startService();
    const [receiver, publisher] = await Promise.all([stage.startReceiver(1), stage.startPublisher()]);
    const eventTypes = await eventTypeNames(stage.pool, 1);
    await createTargets(service, [{ url: receiver.url('late'), eventTypes, ordering: 'TARGET' }]);
    const send = async (events: number) => {
      receiver.tell({ type: 'reset' });
      const reached = receiver.ask({ type: 'expect', count: events }, 'reached', 120_000);
      await publisher.publish({ url: service.url, eventTypes, perRequest: 50, connections: 1, events });
      await reached;
      return (await receiver.ask({ type: 'report' }, 'report', 10_000)).turnsMs;
    };
    const commit = async (count: number) => {
      receiver.tell({ type: 'reset' });
      await stage.bareCommits(receiver.url('ok'), count, PAUSE_MS);
      return (await receiver.ask({ type: 'report' }, 'report', 10_000)).latenciesMs;
    };
    await send(100); // Warm-up.
    const count = isQuick ? 100 : 200;
    const [turns, bare]: [number[], number[]] = [[], []];
    for (let round = 0; round < 2; round++) {
      turns.push(...(await send(count)));
      bare.push(...(await commit(count)));
    }
    const reference = { name: 'bare commit and POST', value: percentile(bare, 0.5), unit: 'ms' };
    const note = `p99 ${percentile(turns, 0.99).toFixed(1)} ms, of the bare ones ${percentile(bare, 0.99).toFixed(1)} ms`;
    const measured = percentile(turns, 0.5);
    return [atMostTimes(1, { line: 'from an answer to the next request, p50', measured, unit: 'ms', reference, note })];
  },
};

/** As long as the receiver takes: the bare commits come as seldom. */
const PAUSE_MS = 20;

/** Deliveries per second against a bare loop that signs and POSTs. */
import { deliver, setUp, TARGETS, warmUp } from '../deliver.ts';
import { atLeast, type Line } from '../line.ts';
import { sideBySide } from '../side-by-side.ts';

const ROUNDS = 2;
const ROUND_SECONDS = 3;

const line = (targetsPerEvent: 1 | typeof TARGETS, budget: number): Line => {
  const name = `deliveries, ${targetsPerEvent} ${targetsPerEvent === 1 ? 'target' : 'targets'} per event`;
  return {
    name,
    budget: `at least ${budget} of a bare loop`,
    async run(stage, { isQuick }) {
      const service = await stage.startService();
      const scene = await setUp(stage, service, targetsPerEvent);
      const count = await warmUp(scene, isQuick ? 1 : ROUND_SECONDS);
      const notes: string[] = [];
      const { measured, reference: loop } = await sideBySide(
        ROUNDS,
        () => stage.bareLoop(scene.receiver, isQuick ? 750 : 1_500),
        async () => {
          const work = async () => ({ count, value: await deliver(scene, count) });
          const [perSecond, note] = await stage.observe('delivery', work);
          notes.push(note);
          return perSecond;
        },
      );
      const reference = { name: 'bare loop', value: loop, unit: '/s' };
      return [atLeast(budget, { line: name, measured, unit: '/s', reference, note: notes.at(-1)! })];
    },
  };
};

export const deliverToTwenty = line(TARGETS, 0.85);
export const deliverToOne = line(1, 0.45);

/** Deliveries per second on the server of `--pg` against the embedded one, in turns, each with a service of its own. */
import { deliver, setUp, TARGETS, warmUp, type Delivering } from '../deliver.ts';
import type { Line } from '../line.ts';
import type { Stage } from '../stage.ts';
import { median } from '../statistics.ts';

const BUDGET = 0.9;
const ROUNDS = 5;
const ROUND_SECONDS = 1.5;

const line = (targetsPerEvent: 1 | typeof TARGETS): Line => {
  const name = `deliveries, ${targetsPerEvent} ${targetsPerEvent === 1 ? 'target' : 'targets'} per event, on --pg`;
  return {
    name,
    budget: `at least ${BUDGET} of the embedded server`,
    isForPg: true,
    async run(stage, { isQuick, embedded }) {
      const open = async (of: Stage) => ({
        stage: of,
        scene: await setUp(of, await of.startService(), targetsPerEvent),
      });
      const given = await open(stage);
      const other = await open(await embedded());
      const seconds = isQuick ? 1 : ROUND_SECONDS;
      await warmUp(other.scene, seconds);
      const count = await warmUp(given.scene, seconds);
      const rates: { given: number; other: number }[] = [];
      let note = '';
      const measure = {
        async given() {
          const work = async () => ({ count, value: await deliver(given.scene, count) });
          const [perSecond, cpu] = await given.stage.observe('delivery', work);
          note = cpu;
          return perSecond;
        },
        other: () => deliver(other.scene as Delivering, count),
      };
      for (let round = 0; round < ROUNDS; round++) {
        // Neither is always the first: what the machine does at the beginning of a round falls on both.
        const order = round % 2 === 0 ? (['given', 'other'] as const) : (['other', 'given'] as const);
        const rate = { given: 0, other: 0 };
        for (const side of order) rate[side] = await measure[side]();
        rates.push(rate);
      }
      const ratio = median(rates.map((rate) => rate.given / rate.other));
      const value = median(rates.map((rate) => rate.other));
      const measured = median(rates.map((rate) => rate.given));
      const reference = { name: 'embedded', value, unit: '/s' };
      const budget = `at least ${BUDGET}`;
      return [{ line: name, measured, unit: '/s', reference, ratio, budget, isMet: ratio >= BUDGET, note }];
    },
  };
};

export const twentyBesideEmbedded = line(TARGETS);
export const oneBesideEmbedded = line(1);

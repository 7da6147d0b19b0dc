/** Deliveries to receivers that speak TLS and answer after 200 ms, beside deliveries to plain receivers nearby. */
import { deliver, setUp, TARGETS, warmUp, type Delivering } from '../deliver.ts';
import { atLeast, type Line } from '../line.ts';
import { sideBySide } from '../side-by-side.ts';
import type { Receiver } from '../stage.ts';
import { createTargets, eventTypeNames } from '../targets.ts';

const ROUNDS = 2;
const ROUND_SECONDS = 2;
const TRUST = { NODE_EXTRA_CA_CERTS: new URL('../../support/certificates/authority.pem', import.meta.url).pathname };

const line = (targetsPerEvent: 1 | typeof TARGETS, budget: number): Line => {
  const name = `TLS, 200 ms, ${targetsPerEvent} ${targetsPerEvent === 1 ? 'target' : 'targets'} per event`;
  return {
    name,
    budget: `at least ${budget} of loopback`,
    async run(stage, { isQuick }) {
      const service = await stage.startService(TRUST);
      const near = await setUp(stage, service, targetsPerEvent);
      const receiver = await stage.startLimited(TARGETS, true);
      const types = near.eventTypes.length;
      const eventTypes = (await eventTypeNames(stage.pool, 2 * types)).slice(types);
      await createTargets(
        service,
        Array.from({ length: TARGETS }, (_, index) => ({
          url: receiver.url('pause', index),
          eventTypes: [eventTypes[index % eventTypes.length]!],
        })),
      );
      // Of a receiver, `deliver` needs what both kinds have: reset, expect and reached.
      const far: Delivering = { ...near, receiver: receiver as unknown as Receiver, eventTypes };
      const seconds = isQuick ? 1 : ROUND_SECONDS;
      const nearCount = await warmUp(near, seconds);
      const farCount = await warmUp(far, seconds);
      let note = '';
      const { measured, reference } = await sideBySide(
        ROUNDS,
        () => deliver(near, nearCount),
        async () => {
          const work = async () => ({ count: farCount, value: await deliver(far, farCount) });
          const [perSecond, cpu] = await stage.observe('delivery', work);
          note = cpu;
          return perSecond;
        },
      );
      return [
        atLeast(budget, {
          line: name,
          measured,
          unit: '/s',
          note,
          reference: { name: 'plain, loopback', value: reference, unit: '/s' },
        }),
      ];
    },
  };
};

export const distantTwenty = line(TARGETS, 0.6);
export const distantOne = line(1, 0.5);

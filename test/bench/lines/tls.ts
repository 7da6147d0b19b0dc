/** Deliveries to receivers that speak TLS and stand at a distance. */
import { deliver, setUp, TARGETS, warmUp, type Delivering } from '../deliver.ts';
import { atLeast, type Line, type Row } from '../line.ts';
import { sideBySide } from '../side-by-side.ts';
import { TRUST } from '../stage.ts';

const NAME = 'TLS, 2 ms';
const DISTANCE_MS = 2;
const ROUNDS = 2;
const ROUND_SECONDS = 3;
const DELIVERIES_PER_CONNECTION = 20;

/** Fewer than one connection for this many deliveries. */
function connectionsRow(connections: number, deliveries: number, note: string): Row {
  const measured = connections / deliveries;
  return {
    line: `${NAME}, connections`,
    measured,
    unit: 'per delivery',
    note,
    budget: `fewer than 1 for ${DELIVERIES_PER_CONNECTION} deliveries`,
    isMet: measured < 1 / DELIVERIES_PER_CONNECTION,
  };
}

export const deliverOverTls: Line = {
  name: NAME,
  budget: `at least 0.6 of loopback, fewer than 1 connection for ${DELIVERIES_PER_CONNECTION} deliveries`,
  async run(stage, { isQuick }) {
    const service = await stage.startService(TRUST);
    const near = await setUp(stage, service, TARGETS);
    const far = await setUp(stage, service, TARGETS, { scene: 1, isSecure: true, distanceMs: DISTANCE_MS });
    const seconds = isQuick ? 1 : ROUND_SECONDS;
    const counts = new Map<Delivering, number>();
    for (const scene of [near, far]) counts.set(scene, await warmUp(scene, seconds));
    const { connections: warm } = await report(far);

    let deliveries = 0;
    let connections = 0;
    let note = '';
    const { measured, reference } = await sideBySide(
      ROUNDS,
      () => deliver(near, counts.get(near)!),
      async () => {
        const count = counts.get(far)!;
        const [perSecond, cpu] = await stage.observe('delivery', async () => ({
          count,
          value: await deliver(far, count),
        }));
        note = cpu;
        deliveries += count;
        connections += (await report(far)).connections;
        return perSecond;
      },
    );
    return [
      atLeast(0.6, {
        line: `${NAME}, ${TARGETS} targets per event`,
        measured,
        unit: '/s',
        note,
        reference: { name: 'plain, loopback', value: reference, unit: '/s' },
      }),
      connectionsRow(connections, deliveries, `${connections} for ${deliveries} deliveries, ${warm} before to warm up`),
    ];
  },
};

const report = ({ receiver }: Delivering) => receiver.ask({ type: 'report' }, 'report', 10_000);

/** What a new connection over TLS costs the service, with a full handshake and with a resumed session. */
import { atMostTimes, type Line } from '../line.ts';

const NAME = 'new connection';
const CONNECTIONS = 300;

export const newConnection: Line = {
  name: NAME,
  budget: 'a resumed handshake takes at most 0.9x the processor of a full one',
  async run(stage, { isQuick }) {
    const receiver = await stage.startReceiver(1, { isSecure: true });
    const count = isQuick ? CONNECTIONS / 3 : CONNECTIONS;
    const { fullUs, resumedUs, resumedShare } = await stage.handshakes(receiver.url('ok'), count);
    return [
      atMostTimes(0.9, {
        line: `${NAME}, resumed`,
        measured: resumedUs,
        unit: 'us of processor',
        reference: { name: 'full handshake', value: fullUs, unit: 'us of processor' },
        note: `TCP included; ${Math.round(100 * resumedShare)} % of ${count} resumed a session`,
      }),
    ];
  },
};

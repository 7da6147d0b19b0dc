/**
 * Opens connections through the connector of the product, one after another: each organization makes a full handshake, and
 * then resumes its own session. Argument: { url, count }.
 */
import { once } from 'node:events';
import type { TLSSocket } from 'node:tls';
import { systemClock } from '../../../src/clock.ts';
import { createConnector } from '../../../src/pipeline/deliver/http/connect.ts';
import { testAuthority } from '../../support/certificates/certificates.ts';

export type FromHandshakes = {
  readonly type: 'done';
  /** Microseconds of processor for one connection, from its SYN to the end of its handshake. */
  readonly fullUs: number;
  readonly resumedUs: number;
  /** Of the second ones, those that resumed a session. */
  readonly resumedShare: number;
};

const { url, count } = JSON.parse(process.argv[2]!) as { url: string; count: number };
const { origin, host, hostname, port } = new URL(url);
const endpoint = { origin, host, hostname, port: Number(port), secure: true };
const policy = { allowLoopback: true, allowedNetworks: [], allowHttp: false };
const lookup = () => Promise.reject(new Error('addresses only'));
const connect = createConnector({ policy, lookup, ca: testAuthority(), clock: systemClock });

async function round(name: string): Promise<{ us: number; share: number }> {
  let us = 0;
  let resumed = 0;
  for (let index = 0; index < count; index++) {
    const before = process.cpuUsage();
    const place = { organizationId: `${name} ${index}`, endpoint, identity: null };
    const socket = (await connect(place, new AbortController().signal, () => {})) as TLSSocket;
    const { user, system } = process.cpuUsage(before);
    us += user + system;
    if (socket.isSessionReused()) resumed += 1;
    else await once(socket, 'session'); // The ticket for the next round.
    socket.destroy();
    await once(socket, 'close');
  }
  return { us: us / count, share: resumed / count };
}

process.on('disconnect', () => process.exit());
for (let warming = 0; warming < 2; warming++) await round('warm-up');
const { us: fullUs } = await round('measured');
const { us: resumedUs, share: resumedShare } = await round('measured');
process.send!({ type: 'done', fullUs, resumedUs, resumedShare } satisfies FromHandshakes, () => process.exit());

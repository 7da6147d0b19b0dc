/**
 * What stands around a service under attack, in a process of its own: a name server that answers some names as no name
 * server may, endpoints that never answer, and a server that refuses every request at once. Attackers hit that one while
 * the service is measured without them, so that they cost the machine the same.
 */
import http from 'node:http';
import net, { type AddressInfo, type Server } from 'node:net';
import { WebSocketServer } from 'ws';
import { startNameServer, type Answer } from '../../support/network/name-server.ts';

export type Surroundings = {
  readonly nameServer: string;
  readonly hangingPort: number;
  /** Of the server that refuses: like the service's, without a path. */
  readonly refusingOrigin: string;
};

const MALFORMED = [0, 1, 3, 15, 17].map((size) => Buffer.alloc(size, 1));
const REFUSAL = JSON.stringify({ errors: [{ message: 'Refused', extensions: { code: 'RATE_LIMITED' } }] });

/** Names that begin with "broken" have addresses that cannot be read; "silent" ones get no answer; all others are here. */
function answer(name: string): Answer | Promise<Answer> {
  if (name.startsWith('silent')) return new Promise<never>(() => {});
  const number = Number(/^broken-(\d+)/.exec(name)?.[1] ?? NaN);
  return Number.isNaN(number) ? { a: ['127.0.0.1'] } : { malformed: MALFORMED[number % MALFORMED.length]! };
}

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', 4_096, done));
  return (server.address() as AddressInfo).port;
}

const refusing = http.createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(429, { 'content-type': 'application/json' }).end(REFUSAL));
});
new WebSocketServer({ server: refusing }).on('connection', (socket) => socket.close(4429, 'Refused'));

const nameServer = await startNameServer(answer, { port: 0, address: '127.0.0.1' });
const surroundings: Surroundings = {
  nameServer: `127.0.0.1:${nameServer.port}`,
  hangingPort: await portOf(net.createServer((socket) => socket.on('error', () => {}).resume())),
  refusingOrigin: `http://127.0.0.1:${await portOf(refusing)}`,
};
process.send!(surroundings);
process.on('disconnect', () => process.exit());

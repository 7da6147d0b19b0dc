/**
 * Runs in a network namespace (namespace.ts): attempts everything of forbidden.ts with production's sender, its resolver
 * included, and prints as JSON which connections were made.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import net, { type Socket } from 'node:net';
import { systemClock } from '../../../src/clock.ts';
import { createSender } from '../../../src/pipeline/deliver/send.ts';
import { certificates, testAuthority } from '../certificates/certificates.ts';
import {
  createAnswers,
  FORBIDDEN_ADDRESSES,
  FORBIDDEN_NAMES,
  FORBIDDEN_URLS,
  PUBLIC_ADDRESSES,
  PUBLIC_NAME,
  REBINDING_NAMES,
  REDIRECTS,
} from './forbidden.ts';
import { startNameServer } from './name-server.ts';

/** An attempt, its outcome class or status, and where it led. */
export type Attempt = { readonly url: string; readonly outcome: string; readonly connectedTo: readonly string[] };

export type AttackReport = {
  readonly attempts: readonly Attempt[];
  readonly questionCount: number;
  /** Forbidden addresses at which this network's listeners are reached without the guard. */
  readonly reachable: readonly string[];
  /** Counted by the listeners during the attack. */
  readonly connections: number;
  /** Counted by the kernel during the attack: TCP connections begun, to whatever address and port. */
  readonly begun: number;
};

const WATCHED_PORTS = [22, 80, 3128, 6379];
const connections: string[] = [];
const note = (socket: Socket) => {
  const { localAddress = '', localPort } = socket;
  connections.push(`${localAddress.replace(/^::ffff:/, '')} ${localPort}`);
};

const receiver = https.createServer(certificates.valid(), (request, response) => {
  const redirect = REDIRECTS.find(({ path }) => path === request.url);
  const location = redirect ? { location: redirect.location } : {};
  request
    .resume()
    .on('end', () => response.writeHead(redirect?.status ?? 200, { connection: 'close', ...location }).end());
});
receiver.on('connection', note).listen(443, '::');
const listeners = WATCHED_PORTS.map((port) =>
  net.createServer((socket) => (note(socket), socket.destroy())).listen(port, '::'),
);
await Promise.all([receiver, ...listeners].map((server) => once(server, 'listening')));

/** The kernel's count of this network, whatever process and listener. */
function connectionsBegun(): number {
  const [names, values] = readFileSync('/proc/self/net/snmp', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('Tcp:'))
    .map((line) => line.split(' '));
  return Number(values![names!.indexOf('ActiveOpens')]);
}

async function reach(address: string): Promise<boolean> {
  const socket = net.connect({ host: address, port: 80 });
  const isReached = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return isReached;
}

const reachable: string[] = [];
for (const address of FORBIDDEN_ADDRESSES) if (await reach(address)) reachable.push(address);

await using nameServer = await startNameServer(createAnswers());
const sender = createSender({
  policy: { allowLoopback: false, allowedNetworks: [], allowHttp: false },
  timeoutMs: 5_000,
  connectionsPerOrigin: 4,
  clock: systemClock,
  ca: testAuthority(),
});
const begunBefore = connectionsBegun();
const attempts: Attempt[] = [];

async function attempt(url: string): Promise<void> {
  connections.length = 0;
  const result = await sender.send({ url, headers: {}, body: '{}', organizationId: 'org1' });
  const outcome = result.kind === 'response' ? String(result.status) : result.outcome;
  attempts.push({ url, outcome, connectedTo: [...connections] });
}

await attempt(`https://${PUBLIC_NAME}/`);
for (const address of PUBLIC_ADDRESSES) await attempt(`https://${address.includes(':') ? `[${address}]` : address}/`);
for (const url of FORBIDDEN_URLS) await attempt(url);
for (const name of FORBIDDEN_NAMES.keys()) await attempt(`https://${name}/`);
for (const name of REBINDING_NAMES.keys())
  for (const path of ['first', 'second']) await attempt(`https://${name}/${path}`);
for (const { path } of REDIRECTS) await attempt(`https://${PUBLIC_NAME}${path}`);

await sender.close();
console.log(
  JSON.stringify({
    attempts,
    questionCount: nameServer.questionCount,
    reachable,
    connections: attempts.flatMap(({ connectedTo }) => connectedTo).length,
    begun: connectionsBegun() - begunBefore,
  } satisfies AttackReport),
);
process.exit(0);

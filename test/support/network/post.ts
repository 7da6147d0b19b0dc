/** Sends one request to the URL on the command line, as a process with its own environment; prints the result as JSON. */
import { systemClock } from '../../../src/clock.ts';
import { createSender } from '../../../src/pipeline/deliver/send.ts';

const sender = createSender({
  policy: { allowLoopback: true, allowedNetworks: [], allowHttp: true },
  timeoutMs: 5_000,
  connectionsPerOrigin: 1,
  clock: systemClock,
});
console.log(
  JSON.stringify(await sender.send({ url: process.argv[2]!, headers: {}, body: '{}', organizationId: 'org1' })),
);
await sender.close();

/** What requests that wait for slow receivers hold in memory. */
import net, { type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { createSender } from '../../../src/pipeline/deliver/send.ts';

const REQUESTS = 64;
const BODY_BYTES = 256 * 1_024;

test('requests with one large body hold it once, however many receivers do not read it', async () => {
  const sockets: net.Socket[] = [];
  const receiver = net.createServer({ pauseOnConnect: true }, (socket) => {
    sockets.push(socket.on('error', () => {}));
    receiver.emit('taken');
  });
  await once(receiver.listen(0, '127.0.0.1'), 'listening');
  const { port } = receiver.address() as AddressInfo;
  const sender = createSender({
    policy: { allowLoopback: true, allowedNetworks: [], allowHttp: true },
    timeoutMs: 60_000,
    connectionsPerOrigin: REQUESTS,
    clock: systemClock,
  });
  const before = process.memoryUsage().arrayBuffers;
  const body = 'x'.repeat(BODY_BYTES);
  const sent = Array.from({ length: REQUESTS }, () =>
    sender.send({ url: `http://127.0.0.1:${port}/`, headers: {}, body, organizationId: 'org1' }),
  );
  while (sockets.length < REQUESTS) await once(receiver, 'taken');
  const heldBytes = process.memoryUsage().arrayBuffers - before;
  for (const socket of sockets) socket.destroy();
  await Promise.all(sent);
  await sender.close();
  receiver.close();
  expect(heldBytes).toBeLessThan((REQUESTS * BODY_BYTES) / 4);
});

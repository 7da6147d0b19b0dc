/** A server that refuses at once: reads a head, answers 401 and closes. What no server can do in less. */
import { createServer, type AddressInfo } from 'node:net';

export type Refuser = { readonly port: number };

const ANSWER = 'HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';
/** As the service does with a head that does not end. */
const HEAD_MS = 10_000;
const MAX_HEAD_LENGTH = 16_384;
/** For the client to read the answer before its own bytes meet a closed connection. They are not read. */
const LINGER_MS = 50;

const server = createServer((socket) => {
  let head = '';
  socket.setTimeout(HEAD_MS, () => socket.destroy());
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    head = (head + chunk.toString('latin1')).slice(0, MAX_HEAD_LENGTH);
    if (!head.includes('\r\n\r\n')) return;
    socket.pause().removeAllListeners('data').end(ANSWER);
    setTimeout(() => socket.destroy(), LINGER_MS);
  });
}).listen(0, '127.0.0.1', () => {
  process.send!({ port: (server.address() as AddressInfo).port } satisfies Refuser);
});
process.on('disconnect', () => process.exit());

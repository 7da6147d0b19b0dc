/**
 * Receivers that accept connections and read nothing until they are told to; then they read all, and answer. A process of its
 * own, so that what the kernel holds for it is nobody else's memory. Argument: how many ports.
 */
import http from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';

export type ToReluctant = 'close' | 'open' | 'report';

export type FromReluctant =
  | { readonly ports: readonly number[] }
  /** Connections that wait unread now, and requests that were read whole and answered. */
  | { readonly waiting: number; readonly answered: number; readonly answeredBytes: number };

let isOpen = false;
let waiting = new Set<Socket>();
let [answered, answeredBytes] = [0, 0];

const server = http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  request.on('data', (chunk: Buffer) => (answeredBytes += chunk.length));
  request.on('end', () => {
    answered++;
    response.writeHead(204).end();
  });
});

function accept(socket: Socket): void {
  if (isOpen) return read(socket);
  waiting.add(socket);
  socket.on('error', () => {}).on('close', () => waiting.delete(socket));
}

function read(socket: Socket): void {
  server.emit('connection', socket);
  socket.resume();
}

process.on('message', (message: ToReluctant) => {
  if (message === 'report') {
    process.send!({ waiting: waiting.size, answered, answeredBytes } satisfies FromReluctant);
    return;
  }
  isOpen = message === 'open';
  if (!isOpen) return server.closeIdleConnections();
  for (const socket of waiting) read(socket);
  waiting = new Set();
});
process.on('disconnect', () => process.exit());

async function listen(): Promise<number> {
  const doors = net.createServer({ pauseOnConnect: true }, accept);
  await new Promise<void>((done) => doors.listen(0, '127.0.0.1', 4_096, done));
  return (doors.address() as AddressInfo).port;
}
const ports = await Promise.all(Array.from({ length: Number(process.argv[2]) }, listen));
process.send!({ ports } satisfies FromReluctant);

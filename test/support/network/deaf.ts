/**
 * An address that loses every SYN: its listener accepts nothing and its queue of connections is full, so the kernel drops
 * all further ones until `hear`. Linux only: other systems refuse, or have no second loopback address.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

type Place = { readonly host: string; readonly port: number };
type Start = Place & { readonly hears: Int32Array };

export type Deaf = AsyncDisposable & {
  /** Resolves when the kernel has sent a SYN of this process to it, and has no answer; at the latest when it is disposed of. */
  whenLost(): Promise<void>;
  /** From now on it accepts, and answers 200 to what it is sent. */
  hear(): void;
};

/** The kernel holds one connection more than the backlog. */
const BACKLOG = 1;
const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';

/** Why this machine cannot have such an address; undefined where it can. */
export const whyNotDeaf = (): string | undefined =>
  process.platform === 'linux' ? undefined : 'only Linux drops a SYN when the queue of a listener is full';

/** Port 0: a free one. */
export async function startDeaf({ host, port }: Place): Promise<Deaf & Place> {
  const hears = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { host, port, hears } satisfies Start });
  const [given] = (await once(worker, 'message')) as [number];
  const queued = Array.from({ length: BACKLOG + 1 }, () => net.connect({ host, port: given }));
  for (const socket of queued) socket.on('error', () => {});
  await Promise.all(queued.map((socket) => once(socket, 'connect')));
  let isDisposed = false;
  return {
    host,
    port: given,
    whenLost: async () => {
      while (!isDisposed && !isLost({ host, port: given })) await delay(5);
    },
    hear: () => {
      Atomics.store(hears, 0, 1);
      Atomics.notify(hears, 0);
    },
    [Symbol.asyncDispose]: async () => {
      isDisposed = true;
      for (const socket of queued) socket.destroy();
      await worker.terminate();
    },
  };
}

const SYN_SENT = '02';

function isLost({ host, port }: Place): boolean {
  const hex = (value: number, digits: number) => value.toString(16).toUpperCase().padStart(digits, '0');
  const bytes = host.split('.').map((byte) => hex(Number(byte), 2));
  const place = `${bytes.reverse().join('')}:${hex(port, 4)} ${SYN_SENT} `;
  return readFileSync('/proc/self/net/tcp', 'latin1').includes(place);
}

/** The worker listens, then blocks: its event loop comes to accept nothing before it hears. */
function listenAndBlock({ host, port, hears }: Start): void {
  const server = net.createServer((socket) => socket.on('error', () => {}).on('data', () => socket.write(OK)));
  server.listen({ host, port, backlog: BACKLOG }, () => {
    parentPort!.postMessage((server.address() as net.AddressInfo).port);
    Atomics.wait(hears, 0, 0);
  });
}

const start = isMainThread ? undefined : (workerData as Partial<Start> | undefined);
if (start?.hears) listenAndBlock(start as Start);

/** Targets that note each request: what came, over which connection, and when that connection ended. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** One request that was received whole. */
export type Receipt = {
  readonly eventId: string;
  readonly number: number;
  readonly receivedMs: number;
  /** The status its sender was told, unless its connection ended before. */
  answer?: number;
  /** When its connection ended, if it has: a worker that is killed ends all of its own. */
  closedMs?: number;
};

export type Targets = Disposable & {
  /** The URL of target number `index`. */
  url(index: number): string;
  /** Of one target, oldest first, by event. */
  receipts(index: number): ReadonlyMap<string, readonly Receipt[]>;
  /** Resolves when the target has answered the event with 200. */
  delivered(index: number, eventId: string): Promise<void>;
};

type Options = {
  readonly count: number;
  /** How long a request waits for its answer. */
  readonly answerMs: () => number;
  /** Whether the target answers 500. */
  readonly refuses: (receipt: Receipt) => boolean;
};

type Target = { readonly receipts: Map<string, Receipt[]>; readonly waiting: Map<string, () => void> };

export async function openTargets({ count, answerMs, refuses }: Options): Promise<Targets> {
  const targets = Array.from({ length: count }, (): Target => ({ receipts: new Map(), waiting: new Map() }));
  const bySocket = new WeakMap<Socket, Receipt[]>();

  const note = (request: IncomingMessage, { receipts }: Target): Receipt => {
    const [eventId, number] = [request.headers['x-dakota-event-id'], request.headers['x-dakota-delivery-attempt']];
    const receipt: Receipt = {
      eventId: String(eventId),
      number: Number(number),
      receivedMs: performance.now(),
    };
    receipts.set(receipt.eventId, [...(receipts.get(receipt.eventId) ?? []), receipt]);
    bySocket.get(request.socket)!.push(receipt);
    return receipt;
  };

  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const target = targets[Number(request.url!.slice(1))]!;
      const receipt = note(request, target);
      setTimeout(() => {
        const status = refuses(receipt) ? 500 : 200;
        response.writeHead(status).end(() => {
          if (receipt.closedMs !== undefined) return;
          receipt.answer = status;
          if (status === 200) target.waiting.get(receipt.eventId)?.();
        });
      }, answerMs());
    });
  });
  server.on('connection', (socket) => {
    const own: Receipt[] = [];
    bySocket.set(socket, own);
    socket.on('close', () => {
      for (const receipt of own) receipt.closedMs = performance.now();
    });
  });
  server.keepAliveTimeout = 0; // Its end of a connection says that the worker is gone, and nothing else.
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: (index) => `http://127.0.0.1:${port}/${index}`,
    receipts: (index) => targets[index]!.receipts,
    async delivered(index, eventId) {
      const { receipts, waiting } = targets[index]!;
      if (receipts.get(eventId)?.some(({ answer }) => answer === 200)) return;
      await new Promise<void>((resolve) => waiting.set(eventId, resolve));
    },
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

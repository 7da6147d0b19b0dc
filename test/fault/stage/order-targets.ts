/** Targets of ordered deliveries, which note in which order they accepted events for the first time. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a target does with a request: answers after a time, or hangs until its sender gives up. */
export type Manner = { readonly status: number; readonly afterMs: number } | 'hang';

export type OrderTargets = Disposable & {
  url(index: number): string;
  /** The ids of the events that a target answered with 200 while its sender listened, in the order of their first time. */
  accepted(index: number): readonly string[];
  readonly requests: number;
  /** How often a target behaved in a way that ends an attempt without success. */
  readonly failures: { refused: number; hung: number; late: number };
};

type Options = {
  readonly count: number;
  readonly mannerOf: (index: number, eventId: string, attempt: number) => Manner;
  /** An answer after this time comes too late. */
  readonly timeoutMs: number;
};

export async function openOrderTargets({ count, mannerOf, timeoutMs }: Options): Promise<OrderTargets> {
  const accepted = Array.from({ length: count }, () => new Set<string>());
  const failures = { refused: 0, hung: 0, late: 0 };
  let requests = 0;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      requests++;
      const index = Number(request.url!.slice(1));
      const eventId = String(request.headers['x-dakota-event-id']);
      const manner = mannerOf(index, eventId, Number(request.headers['x-dakota-delivery-attempt']));
      if (manner === 'hang') return void failures.hung++;
      if (manner.status !== 200) failures.refused++;
      else if (manner.afterMs > timeoutMs) failures.late++;
      setTimeout(() => {
        if (request.socket.destroyed) return;
        // Before the answer: whoever gets it may send the next event at once.
        if (manner.status === 200 && manner.afterMs < timeoutMs) accepted[index]!.add(eventId);
        response.writeHead(manner.status).end();
      }, manner.afterMs);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: (index) => `http://127.0.0.1:${port}/${index}`,
    accepted: (index) => [...accepted[index]!],
    get requests() {
      return requests;
    },
    failures,
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

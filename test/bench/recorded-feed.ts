/**
 * A stand-in for the service before a page: everything goes through to the service and back, but for the changes of its streams.
 * It holds them back and records them, to give them to the page later at a rate of its own.
 */
import http from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket, WebSocketServer } from 'ws';

const PROTOCOL = 'graphql-transport-ws';
const STEP_MS = 10;

export type RecordedFeed = AsyncDisposable & {
  readonly origin: string;
  /** How many changes wait. */
  readonly waiting: () => number;
  /** How many streams were opened: a page that was cut off opens another one. */
  readonly streams: () => number;
  /** Gives so many changes a second to the page, and resolves after the last one of this many. */
  replay(changes: number, perSecond: number): Promise<void>;
  /** Gives the page what is left, and from now on every change at once. */
  letThrough(): void;
};

type Held = { readonly text: string; readonly page: WebSocket };

/** `service`: the URL of any page of it. */
export async function startRecordedFeed(service: string): Promise<RecordedFeed> {
  const target = new URL(service);
  const held: Held[] = [];
  let [next, streams, isHolding] = [0, 0, true];
  const give = ({ text, page }: Held): void => page.send(text);

  const server = http.createServer((request, response) => {
    const { method, url, headers } = request;
    const own = { ...headers, host: target.host, ...(headers.origin && { origin: target.origin }) };
    const passed = http.request(
      { host: target.hostname, port: target.port, method, path: url, headers: own },
      (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      },
    );
    passed.on('error', () => response.destroy());
    request.pipe(passed);
  });
  const sockets = new WebSocketServer({ server, handleProtocols: () => PROTOCOL });
  sockets.on('connection', (page, { url = '' }) => {
    const upstream = new WebSocket(new URL(url, target.origin.replace(/^http/, 'ws')), PROTOCOL);
    streams++;
    page.on('message', (data) => {
      const send = () => upstream.send(String(data));
      if (upstream.readyState === WebSocket.OPEN) send();
      else upstream.once('open', send);
    });
    upstream.on('message', (data) => {
      const message = { text: String(data), page };
      if (isHolding && message.text.includes('"type":"next"')) held.push(message);
      else give(message);
    });
    page.on('close', () => upstream.terminate());
    upstream.on('close', () => page.terminate());
    upstream.on('error', () => page.terminate());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    waiting: () => held.length - next,
    streams: () => streams,
    async replay(changes, perSecond) {
      const [first, startedAt] = [next, performance.now()];
      if (held.length - first < changes) throw new Error(`${held.length - first} of ${changes} changes are recorded`);
      while (next - first < changes) {
        await pause(STEP_MS);
        const due = Math.min(changes, Math.floor(((performance.now() - startedAt) * perSecond) / 1_000));
        while (next - first < due) give(held[next++]!);
      }
    },
    letThrough() {
      isHolding = false;
      while (next < held.length) give(held[next++]!);
    },
    async [Symbol.asyncDispose]() {
      for (const page of sockets.clients) page.terminate();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** A real HTTP(S) endpoint on 127.0.0.1, as a customer would run it. Tests wait for its requests, never for time. */
import { once } from 'node:events';
import http, { type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../src/clock.ts';
import type { Certificate } from './certificates/certificates.ts';

export type ReceivedRequest = {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as they were sent. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly receivedAt: Date;
};

/** A status, or a status with headers and a body. */
export type ReceiverAnswer =
  number | { readonly status: number; readonly headers?: OutgoingHttpHeaders; readonly body?: string | Buffer };

/** A promise that never settles keeps the sender waiting until the receiver closes. */
export type ReceiverHandler = (request: ReceivedRequest) => ReceiverAnswer | Promise<ReceiverAnswer>;

export type ReceiverOptions = {
  /** Speaks HTTPS with this certificate. */
  readonly certificate?: Certificate;
  /** Of the URL; must lead to 127.0.0.1 for whoever sends. */
  readonly host?: string;
};

export type Receiver = AsyncDisposable & {
  /** http(s)://127.0.0.1:<port>/hook, in normal form. Every path is answered. */
  readonly url: string;
  readonly port: number;
  /** Complete requests, oldest first. */
  readonly requests: readonly ReceivedRequest[];
  /** Connections accepted so far. */
  readonly connectionCount: number;
  /** Connections open now. */
  readonly openConnectionCount: number;
  /** The oldest request (that matches) which no earlier `next` has returned; waits for it if it is still to come. */
  next(matches?: (request: ReceivedRequest) => boolean): Promise<ReceivedRequest>;
  /** From the next request on. */
  respondWith(answer: ReceiverAnswer | ReceiverHandler): void;
  /** Resolves when no connection is open any more. */
  whenDisconnected(): Promise<void>;
  /** Ends every connection, answered or not. */
  close(): Promise<void>;
};

type Waiter = { matches: (request: ReceivedRequest) => boolean; resolve: (request: ReceivedRequest) => void };

export async function startReceiver(
  answer: ReceiverAnswer | ReceiverHandler = 200,
  { certificate, host = '127.0.0.1' }: ReceiverOptions = {},
): Promise<Receiver> {
  const requests: ReceivedRequest[] = [];
  const taken = new Set<ReceivedRequest>();
  const waiters = new Set<Waiter>();
  let handler = toHandler(answer);
  let connectionCount = 0;
  let openConnectionCount = 0;

  const server = certificate ? https.createServer(certificate) : http.createServer();
  server.on('connection', (socket) => {
    connectionCount++;
    openConnectionCount++;
    socket.on('close', () => {
      openConnectionCount--;
      if (openConnectionCount === 0) server.emit('disconnected');
    });
  });
  server.on('request', async (incoming, response) => {
    const request = await read(incoming).catch(() => undefined);
    if (!request) return; // The sender went away in the middle.
    record(request);
    const given = await handler(request);
    const { status, headers = {}, body = '' } = typeof given === 'number' ? { status: given } : given;
    response.writeHead(status, headers).end(body);
  });

  function record(request: ReceivedRequest): void {
    requests.push(request);
    const waiter = [...waiters].find(({ matches }) => matches(request));
    if (!waiter) return;
    waiters.delete(waiter);
    taken.add(request);
    waiter.resolve(request);
  }

  function next(matches: Waiter['matches'] = () => true): Promise<ReceivedRequest> {
    const there = requests.find((request) => !taken.has(request) && matches(request));
    if (!there) return new Promise((resolve) => waiters.add({ matches, resolve }));
    taken.add(there);
    return Promise.resolve(there);
  }

  async function close(): Promise<void> {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${certificate ? 'https' : 'http'}://${host}:${port}/hook`,
    port,
    requests,
    get connectionCount() {
      return connectionCount;
    },
    get openConnectionCount() {
      return openConnectionCount;
    },
    next,
    respondWith: (newAnswer) => {
      handler = toHandler(newAnswer);
    },
    whenDisconnected: async () => {
      if (openConnectionCount > 0) await once(server, 'disconnected');
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

const toHandler = (answer: ReceiverAnswer | ReceiverHandler): ReceiverHandler =>
  typeof answer === 'function' ? answer : () => answer;

async function read(incoming: IncomingMessage): Promise<ReceivedRequest> {
  const body = Buffer.concat(await incoming.toArray());
  const { method = '', url = '', headers, rawHeaders } = incoming;
  return { method, url, headers, rawHeaders, body, receivedAt: systemClock.now() };
}

/** GraphQL clients for tests: over HTTP, SSE and WebSocket, close enough to the wire to see what a server really sends. */
import { once } from 'node:events';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

export type GraphqlRequest = {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
};

export type GraphqlError = {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: { readonly code: string; readonly [fact: string]: unknown };
};

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test says what it expects by comparing
export type GraphqlResult = { readonly data?: any; readonly errors?: readonly GraphqlError[] };

export type Answer = { readonly status: number; readonly headers: Headers; readonly body: GraphqlResult };

export type RequestOptions = {
  readonly apiKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
};

/** POSTs one operation to `<url>/graphql`. */
export async function postGraphql(url: string, request: GraphqlRequest, options: RequestOptions = {}): Promise<Answer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: headersOf(options, 'application/graphql-response+json, application/json'),
    body: JSON.stringify(request),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) };
}

function headersOf({ apiKey, headers }: RequestOptions, accept: string): Record<string, string> {
  return {
    'content-type': 'application/json',
    accept,
    ...(apiKey === undefined ? {} : { 'x-api-key': apiKey }),
    ...headers,
  };
}

export type SseEvent = {
  readonly event: string;
  readonly data: GraphqlResult | null;
  readonly id?: string | undefined;
};

export type SseStream = AsyncDisposable & {
  readonly response: IncomingMessage;
  /** The next event that is not a ping; null when the server ended the response. Reads nothing until it is called. */
  next(): Promise<SseEvent | null>;
  /** Leaves without a word, as a client does whose network is gone. */
  destroy(): void;
};

/** Subscribes over SSE and resolves with the response's headers. Nothing of the body is read before `next()`. */
export async function subscribeSse(
  url: string,
  request: GraphqlRequest,
  options: RequestOptions = {},
): Promise<SseStream> {
  const sent = httpRequest(`${url}/graphql`, {
    method: 'POST',
    headers: headersOf(options, 'text/event-stream'),
    ...(options.signal && { signal: options.signal }),
  });
  sent.end(JSON.stringify(request));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  sent.on('error', () => {}); // What it means for the reader comes from the response.
  const events = parseEvents(response);
  const destroy = () => void sent.destroy();
  return {
    response,
    next: async () => (await events.next()).value ?? null,
    destroy,
    [Symbol.asyncDispose]: async () => destroy(),
  };
}

async function* parseEvents(response: IncomingMessage): AsyncGenerator<SseEvent, undefined> {
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response) {
    const blocks = (text + chunk).split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = /^event: (.*)$/m.exec(block)?.[1];
      const data = /^data:(.*)$/m.exec(block)?.[1]?.trim();
      const id = /^id: (.*)$/m.exec(block)?.[1];
      if (event !== undefined) yield { event, data: data ? JSON.parse(data) : null, id };
    }
  }
  return undefined;
}

export type Message = { readonly type: string; readonly id?: string; readonly payload?: unknown };

export type Closed = { readonly code: number; readonly reason: string };

export type RawSocket = AsyncDisposable & {
  readonly socket: WebSocket;
  send(message: Message | string): void;
  /** The next message; rejects when the socket closes first. */
  next(): Promise<Message>;
  readonly closed: Promise<Closed>;
};

type SocketOptions = { readonly headers?: Readonly<Record<string, string>>; readonly protocol?: string | null };

/** A bare WebSocket that speaks graphql-transport-ws only as far as the test says it. */
export async function openSocket(url: string, options: SocketOptions = {}): Promise<RawSocket> {
  const { headers = {}, protocol = 'graphql-transport-ws' } = options;
  const socket = new WebSocket(socketUrl(url), protocol ?? [], { headers });
  const received: Message[] = [];
  const waiting: { resolve(message: Message): void; reject(error: Error): void }[] = [];
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as Message;
    const reader = waiting.shift();
    if (reader) reader.resolve(message);
    else received.push(message);
  });
  const closed = new Promise<Closed>((resolve) => {
    socket.on('close', (code, reason) => {
      resolve({ code, reason: String(reason) });
      for (const { reject } of waiting) reject(new Error(`closed with ${code} ${reason}`));
    });
  });
  await once(socket, 'open');
  return {
    socket,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    next() {
      const message = received.shift();
      if (message) return Promise.resolve(message);
      if (socket.readyState === socket.CLOSED) return Promise.reject(new Error('closed'));
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    closed,
    [Symbol.asyncDispose]: async () => socket.terminate(),
  };
}

/** A bare WebSocket whose `connection_init` has been acknowledged. */
export async function openAcknowledged(url: string, apiKey: string): Promise<RawSocket> {
  const socket = await openSocket(url);
  socket.send({ type: 'connection_init', payload: { apiKey } });
  const { type } = await socket.next();
  if (type !== 'connection_ack') throw new Error(`expected connection_ack, got ${type}`);
  return socket;
}

/** The graphql-ws client, which connects, retries and multiplexes as it does in an application. */
export function createSocketClient(url: string, apiKey: string): Client {
  return createClient({ url: socketUrl(url), webSocketImpl: WebSocket, connectionParams: { apiKey }, lazy: true });
}

const socketUrl = (url: string): string => `${url.replace(/^http/, 'ws')}/graphql`;

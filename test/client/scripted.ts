/** A service that says what a test tells it to, over server-sent events and WebSocket. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { type WebSocket, WebSocketServer } from 'ws';

export type Asked = { readonly variables: { readonly after?: string }; readonly apiKey: string };

type Script = {
  /** Answers a POST. */
  readonly onPost?: (response: ServerResponse, asked: Asked, nth: number) => void;
  /** Talks over a WebSocket. */
  readonly onSocket?: (socket: WebSocket, nth: number) => void;
};

export type Scripted = AsyncDisposable & {
  readonly url: string;
  readonly asked: Asked[];
  /** How many WebSockets are open. */
  readonly open: () => number;
};

export const STREAM = { 'content-type': 'text/event-stream' };

/** A result with this cursor. */
export const resultOf = (cursor: string, facts: object = {}): object => ({ data: { changed: { cursor, ...facts } } });
export const nextEvent = (result: object): string => `event: next\ndata: ${JSON.stringify(result)}\n\n`;

export async function startScripted({ onPost, onSocket }: Script): Promise<Scripted> {
  const asked: Asked[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    const { variables = {} } = (await json(request)) as Partial<Asked>;
    asked.push({ variables, apiKey: String(request.headers['x-api-key']) });
    onPost?.(response, asked.at(-1)!, asked.length);
  });
  let sockets = 0;
  const webSockets = new WebSocketServer({ server, handleProtocols: () => 'graphql-transport-ws' });
  webSockets.on('connection', (socket) => onSocket?.(socket, ++sockets));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    asked,
    open: () => webSockets.clients.size,
    async [Symbol.asyncDispose]() {
      for (const socket of webSockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

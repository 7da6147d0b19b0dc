/** One attempt of each kind, over one connection: ends with an answer, when the server closes, or when the attack is over. */
import { Agent, request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { WebSocket } from 'ws';
import { bigInit, BIG_BODIES } from './documents.ts';
import type { Tally } from './tally.ts';

export type Stranger = {
  readonly port: number;
  /** The address that it calls from. */
  readonly localAddress: string;
  /** Keeps one connection open from request to request, where the server does. */
  readonly agent: Agent;
  readonly tally: Tally;
  /** When the attack is over. */
  readonly signal: AbortSignal;
};

export type Attempt = (stranger: Stranger) => Promise<void>;

const HOST = '127.0.0.1';
/** A stranger has better things to do than to wait for longer. The server may still be at work for it. */
const PATIENCE_MS = 20_000;
const JSON_TYPE = 'application/json';

type Sent = {
  /** None: a GET. */
  readonly body?: Buffer;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Says how long the body is; else it comes in chunks, and its length shows at its end. */
  readonly isDeclared?: boolean;
};

export async function send(stranger: Stranger, request: Sent): Promise<void> {
  const { body, path = '/graphql', headers = {}, isDeclared = true } = request;
  const { port, localAddress, agent, tally } = stranger;
  const ended = Promise.withResolvers<void>();
  const length = isDeclared ? { 'content-length': String(body?.length) } : { 'transfer-encoding': 'chunked' };
  const sent = httpRequest({
    host: HOST,
    port,
    localAddress,
    agent,
    method: body ? 'POST' : 'GET',
    path,
    headers: body ? { 'content-type': JSON_TYPE, ...length, ...headers } : headers,
  });
  let isAnswered = false;
  const patience = setTimeout(() => sent.destroy(new Error('no answer')), PATIENCE_MS);
  sent.on('socket', (socket: Socket) => tally.watch(socket));
  sent.on('response', (response) => {
    isAnswered = true;
    tally.answer(response.statusCode!);
    response
      .on('error', () => {})
      .on('close', ended.resolve)
      .resume();
    response.on('end', () => {
      if (!sent.writableFinished) sent.destroy(); // It was refused before it was read.
    });
  });
  sent.on('error', (error: NodeJS.ErrnoException) => {
    if (!isAnswered) tally.answer(error.code ?? error.message);
    ended.resolve();
  });
  sent.end(body);
  await ended.promise;
  clearTimeout(patience);
}

/** A connection on which a request begins and never ends. `go` is called when it is open. */
async function hold({ port, localAddress, tally, signal }: Stranger, go: (socket: Socket) => void): Promise<void> {
  const socket = connect({ host: HOST, port, localAddress, signal });
  tally.watch(socket);
  socket.once('connect', () => go(socket));
  socket
    .on('error', () => {})
    .on('end', () => socket.destroy())
    .resume();
  await new Promise((resolve) => socket.once('close', resolve));
  if (!signal.aborted) tally.answer('closed');
}

const head = (contentLength: number): string =>
  `POST /graphql HTTP/1.1\r\nHost: ${HOST}\r\nContent-Type: ${JSON_TYPE}\r\nContent-Length: ${contentLength}\r\n\r\n`;

/** A connection that says half of a head and then nothing. */
export const halfOpen: Attempt = (stranger) =>
  hold(stranger, (socket) => socket.write('POST /graphql HTTP/1.1\r\nHost: a\r\nX-Slow: '));

const DRIP_MS = 250;

/** A body that comes byte by byte. */
export const drip: Attempt = (stranger) =>
  hold(stranger, (socket) => {
    socket.write(head(1_000));
    const dripping = setInterval(() => socket.write('{'), DRIP_MS);
    socket.once('close', () => clearInterval(dripping));
  });

/** A big body but for its last byte: the server has it all and cannot begin. */
export const withhold: Attempt = (stranger) =>
  hold(stranger, (socket) => {
    const body = BIG_BODIES[0]!;
    socket.write(head(body.length));
    socket.write(body.subarray(0, -1));
  });

/** A WebSocket that is held until the server closes it. `go` is called when it is open. */
async function holdSocket({ port, localAddress, tally, signal }: Stranger, go: (socket: WebSocket) => void) {
  const socket = new WebSocket(`ws://${HOST}:${port}/graphql`, 'graphql-transport-ws', {
    localAddress,
    perMessageDeflate: false,
  });
  let status: number | undefined;
  const leave = () => socket.terminate();
  signal.addEventListener('abort', leave);
  socket.on('upgrade', ({ socket: tcp }) => tally.watch(tcp));
  socket.on('unexpected-response', (_request, { statusCode }) => {
    status = statusCode;
    socket.terminate();
  });
  socket.on('open', () => go(socket)).on('error', () => {});
  const code = await new Promise<number>((resolve) => socket.once('close', resolve));
  signal.removeEventListener('abort', leave);
  if (!signal.aborted) tally.answer(status ?? `closed ${code}`);
}

/** A WebSocket that says nothing. */
export const silentSocket: Attempt = (stranger) => holdSocket(stranger, () => {});

const FLOOD_MESSAGES = 200;

/** A WebSocket that begins with the largest `connection_init`, under a key that nobody has, and goes on with messages. */
export const floodSocket: Attempt = (stranger) =>
  holdSocket(stranger, (socket) => {
    socket.send(bigInit(), { binary: false });
    for (let count = 0; count < FLOOD_MESSAGES; count++) socket.send('{"type":"ping","payload":{}}');
  });

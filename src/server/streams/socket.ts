/**
 * One WebSocket as graphql-ws sees it: text messages in and out. graphql-ws pulls the next value of a subscription when the
 * `send` of the one before has settled. It settles at once while less than TOGETHER_BYTES wait, so that many small messages
 * leave in one write; otherwise when the message has left the process. So a client that stops reading stops its sources. Only
 * answers to its own messages could still pile up: above HIGH_WATER_BYTES no more of them are read.
 */
import type { Duplex } from 'node:stream';
import type { Server as Protocol } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { type Log, logFault } from '../../log-event.ts';
import type { Caller } from '../../access/caller.ts';
import { readJson, RepeatedKey, TooMuchJson } from '../../domain/json/json-reader.ts';
import { quote } from '../../domain/text.ts';
import type { BodyBudget, BodyBytes } from '../intake/body-budget.ts';
import { BODY_LIMITS } from '../intake/read-body.ts';
import { EVERY_KEY_ONCE } from '../intake/read-json.ts';
import type { RequestRecord } from '../request-record.ts';
import { fillIn } from './answer-text.ts';

export type Peer = {
  readonly socket: WebSocket;
  /** The connection below the socket. */
  readonly connection: Duplex;
  /** The API key from the headers of the upgraded request. The request itself is not kept. */
  readonly headerKey: string | null;
  /** The organization to act in, from the same headers. */
  readonly headerOrganization: string | null;
  readonly requestId: string;
  /** How many operations have begun. It numbers their request ids. */
  operationCount: number;
  readonly running: Set<RequestRecord>;
  caller: Caller | null;
  /** The bytes of memory that the current message holds; null: there is no room for it. */
  arriving: BodyBytes | null;
  /** Called when the socket closes. */
  readonly cleanups: (() => void)[];
  /** Call it when the socket has shown a valid API key. */
  stopWaiting: () => void;
  /** In which part of the ping interval this socket is pinged. */
  readonly pingSlot: number;
  /** True while the server stops: nothing new begins, and the socket closes when all operations are done. */
  draining: boolean;
  /** Whether a message or a pong came from the client since the last ping. */
  alive: boolean;
  bufferedAtPing: number;
};

const HIGH_WATER_BYTES = 256 * 1024;
/** A write to the kernel costs as much as making several messages. */
const TOGETHER_BYTES = 16 * 1024;

export const CLOSE = {
  internalError: [4500, 'Internal server error'],
  forbidden: [4403, 'Forbidden'],
  notPlatformAdmin: [4403, 'organizationId needs the scope PLATFORM_ADMIN'],
  noSuchOrganization: [4403, 'No organization has this organizationId'],
  goingAway: [1001, 'Going away'],
  tryAgainLater: [1013, 'Try again later'],
  // Not 4429, which clients never retry: after a deployment it would shut out for good the clients that came here first.
  tooManySockets: [1013, 'Too many sockets of this API key'],
  tooManySocketsOfOrganization: [1013, 'Too many sockets of this organization'],
} as const;

type Facts = Pick<Peer, 'connection' | 'headerKey' | 'headerOrganization' | 'requestId' | 'pingSlot'>;

export const createPeer = (socket: WebSocket, facts: Facts): Peer => ({
  socket,
  ...facts,
  operationCount: 0,
  running: new Set(),
  caller: null,
  arriving: null,
  cleanups: [],
  stopWaiting: () => {},
  draining: false,
  alive: true,
  bufferedAtPing: 0,
});

/** Closes the socket for `reason` and ends its subscriptions at once, whether or not the client answers. */
export function closePeer(peer: Peer, reason: keyof typeof CLOSE): void {
  const [code, text] = CLOSE[reason];
  peer.socket.close(code, text);
  for (const { stream } of peer.running) stream?.end();
}

/**
 * Begins nothing new and closes the socket with 1001 as soon as no query or mutation is in flight: after the close, a
 * client would send again what it has no answer for.
 */
export function drainPeer(peer: Peer): void {
  peer.draining = true;
  const answering = [...peer.running].some(({ stream }) => stream === null);
  if (!answering && peer.socket.readyState === peer.socket.OPEN) closePeer(peer, 'goingAway');
}

type Options = { readonly logger: Log; readonly bodyBudget: BodyBudget };

/** Connects the socket to the protocol until it closes. */
export function servePeer(peer: Peer, protocol: Protocol<Peer>, { logger, bodyBudget }: Options): void {
  const { socket } = peer;

  const writeTogether = createCork(peer.connection);

  const send = (data: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const message = fillIn(data);
      if (socket.readyState !== socket.OPEN) return resolve();
      writeTogether();
      socket.send(message, (error) => {
        if (socket.isPaused && socket.bufferedAmount < HIGH_WATER_BYTES) socket.resume();
        if (error) reject(error);
        else resolve();
      });
      if (socket.bufferedAmount < TOGETHER_BYTES) resolve();
      if (socket.bufferedAmount >= HIGH_WATER_BYTES) socket.pause();
    });

  const close = (code?: number, reason = '') => socket.close(code, fitReason(reason));

  const onMessage = (handle: (data: string) => Promise<void>): void => {
    socket.on('message', (data: Buffer) => {
      peer.alive = true;
      const { caller } = peer;
      if (!caller && data.length > BODY_LIMITS.stranger) return close(1009, 'Too large before connection_ack');
      const bytes = bodyBudget.open(caller?.organizationId ?? null);
      peer.arriving = bytes.take(data.length) ? bytes : null;
      if (!caller && !peer.arriving) return closePeer(peer, 'tryAgainLater');
      const text = String(data);
      const fault = faultOf(text);
      if (fault !== null) {
        bytes.release();
        return close(4400, fault);
      }
      handle(text)
        .catch((error: unknown) => {
          if (socket.readyState !== socket.OPEN) return; // The client left while its answer was on the way.
          if (isForClients(text)) return socket.close(4400, 'Messages of this type come from the server');
          logFault(logger, { name: 'websocket.failed', err: error, requestId: peer.requestId });
          closePeer(peer, 'internalError');
        })
        .finally(() => {
          bytes.release();
          if (peer.draining) drainPeer(peer);
        });
    });
  };

  const closed = protocol.opened({ protocol: socket.protocol, send, close, onMessage }, peer);
  // A frame that is too large or malformed: ws closes the socket itself, with the fitting code.
  socket.on('error', (error) => logger.debug({ err: error, requestId: peer.requestId }, 'websocket.error'));
  socket.on('pong', () => (peer.alive = true));
  socket.once('close', (code, reason) => {
    for (const cleanup of peer.cleanups) cleanup();
    for (const { stream, kind, turn } of peer.running) {
      if (kind === 'query') turn?.end();
      stream?.end();
    }
    void closed(code, String(reason));
  });
}

/** Returns a function: what is written from its call until the end of the tick leaves in one write. */
function createCork(connection: Duplex): () => void {
  let isCorked = false;
  return () => {
    if (isCorked) return;
    isCorked = true;
    connection.cork();
    process.nextTick(() => {
      isCorked = false;
      connection.uncork();
    });
  };
}

/** What is wrong with the JSON of a message; null when nothing is. graphql-ws itself refuses a text that is not JSON. */
function faultOf(text: string): string | null {
  try {
    readJson(text);
  } catch (error) {
    if (error instanceof RepeatedKey) return `${EVERY_KEY_ONCE}, got a second ${quote(error.place)}`;
    if (error instanceof TooMuchJson) return `Expected ${error.message}`;
  }
  return null;
}

const TYPES_FOR_CLIENTS = new Set(['connection_ack', 'next', 'error']);

/** Whether only the server may send a message of this type. The message is well formed, and graphql-ws threw on it. */
const isForClients = (data: string): boolean => TYPES_FOR_CLIENTS.has((JSON.parse(data) as { type: string }).type);

const MAX_REASON_BYTES = 123;

/** Cuts a reason to what fits into a close frame (RFC 6455): ws throws on a longer one, and it may hold an id of the client. */
function fitReason(reason: string): string {
  let fitting = reason.slice(0, MAX_REASON_BYTES);
  while (Buffer.byteLength(fitting) > MAX_REASON_BYTES) fitting = fitting.slice(0, -1);
  return fitting;
}

/** Pings the client; drops it when it has shown no life since the last ping. */
export function pingPeer(peer: Peer): void {
  const { socket } = peer;
  // A client on a slow line may reach the ping late, but it takes the messages before it.
  const takesMessages = peer.bufferedAtPing > 0 && socket.bufferedAmount < peer.bufferedAtPing;
  if (!peer.alive && !takesMessages) return socket.terminate();
  peer.alive = false;
  peer.bufferedAtPing = socket.bufferedAmount;
  if (socket.readyState === socket.OPEN) socket.ping();
}

/**
 * One connection to a target: an HTTP client with one socket at a time. It opens a socket when it has a request and no
 * socket.
 */
import type { Socket } from 'node:net';
import type { ConnectStage } from './connect.ts';
import type { Place } from './endpoint.ts';
import { MOST_IDLE_MS } from './keep-times.ts';
import { createReceived, type Received } from './received.ts';
import { floodFailure } from './send-failure.ts';
import { createSent, type Sent } from './sent.ts';
import { readLittleAtATime } from './small-reads.ts';
import { Client } from './undici.ts';

/** The most bytes of response headers, and of the trailers after a chunked body. */
const MAX_HEADER_BYTES = 16_384;
/** The most bytes of one response: far more than what is kept of it. */
const MAX_RECEIVED_BYTES = 262_144;

/** The connections to one place. */
export type Origin = {
  readonly key: string;
  /** Of equal places, the one whose identity may be used. */
  place: Place;
  /** Idle connections; the last in the list was used last and is used next, so that the others can grow old. */
  readonly idle: TargetConnection[];
  readonly waiting: Set<Waiter>;
  open: number;
};

export type TargetConnection = {
  readonly client: Client;
  readonly origin: Origin;
  readonly aborter: AbortController;
  /** How far the opening of a socket has come; undefined when none is being opened. */
  stage: ConnectStage | undefined;
  /** How many responses the present socket has brought; above 0, it is being reused. */
  answers: number;
  openedAtMs: number;
  socket: Socket | undefined;
  /** Whether the present request has left. */
  readonly sent: Sent;
  /** The bytes of the present response. */
  readonly received: Received;
  /** The Keep-Alive header of the last response; undefined when it had none. */
  keepAlive: string | undefined;
  idleSinceMs: number;
  /** How long the connection was idle before the present request. */
  idleMs: number;
  /** Whether a kept socket of it ended as it was reused, and no fresh one has answered since. */
  hasRaced: boolean;
};

export type Waiter = { use(connection: TargetConnection): void };

/** Creates the connection; a socket is opened with the first request. */
export function createConnection(
  origin: Origin,
  openSocket: (connection: TargetConnection) => Promise<Socket>,
): TargetConnection {
  const client = new Client(origin.place.endpoint.origin, {
    connect: (_options, done) =>
      openSocket(connection).then(
        (socket) =>
          done(
            null,
            readLittleAtATime(socket, (piece) => take(connection, piece)),
          ),
        (error: Error) => done(error, null),
      ),
    allowH2: false,
    pipelining: 1,
    headersTimeout: 0, // Neither timeout is needed: the whole attempt has a deadline.
    bodyTimeout: 0,
    maxHeaderSize: MAX_HEADER_BYTES,
    // connections.ts closes idle connections earlier than this. It is a safeguard for those that it has lost.
    keepAliveTimeout: MOST_IDLE_MS,
    keepAliveMaxTimeout: MOST_IDLE_MS,
    keepAliveTimeoutThreshold: 0,
  });
  const connection: TargetConnection = {
    client,
    origin,
    aborter: new AbortController(),
    received: createReceived(),
    sent: createSent(() => connection.socket, origin.place.endpoint.secure),
    stage: undefined,
    socket: undefined,
    answers: 0,
    openedAtMs: 0,
    keepAlive: undefined,
    idleSinceMs: 0,
    idleMs: 0,
    hasRaced: false,
  };
  return connection;
}

/** Counts what was read, because some floods (line breaks, chunk extensions) never reach a limit of the HTTP client. */
function take({ received, socket, origin }: TargetConnection, piece: Buffer): void {
  received.take(piece);
  if (received.bytes > MAX_RECEIVED_BYTES) socket?.destroy(floodFailure(origin.place.endpoint.host));
}

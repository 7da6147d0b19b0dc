/** One connection to a target: an HTTP client for one socket at a time, which it opens when it has a request and no socket. */
import type { Socket } from 'node:net';
import { Client } from 'undici';
import type { ConnectStage } from './connect.ts';
import type { Endpoint } from './endpoint.ts';
import { MOST_IDLE_MS } from './keep-times.ts';
import { createReceived, type Received } from './received.ts';
import { floodFailure } from './send-failure.ts';
import { createSent, type Sent } from './sent.ts';
import { readLittleAtATime } from './small-reads.ts';

/** Of response headers, and of the trailers after a chunked body. */
const MAX_HEADER_BYTES = 16_384;
/** Far beyond what a kept response needs. */
const MAX_RECEIVED_BYTES = 262_144;

/** The connections of one organization to one origin. */
export type Origin = {
  readonly key: string;
  readonly organizationId: string;
  readonly endpoint: Endpoint;
  /** The last one is the one used last, and the next to be used: the others can grow old. */
  readonly idle: TargetConnection[];
  readonly waiting: Set<Waiter>;
  open: number;
};

export type TargetConnection = {
  readonly client: Client;
  readonly origin: Origin;
  readonly aborter: AbortController;
  /** While a socket is being opened; undefined when it is open. */
  stage: ConnectStage | undefined;
  /** Responses received on the present socket: above 0, it is being reused. */
  answers: number;
  openedAtMs: number;
  socket: Socket | undefined;
  /** The present request. */
  readonly sent: Sent;
  /** The present response. */
  readonly received: Received;
  /** What the last response asked for; undefined when it said nothing. */
  keepAlive: string | undefined;
  idleSinceMs: number;
  /** How long the connection was idle before the present request. */
  idleMs: number;
};

export type Waiter = { use(connection: TargetConnection): void };

/** Nothing is opened yet. */
export function createConnection(
  origin: Origin,
  openSocket: (connection: TargetConnection) => Promise<Socket>,
): TargetConnection {
  const client = new Client(origin.endpoint.origin, {
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
    headersTimeout: 0, // The deadline of the whole attempt stands above both.
    bodyTimeout: 0,
    maxHeaderSize: MAX_HEADER_BYTES,
    // connections.ts closes what is idle, and earlier. This closes what it has lost sight of.
    keepAliveTimeout: MOST_IDLE_MS,
    keepAliveMaxTimeout: MOST_IDLE_MS,
    keepAliveTimeoutThreshold: 0,
  });
  const connection: TargetConnection = {
    client,
    origin,
    aborter: new AbortController(),
    received: createReceived(),
    sent: createSent(() => connection.socket, origin.endpoint.secure),
    stage: undefined,
    socket: undefined,
    answers: 0,
    openedAtMs: 0,
    keepAlive: undefined,
    idleSinceMs: 0,
    idleMs: 0,
  };
  return connection;
}

/** Some floods (line breaks, chunk extensions) never reach a limit of the HTTP client. */
function take({ received, socket, origin }: TargetConnection, piece: Buffer): void {
  received.take(piece);
  if (received.bytes > MAX_RECEIVED_BYTES) socket?.destroy(floodFailure(origin.endpoint.host));
}

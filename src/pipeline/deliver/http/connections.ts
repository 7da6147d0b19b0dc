/**
 * Kept-alive connections, by organization and origin: no socket is ever shared between organizations.
 *
 *     acquire ──▶ in use ──release──▶ idle ──acquire──▶ in use …
 *                   │                  │
 *                   └─────discard──────┴──▶ gone
 *
 * Invariants:
 *   - one request at a time on a connection, and none behind one that was answered before it was sent whole (sent.ts): an
 *     answer can only belong to the request before it;
 *   - at most `perOrigin` connections to one origin; who finds none free waits in order, and can leave the queue;
 *   - an origin that ends kept connections without a word gets a new one for each request for a while (races.ts);
 *   - idle connections are closed by undici after KEEP_ALIVE_MS (or earlier, as the peer asks), and the oldest ones
 *     when there are more than MAX_IDLE;
 *   - an origin without connections is forgotten.
 */
import type { Socket } from 'node:net';
import { Client } from 'undici';
import type { Clock } from '../../../clock.ts';
import type { Connect, ConnectStage, Endpoint } from './connect.ts';
import { createRaces } from './races.ts';
import { createReceived, type Received } from './received.ts';
import { floodFailure } from './send-failure.ts';
import { createSent, type Sent } from './sent.ts';
import { readLittleAtATime } from './small-reads.ts';

/** Of response headers, and of the trailers after a chunked body. */
const MAX_HEADER_BYTES = 16_384;
/** Far beyond what a kept response needs. */
const MAX_RECEIVED_BYTES = 262_144;
/** Below the 5 s after which Node's own servers, and many others, close. */
const KEEP_ALIVE_MS = 4_000;
/** A Keep-Alive hint of the peer is undercut by this: what it closes must not be in use at that moment. */
const KEEP_ALIVE_MARGIN_MS = 1_000;
/** A busy connection would otherwise keep to an address that its name has long left. */
const MAX_AGE_MS = 60_000;
/** Of this process, to all origins: a bound on file descriptors. */
const MAX_IDLE = 1_000;

type Origin = {
  readonly key: string;
  readonly endpoint: Endpoint;
  /** The last one is the one used last, and the next to be used: the others can grow old. */
  readonly idle: Connection[];
  readonly waiting: Set<Waiter>;
  open: number;
};

export type Connection = {
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
};

export type Waiter = { use(connection: Connection): void };

export type Connections = {
  /** Hands a connection to the waiter: at once, or in its turn. */
  acquire(organizationId: string, endpoint: Endpoint, waiter: Waiter): void;
  /** The waiter no longer wants one. */
  leave(organizationId: string, endpoint: Endpoint, waiter: Waiter): void;
  /** The client has handed the present request to the socket. */
  noteSent(connection: Connection): void;
  /** After a complete response. */
  release(connection: Connection): void;
  /** After anything else: the socket, open or opening, is destroyed. */
  discard(connection: Connection): void;
  /** The socket, which had answered before, ended as it was reused; the connection gets a fresh one. */
  noteRace(connection: Connection): void;
  /** Whether it serves no other request after the present one; the client then says `Connection: close` (`reset`). */
  isLast(connection: Connection): boolean;
  /** From now on nothing is kept; resolves when the last connection is gone. */
  close(): Promise<void>;
};

type ConnectionsOptions = { readonly connect: Connect; readonly perOrigin: number; readonly clock: Clock };

export function createConnections({ connect, perOrigin, clock }: ConnectionsOptions): Connections {
  const origins = new Map<string, Origin>();
  const races = createRaces(clock);
  const idle = new Set<Connection>(); // In the order in which they became idle.
  let alive = 0;
  let closing: PromiseWithResolvers<void> | undefined;

  function originOf(organizationId: string, endpoint: Endpoint): Origin {
    const key = keyOf(organizationId, endpoint);
    const known = origins.get(key);
    if (known) return known;
    const origin: Origin = { key, endpoint, idle: [], waiting: new Set(), open: 0 };
    origins.set(key, origin);
    return origin;
  }

  function open(origin: Origin): Connection {
    const connection = createConnection(origin, openSocket);
    connection.client.on('disconnect', () => {
      if (idle.has(connection)) discard(connection);
    });
    origin.open += 1;
    alive += 1;
    return connection;
  }

  async function openSocket(connection: Connection): Promise<Socket> {
    connection.answers = 0;
    const socket = await connect(connection.origin.endpoint, connection.aborter.signal, (stage) => {
      connection.stage = stage;
    });
    connection.stage = undefined;
    connection.socket = socket;
    connection.received.begin();
    connection.openedAtMs = clock.monotonicMs();
    return socket;
  }

  function acquire(organizationId: string, endpoint: Endpoint, waiter: Waiter): void {
    const origin = originOf(organizationId, endpoint);
    const connection = origin.idle.pop();
    if (connection) idle.delete(connection);
    if (connection) waiter.use(connection);
    else if (origin.open < perOrigin) waiter.use(open(origin));
    else origin.waiting.add(waiter);
  }

  function leave(organizationId: string, endpoint: Endpoint, waiter: Waiter): void {
    origins.get(keyOf(organizationId, endpoint))?.waiting.delete(waiter);
  }

  function release(connection: Connection): void {
    connection.answers += 1;
    connection.received.begin();
    connection.sent.judge((hasLeft) => {
      if (hasLeft) keep(connection);
      else discard(connection);
    });
  }

  function keep(connection: Connection): void {
    const { origin } = connection;
    const isOld = clock.monotonicMs() - connection.openedAtMs > MAX_AGE_MS;
    if (closing || isOld || isLast(connection) || connection.socket?.destroyed) return discard(connection);
    const next = nextWaiter(origin);
    // Not at once: the client is still inside the callback of the response that just ended.
    if (next) return queueMicrotask(() => next.use(connection));
    origin.idle.push(connection);
    idle.add(connection);
    if (idle.size > MAX_IDLE) discard(idle.values().next().value!);
  }

  function discard(connection: Connection): void {
    const { origin } = connection;
    if (idle.delete(connection)) origin.idle.splice(origin.idle.indexOf(connection), 1);
    origin.open -= 1;
    connection.aborter.abort();
    void connection.client.destroy().then(() => {
      alive -= 1;
      finishClosing();
    });
    // Later, because waiters whose deadline is the same as that of the request that just ended leave in this turn.
    if (origin.waiting.size > 0) setImmediate(refill, origin);
    else forgetEmpty(origin);
  }

  const isLast = ({ origin }: Connection): boolean => !races.mayKeep(origin.key);

  function noteRace(connection: Connection): void {
    connection.answers = 0;
    races.note(connection.origin.key);
    if (!isLast(connection)) return;
    for (const other of [...connection.origin.idle]) discard(other);
  }

  function refill(origin: Origin): void {
    while (origin.open < perOrigin && origin.waiting.size > 0) nextWaiter(origin)!.use(open(origin));
    forgetEmpty(origin);
  }

  function forgetEmpty(origin: Origin): void {
    if (origin.open > 0 || origin.waiting.size > 0) return;
    if (origins.get(origin.key) === origin) origins.delete(origin.key);
    finishClosing();
  }

  function close(): Promise<void> {
    closing ??= Promise.withResolvers();
    for (const connection of [...idle]) discard(connection);
    finishClosing();
    return closing.promise;
  }

  function finishClosing(): void {
    if (alive === 0 && origins.size === 0) closing?.resolve();
  }

  return { acquire, leave, noteSent: ({ sent }) => sent.begin(), release, discard, noteRace, isLast, close };
}

/** An HTTP client for one socket at a time, which it opens when it has a request and no socket. */
function createConnection(origin: Origin, openSocket: (connection: Connection) => Promise<Socket>): Connection {
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
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    keepAliveTimeoutThreshold: KEEP_ALIVE_MARGIN_MS,
  });
  const fresh = { stage: undefined, answers: 0, openedAtMs: 0, socket: undefined };
  const connection: Connection = {
    ...{ client, origin, aborter: new AbortController(), received: createReceived() },
    ...{ ...fresh, sent: createSent(() => connection.socket) },
  };
  return connection;
}

/** Some floods (line breaks, chunk extensions) never reach a limit of the HTTP client. */
function take({ received, socket, origin }: Connection, piece: Buffer): void {
  received.take(piece);
  if (received.bytes > MAX_RECEIVED_BYTES) socket?.destroy(floodFailure(origin.endpoint.host));
}

const keyOf = (organizationId: string, endpoint: Endpoint): string => `${organizationId} ${endpoint.origin}`;

function nextWaiter({ waiting }: Origin): Waiter | undefined {
  if (waiting.size === 0) return undefined;
  const [waiter] = waiting;
  waiting.delete(waiter!);
  return waiter;
}

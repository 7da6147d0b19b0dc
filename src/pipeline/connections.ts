/**
 * Kept-alive connections, by organization and origin: no socket is ever shared between organizations.
 *
 *     acquire ──▶ in use ──release──▶ idle ──acquire──▶ in use …
 *                   │                  │
 *                   └─────discard──────┴──▶ gone
 *
 * Invariants:
 *   - one request at a time on a connection, so an answer can only belong to the request before it;
 *   - at most `perOrigin` connections to one origin; who finds none free waits in order, and can leave the queue;
 *   - idle connections are closed by undici after KEEP_ALIVE_MS (or earlier, as the peer asks), and the oldest ones
 *     when there are more than MAX_IDLE;
 *   - an origin without connections is forgotten.
 */
import type { Socket } from 'node:net';
import { Client } from 'undici';
import type { Clock } from '../clock.ts';
import type { Connect, ConnectStage, Endpoint } from './connect.ts';

/** Of response headers, and of the trailers after a chunked body. */
const MAX_HEADER_BYTES = 16_384;
/** Below the 5 s after which Node's own servers, and many others, close. */
const KEEP_ALIVE_MS = 4_000;
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
};

export type Waiter = { use(connection: Connection): void };

export type Connections = {
  /** Hands a connection to the waiter: at once, or in its turn. */
  acquire(organizationId: string, endpoint: Endpoint, waiter: Waiter): void;
  /** The waiter no longer wants one. */
  leave(organizationId: string, endpoint: Endpoint, waiter: Waiter): void;
  /** After a complete response. */
  release(connection: Connection): void;
  /** After anything else: the socket, open or opening, is destroyed. */
  discard(connection: Connection): void;
  /** From now on nothing is kept; resolves when the last connection is gone. */
  close(): Promise<void>;
};

type ConnectionsOptions = { readonly connect: Connect; readonly perOrigin: number; readonly clock: Clock };

export function createConnections({ connect, perOrigin, clock }: ConnectionsOptions): Connections {
  const origins = new Map<string, Origin>();
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
    const client = new Client(origin.endpoint.origin, {
      connect: (_options, done) => openSocket(connection, done),
      allowH2: false,
      pipelining: 1,
      headersTimeout: 0, // The deadline of the whole attempt stands above both.
      bodyTimeout: 0,
      maxHeaderSize: MAX_HEADER_BYTES,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
    });
    const aborter = new AbortController();
    const connection: Connection = { client, origin, aborter, stage: undefined, answers: 0, openedAtMs: 0 };
    client.on('disconnect', () => {
      if (idle.has(connection)) discard(connection);
    });
    origin.open += 1;
    alive += 1;
    return connection;
  }

  function openSocket(connection: Connection, done: (...result: [Error, null] | [null, Socket]) => void): void {
    connection.answers = 0;
    const onStage = (stage: ConnectStage) => {
      connection.stage = stage;
    };
    connect(connection.origin.endpoint, connection.aborter.signal, onStage).then(
      (socket) => {
        connection.stage = undefined;
        connection.openedAtMs = clock.monotonicMs();
        done(null, socket);
      },
      (error: Error) => done(error, null),
    );
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
    const { origin } = connection;
    if (closing || clock.monotonicMs() - connection.openedAtMs > MAX_AGE_MS) return discard(connection);
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
    void connection.client.destroy().then(forget);
    const next = nextWaiter(origin);
    if (next) next.use(open(origin));
    else if (origin.open === 0) origins.delete(origin.key);
  }

  function forget(): void {
    alive -= 1;
    if (alive === 0) closing?.resolve();
  }

  function close(): Promise<void> {
    if (closing) return closing.promise;
    closing = Promise.withResolvers();
    for (const connection of [...idle]) discard(connection);
    if (alive === 0) closing.resolve();
    return closing.promise;
  }

  return { acquire, leave, release, discard, close };
}

const keyOf = (organizationId: string, endpoint: Endpoint): string => `${organizationId} ${endpoint.origin}`;

function nextWaiter(origin: Origin): Waiter | undefined {
  const [waiter] = origin.waiting;
  if (waiter) origin.waiting.delete(waiter);
  return waiter;
}

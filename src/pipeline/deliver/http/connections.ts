/**
 * Keeps connections alive, by organization, origin and client certificate: no socket is ever shared between organizations, or
 * goes on after its certificate was replaced.
 *
 *     acquire ──▶ in use ──release──▶ idle ──acquire──▶ in use …
 *                   │                  │
 *                   └─────discard──────┴──▶ gone
 *
 * Invariants:
 *   - a connection has one request at a time, and no other after a request that was answered before it was sent whole
 *     (sent.ts): so an answer can only belong to the request before it;
 *   - an origin has at most `perOrigin` connections; a request that finds none free waits in order, and can leave the
 *     queue;
 *   - an origin that closes kept connections without notice gets a new connection for each request for a while
 *     (races.ts);
 *   - a connection that was idle for longer than its receiver allows (keep-times.ts), a minute at most, is not used: so
 *     an origin has no more idle connections than it used in the last minute;
 *   - idle connections are closed within SWEEP_MS of that time, and the oldest ones when there are more than `mostIdle`;
 *   - an origin without connections is forgotten.
 */
import type { Socket } from 'node:net';
import type { Clock } from '../../../clock.ts';
import type { Connect } from './connect.ts';
import { createConnection, type TargetConnection, type Origin, type Waiter } from './connection.ts';
import type { ClientIdentity } from './client-identity.ts';
import { nameOfPlace, type Place } from './endpoint.ts';
import { createKeepTimes, LEAST_KEPT_MS } from './keep-times.ts';
import { createRaces } from './races.ts';
import { isClosedByPeer } from './send-failure.ts';

/** A connection is not reused after this time: a busy one would otherwise stay at an address that its name has left. */
const MAX_AGE_MS = 60_000;
/** Of this process, to all origins, where nothing else is said. */
const MOST_IDLE = 1_000;
/** Half of the margin that keep-times.ts leaves to the receiver's own close. */
const SWEEP_MS = 500;

export type Connections = {
  /** Hands a connection to the waiter: at once, or in its turn. */
  acquire(place: Place, waiter: Waiter): void;
  /** Takes out a waiter that no longer wants a connection. */
  leave(place: Place, waiter: Waiter): void;
  /** Notes that the client has handed the present request to the socket. */
  noteSent(connection: TargetConnection): void;
  /** Gives a connection back after a complete response. `keepAlive`: the Keep-Alive header of the response. */
  release(connection: TargetConnection, keepAlive?: string): void;
  /** Gives a connection back after anything else: its socket, open or opening, is destroyed. */
  discard(connection: TargetConnection): void;
  /**
   * Notes that a socket which had answered before ended as it was reused. The connection gets a fresh socket. It counts as a race
   * once that one has answered.
   */
  noteRace(connection: TargetConnection): void;
  /** Closes the idle connections of an identity that was replaced; the others end after their present request. */
  forget(identity: ClientIdentity): void;
  /** Whether the present request is the connection's last; then the client sends `Connection: close` (`reset`). */
  isLast(connection: TargetConnection): boolean;
  /** Keeps no connection from now on; resolves when the last one is gone. */
  close(): Promise<void>;
};

type ConnectionsOptions = {
  readonly connect: Connect;
  readonly perOrigin: number;
  /** Of this process, to all origins: each is a file descriptor. */
  readonly mostIdle?: number | undefined;
  readonly clock: Clock;
};

export function createConnections(options: ConnectionsOptions): Connections {
  const { connect, perOrigin, mostIdle = MOST_IDLE, clock } = options;
  const origins = new Map<string, Origin>();
  const races = createRaces(clock);
  const keepTimes = createKeepTimes(clock);
  const idle = new Set<TargetConnection>(); // In the order in which they became idle.
  let alive = 0;
  let sweeper: NodeJS.Timeout | undefined;
  let closing: PromiseWithResolvers<void> | undefined;

  function originOf(place: Place): Origin {
    const key = nameOfPlace(place);
    const known = origins.get(key);
    if (known) {
      // A version that was retired may be opened again: for a claim that was read before the change, or after a change was undone.
      if (known.place.identity?.isReplaced) known.place = place;
      return known;
    }
    const origin: Origin = { key, place, idle: [], waiting: new Set(), open: 0 };
    origins.set(key, origin);
    return origin;
  }

  function open(origin: Origin): TargetConnection {
    const connection = createConnection(origin, openSocket);
    connection.client.on('disconnect', (_origin, _targets, error) => {
      if (!idle.has(connection)) return;
      if (isClosedByPeer(error)) keepTimes.noteEnd(origin.key, clock.monotonicMs() - connection.idleSinceMs);
      discard(connection);
    });
    origin.open += 1;
    alive += 1;
    return connection;
  }

  async function openSocket(connection: TargetConnection): Promise<Socket> {
    connection.answers = 0;
    connection.idleMs = 0;
    const socket = await connect(connection.origin.place, connection.aborter.signal, (stage) => {
      connection.stage = stage;
    });
    connection.stage = undefined;
    connection.socket = socket;
    connection.received.begin();
    connection.openedAtMs = clock.monotonicMs();
    return socket;
  }

  function acquire(place: Place, waiter: Waiter): void {
    const origin = originOf(place);
    const connection = takeIdle(origin);
    if (connection) waiter.use(connection);
    else if (origin.open < perOrigin) waiter.use(open(origin));
    else origin.waiting.add(waiter);
  }

  function takeIdle(origin: Origin): TargetConnection | undefined {
    const nowMs = clock.monotonicMs();
    for (let connection = origin.idle.at(-1); connection; connection = origin.idle.at(-1)) {
      if (isStale(connection, nowMs)) discard(connection);
      else {
        origin.idle.pop();
        idle.delete(connection);
        connection.idleMs = nowMs - connection.idleSinceMs;
        return connection;
      }
    }
    return undefined;
  }

  function isStale({ origin, idleSinceMs, keepAlive }: TargetConnection, nowMs: number): boolean {
    const idleMs = nowMs - idleSinceMs;
    return idleMs >= LEAST_KEPT_MS && idleMs >= keepTimes.of(origin.key, keepAlive);
  }

  function leave(place: Place, waiter: Waiter): void {
    origins.get(nameOfPlace(place))?.waiting.delete(waiter);
  }

  function forget(identity: ClientIdentity): void {
    for (const connection of [...idle]) {
      if (connection.origin.place.identity?.name === identity.name) discard(connection);
    }
  }

  function release(connection: TargetConnection, keepAlive?: string): void {
    connection.answers += 1;
    connection.received.begin();
    connection.keepAlive = keepAlive;
    keepTimes.noteAnswer(connection.origin.key, connection.idleMs);
    connection.idleMs = 0;
    if (connection.hasRaced) confirmRace(connection);
    connection.sent.judge((hasLeft) => {
      if (hasLeft) keep(connection);
      else discard(connection);
    });
  }

  function keep(connection: TargetConnection): void {
    const { origin } = connection;
    const nowMs = clock.monotonicMs();
    const isOld = nowMs - connection.openedAtMs > MAX_AGE_MS;
    if (closing || isOld || isLast(connection) || connection.socket?.destroyed) return discard(connection);
    const next = nextWaiter(origin);
    // In a microtask, because the client is still inside the callback of the response that just ended.
    if (next) return queueMicrotask(() => next.use(connection));
    connection.idleSinceMs = nowMs;
    origin.idle.push(connection);
    idle.add(connection);
    if (idle.size > mostIdle) discard(idle.values().next().value!);
    sweeper ??= setInterval(sweep, SWEEP_MS).unref();
  }

  function sweep(): void {
    const nowMs = clock.monotonicMs();
    for (const connection of idle) if (isStale(connection, nowMs)) discard(connection);
    if (idle.size > 0) return;
    clearInterval(sweeper);
    sweeper = undefined;
  }

  function discard(connection: TargetConnection): void {
    const { origin } = connection;
    const wasIdle = idle.delete(connection);
    if (wasIdle) origin.idle.splice(origin.idle.indexOf(connection), 1);
    else if (connection.received.bytes === 0) keepTimes.noteSilence(origin.key, connection.idleMs);
    origin.open -= 1;
    connection.aborter.abort();
    void connection.client.destroy().then(() => {
      alive -= 1;
      finishClosing();
    });
    // In the next turn, because waiters with the same deadline as the request that just ended leave in this turn.
    if (origin.waiting.size > 0) setImmediate(refill, origin);
    else forgetEmpty(origin);
  }

  const isLast = ({ origin, hasRaced }: TargetConnection): boolean =>
    origin.place.identity?.isReplaced || !races.mayKeep(origin.key, hasRaced ? 1 : 0);

  function noteRace(connection: TargetConnection): void {
    keepTimes.noteEnd(connection.origin.key, connection.idleMs);
    connection.answers = 0;
    connection.hasRaced = true;
  }

  /**
   * It was the kept socket: the same request was answered on a fresh one. A receiver that ends both takes no such request at all,
   * which says nothing about kept sockets; the other targets of its origin go on using theirs.
   */
  function confirmRace(connection: TargetConnection): void {
    connection.hasRaced = false;
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
    clearInterval(sweeper);
    for (const connection of [...idle]) discard(connection);
    finishClosing();
    return closing.promise;
  }

  function finishClosing(): void {
    if (alive === 0 && origins.size === 0) closing?.resolve();
  }

  return { acquire, leave, noteSent: ({ sent }) => sent.begin(), release, discard, noteRace, forget, isLast, close };
}

function nextWaiter({ waiting }: Origin): Waiter | undefined {
  if (waiting.size === 0) return undefined;
  const [waiter] = waiting;
  waiting.delete(waiter!);
  return waiter;
}

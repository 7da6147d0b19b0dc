/**
 * Sends one HTTP request to a target. It is the hottest and the most exposed code of the product.
 *
 * Invariants:
 *   - every result is a value: a response, or a failure with its outcome class; `send` never rejects;
 *   - one deadline over everything, from waiting for a connection to the last byte that is read;
 *   - memory is bounded whatever the receiver does: 16 KiB of headers, 16 KiB of body, 32 interim responses, and
 *     256 KiB in all;
 *   - redirects are not followed, nothing is decompressed, no proxy is used but the egress proxy.
 *
 * A kept-alive connection may be closed by the receiver at the moment it is reused. That says nothing about the
 * receiver's health, so the request is sent once more on a fresh connection, within the same attempt and deadline. The
 * receiver may then see the request twice: delivery is at least once, and both carry the same event id and attempt
 * number. The attempt records that it was sent twice. A receiver that does this more than once gets a new connection for
 * each request for a while (races.ts).
 */
import type { Dispatcher } from 'undici';
import type { Clock } from '../../clock.ts';
import { parseNetworks } from '../../domain/targets/address.ts';
import type { SentConnection } from '../../domain/signing/attempt-request.ts';
import type { UrlPolicy } from '../../domain/targets/target-url.ts';
import type { ClientIdentity } from './http/client-identity.ts';
import { createConnector, type ProxyUse } from './http/connect.ts';
import type { TargetConnection, Waiter } from './http/connection.ts';
import { createConnections, type Connections } from './http/connections.ts';
import type { Place } from './http/endpoint.ts';
import { createLookup, type Lookup } from './http/resolve.ts';
import { addHeaders, addToBody, answerOf, emptyArrival, type TargetResponse, type Arrival } from './http/response.ts';
import { createTargetRouter, type TargetRoute } from './http/route.ts';
import { createSharedBytes, type SharedBytes } from './http/shared-bytes.ts';
import {
  exchangeFailure,
  interimFailure,
  isClosedByPeer,
  SendFailure,
  timeoutFailure,
  type FailureOutcome,
  type SendStage,
} from './http/send-failure.ts';

export type Outgoing = {
  readonly url: string;
  /** The names are sent as they are written here. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Connections are never shared between organizations. */
  readonly organizationId: string;
  /** For a receiver that asks for a client certificate; null: there is none to show. */
  readonly identity?: ClientIdentity | null;
};

type Failure = {
  readonly kind: 'failure';
  readonly outcome: FailureOutcome;
  /** For the person who runs the receiver: names the host and the cause. */
  readonly error: string;
};

type Exchange = {
  readonly startedAt: Date;
  readonly durationMs: number;
  /** Time from the sent request to the first byte of its answer, without connecting. Undefined: no byte came. */
  readonly latencyMs?: number | undefined;
  /** True when it was sent again on a fresh connection because a kept one had ended: the receiver may have seen it twice. */
  readonly resent: boolean;
  /** The header connection that the request was sent with. Undefined: nothing was sent. */
  readonly connection?: SentConnection | undefined;
};

/** A response of any status, or the reason why no response came. */
export type SendResult = (TargetResponse & Exchange) | (Failure & Exchange);

export type Sender = {
  /** One attempt, always a POST. Never rejects. */
  send(request: Outgoing): Promise<SendResult>;
  /** Closes the idle connections of an identity that was replaced. */
  forget(identity: ClientIdentity): void;
  /** Keeps no more connections; resolves when the requests under way have ended and every socket is closed. */
  close(): Promise<void>;
};

export type SenderOptions = {
  readonly policy: UrlPolicy;
  /** The time for a whole attempt. */
  readonly timeoutMs: number;
  /** The most connections per organization and origin. Further requests wait, and the wait counts towards the deadline. */
  readonly connectionsPerOrigin: number;
  /** Connections that wait for their next request, to all targets. Default: 1,000. */
  readonly mostIdleConnections?: number;
  readonly clock: Clock;
  /** Finds all addresses of a name. */
  readonly lookup?: Lookup;
  /** More trusted certificate authorities, as PEM, beside the usual ones. */
  readonly ca?: string | undefined;
  /** The egress proxy that all requests take. Default: none. */
  readonly proxied?: Omit<ProxyUse, 'timeoutMs'> | undefined;
};

/** Of the time of an attempt, for the way to the egress proxy and through it: so its silence is told from that of a target. */
const PROXY_SHARE = 0.5;

/** How an attempt that may take `timeoutMs` takes the egress proxy. */
export const useProxy = (proxied: SenderOptions['proxied'], timeoutMs: number): ProxyUse | undefined =>
  proxied && { ...proxied, timeoutMs: timeoutMs * PROXY_SHARE };

/** Creates the sender. Throws when the policy's networks cannot be read. */
export function createSender(options: SenderOptions): Sender {
  const { policy, timeoutMs, clock } = options;
  parseNetworks(policy.allowedNetworks);
  const lookup = options.lookup ?? createLookup(policy);
  const connect = createConnector({
    policy,
    lookup,
    ca: options.ca,
    clock,
    proxied: useProxy(options.proxied, timeoutMs),
  });
  const connections = createConnections({
    connect,
    perOrigin: options.connectionsPerOrigin,
    mostIdle: options.mostIdleConnections,
    clock,
  });
  const route = createTargetRouter(policy);
  const bytes = createSharedBytes();

  function send(request: Outgoing): Promise<SendResult> {
    const startedAt = clock.now();
    const startedMs = clock.monotonicMs();
    return new Promise((resolve) => {
      const settle = (end: TargetResponse | SendFailure, { latencyMs, ...course }: Course = NOT_SENT) => {
        const durationMs = Math.round(clock.monotonicMs() - startedMs);
        if (!(end instanceof SendFailure)) return resolve({ ...end, startedAt, durationMs, latencyMs, ...course });
        resolve({ kind: 'failure', outcome: end.outcome, error: end.message, startedAt, durationMs, ...course });
      };
      const found = route(request.url);
      if (found instanceof SendFailure) settle(found);
      else exchange(request, found, { connections, bytes, timeoutMs, clock }, settle);
    });
  }

  return { send, forget: connections.forget, close: connections.close };
}

/** How an exchange went, apart from its end. */
type Course = Pick<Exchange, 'resent' | 'latencyMs' | 'connection'>;
const NOT_SENT: Course = { resent: false };

type Means = {
  readonly connections: Connections;
  readonly bytes: SharedBytes;
  readonly timeoutMs: number;
  readonly clock: Clock;
};

/** Sends the request over a connection of its organization and calls `settle` once. */
function exchange(
  { organizationId, headers, body, identity = null }: Outgoing,
  { endpoint, path }: TargetRoute,
  { connections, bytes, timeoutMs, clock }: Means,
  settle: (end: TargetResponse | SendFailure, course: Course) => void,
): void {
  const place: Place = { organizationId, endpoint, identity: endpoint.secure ? identity : null };
  const post = { method: 'POST', path, headers, body: bytes.take(body) } as const;
  const arrival = emptyArrival();
  let connection: TargetConnection | undefined;
  let hasWaited = false;
  let resent = false;
  let isLast = false;
  let sentAs: SentConnection | undefined;
  let sentMs = 0;
  let latencyMs: number | undefined;
  let isSettled = false;
  const deadline = setTimeout(() => {
    const { status } = arrival;
    const failure = timeoutFailure(endpoint.host, { stage: stageOf(connection, status), status, timeoutMs, hasWaited });
    // Whose fault it is, the way through the proxy knows. What it says comes as an error of the client.
    if (connection?.stage === 'proxying') connection.aborter.abort(failure);
    else fail(failure);
  }, timeoutMs);

  /** Comes first, because what follows makes the client call the handler again. */
  function end(result: TargetResponse | SendFailure): void {
    isSettled = true;
    clearTimeout(deadline);
    bytes.give(body);
    settle(result, { resent, latencyMs, connection: sentAs });
  }

  function fail(failure: SendFailure): void {
    end(failure);
    if (connection) connections.discard(connection);
    else connections.leave(place, waiter);
  }

  const handler: Dispatcher.DispatchHandler = {
    onRequestStart() {
      sentAs = isLast ? 'close' : 'keep-alive';
      sentMs = clock.monotonicMs();
    },
    onRequestSent() {
      connections.noteSent(connection!);
    },
    onResponseStarted() {
      arrival.hasBegun = true;
      latencyMs = clock.monotonicMs() - sentMs;
    },
    onResponseStart(_controller, status, fields) {
      if (!isSettled && !addHeaders(arrival, status, fields)) fail(interimFailure(endpoint.host));
    },
    onResponseData(_controller, chunk) {
      if (isSettled || addToBody(arrival, chunk)) return;
      end(answerOf(arrival));
      connections.discard(connection!);
    },
    onResponseEnd() {
      if (isSettled) return;
      end(answerOf(arrival));
      connections.release(connection!, keepAliveOf(arrival));
    },
    onResponseError(_controller, error) {
      if (isSettled) return;
      if (!isRace(connection!, arrival, error)) return fail(failureOf(connection!, arrival, error));
      // Sent again once: the client has lost its socket, so it opens a fresh one. Not from within its own callback.
      resent = true;
      connections.noteRace(connection!);
      queueMicrotask(dispatch);
    },
  };

  const dispatch = () => {
    isLast = connections.isLast(connection!);
    connection!.client.dispatch({ ...post, reset: isLast }, handler);
  };
  const waiter: Waiter = {
    use(free) {
      connection = free;
      dispatch();
    },
  };
  connections.acquire(place, waiter);
  hasWaited = connection === undefined;
}

/** True when a kept connection ended before an answer began. */
const isRace = ({ answers }: TargetConnection, { hasBegun }: Arrival, error: unknown): boolean =>
  answers > 0 && !hasBegun && isClosedByPeer(error);

const keepAliveOf = ({ headers }: Arrival): string | undefined => headers['keep-alive']?.toString();

const failureOf = ({ origin, received }: TargetConnection, { status }: Arrival, error: unknown): SendFailure =>
  exchangeFailure(origin.place, error, { status, head: received.head });

function stageOf(connection: TargetConnection | undefined, status: number): SendStage {
  if (connection === undefined) return 'waiting';
  return connection.stage ?? (status > 0 ? 'reading' : 'answering');
}

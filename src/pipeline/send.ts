/**
 * One HTTP request to a target: the hottest and the most exposed code of the product.
 *
 * Invariants:
 *   - every end is a value: a response, or a failure with its outcome class; `send` never rejects;
 *   - one deadline over everything, from waiting for a connection to the last byte that is read;
 *   - memory is bounded whatever the receiver does: 16 KiB of headers, 16 KiB of body, 32 interim responses;
 *   - redirects are not followed, nothing is decompressed, no proxy is used.
 *
 * A kept-alive connection may be closed by the receiver at the moment it is reused. That says nothing about the
 * receiver's health, so the request is sent once more on a fresh connection, within the same attempt and deadline. The
 * receiver may then see it twice: delivery is at least once, and both carry the same event id and attempt number.
 */
import type { Dispatcher } from 'undici';
import type { Clock } from '../clock.ts';
import { parseNetworks } from '../domain/address.ts';
import type { UrlPolicy } from '../domain/target-url.ts';
import { createConnector } from './connect.ts';
import { createConnections, type Connection, type Connections } from './connections.ts';
import { createRouter, type Route } from './route.ts';
import { createLookup, type Lookup } from './resolve.ts';
import { MAX_BODY_BYTES, readableBody, readableHeaders } from './response-text.ts';
import { exchangeFailure, isClosedByPeer, SendFailure, timeoutFailure, type FailureOutcome } from './send-failure.ts';

export type Outgoing = {
  readonly url: string;
  /** Sent with the names as they are written here. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Connections are never shared between organizations. */
  readonly organizationId: string;
};

type Answer = {
  readonly kind: 'response';
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Record<string, string | string[]>;
  /** At most 16 KiB of the response. */
  readonly body: string;
  readonly bodyTruncated: boolean;
};

type Failure = {
  readonly kind: 'failure';
  readonly outcome: FailureOutcome;
  /** For the person who runs the endpoint: names the host and the cause. */
  readonly error: string;
};

type Timing = { readonly startedAt: Date; readonly durationMs: number };

/** A response of any status, or the reason why there is none. */
export type SendResult = (Answer & Timing) | (Failure & Timing);

export type Sender = {
  /** One attempt, always a POST. Never rejects. */
  send(request: Outgoing): Promise<SendResult>;
  /** Keeps no connection any more; resolves when the requests under way have ended and every socket is closed. */
  close(): Promise<void>;
};

export type SenderOptions = {
  readonly policy: UrlPolicy;
  /** For a whole attempt. */
  readonly timeoutMs: number;
  /** Per organization and origin; further requests wait, and the wait counts. */
  readonly connectionsPerOrigin: number;
  readonly clock: Clock;
  /** All addresses of a name. */
  readonly lookup?: Lookup;
  /** PEM: trusted beside the usual authorities. */
  readonly ca?: string | undefined;
};

/** Throws when the policy's networks cannot be read. */
export function createSender(options: SenderOptions): Sender {
  const { policy, timeoutMs, clock } = options;
  parseNetworks(policy.allowedNetworks);
  const connect = createConnector({ policy, lookup: options.lookup ?? createLookup(policy), ca: options.ca });
  const connections = createConnections({ connect, perOrigin: options.connectionsPerOrigin, clock });
  const route = createRouter(policy);

  function send(request: Outgoing): Promise<SendResult> {
    const startedAt = clock.now();
    const startedMs = clock.monotonicMs();
    return new Promise((resolve) => {
      const settle = (end: Answer | SendFailure) => {
        const durationMs = Math.round(clock.monotonicMs() - startedMs);
        if (!(end instanceof SendFailure)) return resolve({ ...end, startedAt, durationMs });
        resolve({ kind: 'failure', outcome: end.outcome, error: end.message, startedAt, durationMs });
      };
      const found = route(request.url);
      if (found instanceof SendFailure) settle(found);
      else exchange(request, found, connections, timeoutMs, settle);
    });
  }

  return { send, close: connections.close };
}

/** Hints such as 103; real servers send one or two. */
const MAX_INTERIM_RESPONSES = 32;

/** Sends the request over a connection of its organization and calls `settle` once. */
function exchange(
  request: Outgoing,
  { endpoint, path }: Route,
  connections: Connections,
  timeoutMs: number,
  settle: (end: Answer | SendFailure) => void,
): void {
  const { organizationId, headers, body } = request;
  const dispatchOptions = { method: 'POST', path, headers, body } as const;
  const chunks: Buffer[] = [];
  let connection: Connection | undefined;
  let settled = false;
  let hasAnswerBegun = false;
  let isResent = false;
  let interimResponses = 0;
  let receivedBytes = 0;
  let status = 0;
  let responseHeaders: Record<string, string | string[]> = {};

  function end(result: Answer | SendFailure): void {
    settled = true;
    clearTimeout(deadline);
    settle(result);
  }

  function fail(failure: SendFailure): void {
    if (connection) connections.discard(connection);
    else connections.leave(organizationId, endpoint, waiter);
    end(failure);
  }

  function answer(bodyTruncated: boolean): Answer {
    return { kind: 'response', status, headers: responseHeaders, body: readableBody(chunks), bodyTruncated };
  }

  function stage() {
    if (!connection) return 'waiting';
    return connection.stage ?? (status > 0 ? 'reading' : 'answering');
  }

  const deadline = setTimeout(() => fail(timeoutFailure(endpoint.host, stage(), timeoutMs, status)), timeoutMs);

  const handler: Dispatcher.DispatchHandler = {
    onRequestStart() {},
    onResponseStarted() {
      hasAnswerBegun = true;
    },
    onResponseStart(_controller, statusCode, fields) {
      if (settled) return;
      if (statusCode >= 200) {
        status = statusCode;
        responseHeaders = readableHeaders(fields);
      } else if (++interimResponses > MAX_INTERIM_RESPONSES) {
        fail(new SendFailure('CONNECTION_ERROR', `${endpoint.host} sent more than 32 interim (1xx) responses`));
      }
    },
    onResponseData(_controller, chunk) {
      if (settled) return;
      chunks.push(chunk);
      receivedBytes += chunk.length;
      if (receivedBytes <= MAX_BODY_BYTES) return;
      connections.discard(connection!);
      end(answer(true));
    },
    onResponseEnd() {
      if (settled) return;
      connections.release(connection!);
      end(answer(false));
    },
    onResponseError(_controller, error) {
      if (settled) return;
      const isReused = connection!.answers > 0;
      if (!isReused || isResent || hasAnswerBegun || !isClosedByPeer(error)) {
        return fail(exchangeFailure(endpoint.host, error, status));
      }
      isResent = true;
      // The client has lost its socket, so it opens a fresh one; not from within its own callback.
      queueMicrotask(() => connection!.client.dispatch(dispatchOptions, handler));
    },
  };

  const waiter = {
    use(next: Connection) {
      connection = next;
      next.client.dispatch(dispatchOptions, handler);
    },
  };
  connections.acquire(organizationId, endpoint, waiter);
}

/**
 * The gate before GraphQL over HTTP. It looks up the API key, or counts the address of a request without one, and refuses what
 * may not pass: in a flood each such request costs some headers, not a run through GraphQL.
 *
 * A client that asks for an event stream is refused by GraphQL instead, because it reads errors as events only.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import { REQUEST_ERROR_STATUS, RequestError, type RequestErrorCode } from '../errors.ts';
import type { FairShare, Turn } from '../fairness/fair-share.ts';
import { readApiKey, readOrganization, REFUSED_KEY } from './plugins/authentication.ts';
import { letPageRead, type OriginPolicy } from './plugins/cors.ts';
import { type RouteHandler, sendJson } from './health.ts';
import { CHALLENGE } from './plugins/http-status.ts';
import type { Authentication, Identify } from './identity.ts';
import { showCounts } from './plugins/rate-limit.ts';
import { requestIdOf } from './plugins/request-id.ts';
import type { RequestLog } from './plugins/request-log.ts';
import { type Admitted, startRecord } from './request-record.ts';
import { beginShared, BUSY } from './share.ts';
import type { AddressOf } from './intake/client-address.ts';
import { discardRest } from './intake/discard-rest.ts';
import { createHoldRefusals } from './intake/hold-refusals.ts';
import { createPace } from './intake/pace.ts';
import type { IntakeTiming } from './intake/read-body.ts';
import { type Strangers, strangerOverLimit } from './intake/strangers.ts';

type Options = {
  readonly clock: Clock;
  readonly fairShare: Pick<FairShare, 'enter' | 'begin'>;
  readonly identify: Identify;
  readonly strangers: Strangers;
  readonly addressOf: AddressOf;
  readonly allowsOrigin: OriginPolicy;
  readonly requestLog: RequestLog;
  readonly timing: IntakeTiming;
};

type Enter = (request: IncomingMessage, response: ServerResponse, admission: Admitted) => void | Promise<void>;

/** The others are refusals of callers with a valid API key, or, while the database is away, with one that may be valid. */
const REFUSALS_OF_STRANGERS: ReadonlySet<RequestErrorCode> = new Set(['UNAUTHENTICATED', 'RATE_LIMITED']);

/** The part of the event loop's time for all strangers together, and for what browsers ask before a request (OPTIONS). */
const STRANGERS_SHARE = 0.15;
const MOST_STRANGERS_WAITING = 2_000;

const STRANGERS_BUSY = new RequestError(
  'SERVICE_UNAVAILABLE',
  'Too many requests without an API key are waiting for their turn. Try again in a second, or send an API key.',
);

export function createGate(options: Options, enter: Enter): RouteHandler {
  const pace = createPace({ clock: options.clock, share: STRANGERS_SHARE, mostWaiting: MOST_STRANGERS_WAITING });
  const holdRefusal = createHoldRefusals(options);
  const turnAwayBusy = (request: IncomingMessage, response: ServerResponse, error: RequestError) => {
    response.setHeader('Retry-After', '1');
    return turnAway(request, response, error, options);
  };
  return async (request, response) => {
    const authentication = await authenticate(request, response, options);
    const { identity, refused } = authentication;
    let turn: Turn | null = null;
    if (refused && !isForStream(request)) {
      const refuse = () => turnAway(request, response, refused, options);
      if (!REFUSALS_OF_STRANGERS.has(refused.code)) return refuse();
      return holdRefusal(request, response, refuse);
    }
    if (identity) {
      turn = await beginShared(options.fairShare, identity.caller);
      if (turn === null) return turnAwayBusy(request, response, BUSY);
      endWithAnswer(request, response, turn);
    } else {
      const entry = pace.enter(options.addressOf(request));
      if (entry === false) return turnAwayBusy(request, response, STRANGERS_BUSY);
      await entry;
    }
    if (response.closed) return undefined; // The client has left meanwhile: nobody would hear the answer.
    return enter(request, response, { ...authentication, turn });
  };
}

const isForStream = ({ headers }: IncomingMessage): boolean => /text\/event-stream/i.test(headers.accept ?? '');

/** A stream may last for days: its operation ends when the stream is there. Its answers wait for their turns themselves. */
function endWithAnswer(request: IncomingMessage, response: ServerResponse, turn: Turn): void {
  const { promise, resolve } = Promise.withResolvers<void>();
  void promise.then(turn.end);
  response.once('close', resolve);
  if (isForStream(request)) response.once('pipe', () => resolve());
  if (response.closed) resolve();
}

async function authenticate(
  request: IncomingMessage,
  response: ServerResponse,
  options: Options,
): Promise<Authentication> {
  if (request.method === 'OPTIONS') return { identity: null, refused: null };
  const apiKey = readApiKey((name) => request.headers[name]);
  if (apiKey === null) {
    const count = options.strangers.count(options.addressOf(request));
    showCounts(response, { minute: count });
    if (!count.allowed) response.setHeader('Retry-After', String(count.renewsInSeconds));
    return { identity: null, refused: count.allowed ? null : strangerOverLimit(count) };
  }
  try {
    const identity = await options.identify(
      apiKey,
      readOrganization((name) => request.headers[name]),
    );
    return { identity, refused: identity ? null : REFUSED_KEY };
  } catch (error) {
    if (error instanceof RequestError) return { identity: null, refused: error };
    throw error;
  }
}

function turnAway(
  request: IncomingMessage,
  response: ServerResponse,
  { code, message, details }: RequestError,
  { clock, allowsOrigin, requestLog, timing }: Options,
): void {
  const record = startRecord(clock, requestIdOf(request.headers['x-request-id'], clock), 'http');
  record.errorCodes.add(code);
  record.errorCount = 1;
  const status = REQUEST_ERROR_STATUS[code];
  response.once('close', () => requestLog.finish(record, { status, aborted: !response.writableFinished }));
  discardRest(request, response, { timing, isCaller: () => false });
  letPageRead(request, response, allowsOrigin);
  response.setHeader('X-Request-Id', record.requestId);
  const takesGraphql = /application\/graphql-response\+json/i.test(request.headers.accept ?? '');
  sendJson(
    response,
    status,
    { errors: [{ message, extensions: { ...details, code } }] },
    {
      'Content-Type': `application/${takesGraphql ? 'graphql-response+json' : 'json'}; charset=utf-8`,
      'Cache-Control': 'no-store',
      ...(status === 401 ? CHALLENGE : {}),
    },
  );
}

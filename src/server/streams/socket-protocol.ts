/** What the messages of a WebSocket do: the hooks of graphql-ws. */
import { type ExecutionArgs, type FormattedExecutionResult, type GraphQLError } from 'graphql';
import { type Context, makeServer, type OperationResult, type Server, type SubscribePayload } from 'graphql-ws';
import type { Log } from '../../log-event.ts';
import type { RateLimit } from '../../access/rate-limit.ts';
import type { Clock } from '../../clock.ts';
import type { FairShare } from '../../fairness/fair-share.ts';
import { markInexact } from '../../domain/json/json-text.ts';
import { RequestError, type RequestErrorCode } from '../../errors.ts';
import { readApiKey, readOrganization } from '../plugins/authentication.ts';
import type { Identify, Identity } from '../identity.ts';
import type { BodyBudget } from '../intake/body-budget.ts';
import { noRoom } from '../intake/read-body.ts';
import type { Allowance } from '../key-limits.ts';
import type { PresentError } from '../plugins/mask-errors.ts';
import { operationNameOf } from '../plugins/operation-name.ts';
import { overLimit } from '../plugins/rate-limit.ts';
import type { RequestLog } from '../plugins/request-log.ts';
import { type RequestRecord, startRecord } from '../request-record.ts';
import { beginShared, BUSY, GONE } from '../share.ts';
import { standInFor } from './answer-text.ts';
import { formatError } from './format-error.ts';
import { CLOSE, closePeer, drainPeer, type Peer } from './socket.ts';
import type { Graphql } from '../yoga.ts';

export type ProtocolOptions = {
  readonly graphql: Graphql;
  readonly identify: Identify;
  readonly rateLimit: RateLimit;
  readonly fairShare: Pick<FairShare, 'begin'>;
  /** How many sockets an API key, and an organization, may have. */
  readonly sockets: Allowance;
  readonly present: PresentError;
  readonly requestLog: RequestLog;
  readonly bodyBudget: BodyBudget;
  readonly logger: Log;
  readonly clock: Clock;
  readonly initTimeoutMs: number;
};

type Parameters = Record<string, unknown>;

const MAX_OPERATIONS = 100;

export function createProtocol(options: ProtocolOptions): Server<Peer> {
  const { present, requestLog, fairShare } = options;
  const records = new WeakMap<SubscribePayload, RequestRecord>();
  // Kept apart from the arguments, because graphql-ws keeps those as long as a subscription lasts.
  const prepared = new WeakMap<ExecutionArgs, PreparedOperation>();

  const finish = ({ running, socket }: Peer, record: RequestRecord): void => {
    if (running.delete(record)) requestLog.finish(record, { aborted: socket.readyState !== socket.OPEN });
  };

  /** The result, unless the client has completed the operation meanwhile: then nothing more may be sent about it. */
  const unlessCompleted = <Result>({ context, id, record }: Operation, result: Result): Result | Promise<never> => {
    if (isUnderWay(context, id, record)) return result;
    record.stream?.end();
    finish(context.extra, record);
    if (context.extra.draining) drainPeer(context.extra);
    return never();
  };

  const run = async (args: ExecutionArgs, kind: 'execute' | 'subscribe'): Promise<Awaited<OperationResult>> => {
    const { enveloped, operation } = prepared.get(args)!;
    prepared.delete(args);
    const turn = await beginShared(fairShare, operation.record.caller);
    if (turn === null) return unlessCompleted(operation, { errors: [present(BUSY, operation.record)] });
    operation.record.turn = turn;
    if (hasLeft(operation)) {
      turn.end();
      return unlessCompleted(operation, { errors: [present(GONE, operation.record)] });
    }
    try {
      const result = await unlessCompleted(operation, await Promise.try(() => enveloped[kind](args)).finally(turn.end));
      const { extra: peer } = operation.context;
      if (peer.draining) drainPeer(peer); // The socket may have waited for this subscription to open.
      return result;
    } catch (error) {
      return unlessCompleted(operation, { errors: [present(error, operation.record)] });
    }
  };

  return makeServer<Parameters, Peer>({
    connectionInitWaitTimeout: options.initTimeoutMs,
    jsonMessageReviver: markInexact,
    onConnect: (context) => connect(context, options),
    async onSubscribe(context, id, payload) {
      const { extra: peer, subscriptions } = context;
      const record = startRecord(options.clock, `${peer.requestId}.${++peer.operationCount}`, 'websocket');
      record.caller = peer.caller;
      record.bodyBytes = peer.arriving; // This runs in the turn of the message, so `arriving` is still its own.
      record.onStreamEnd = () => finish(peer, record);
      records.set(payload, record);
      peer.running.add(record);
      subscriptions[id] = record as never;
      const operation = { context, id, payload, record };
      const refusal = peer.arriving ? refusalOf(peer, Object.keys(subscriptions).length) : noRoom();
      const result = refusal ? [present(refusal, record)] : await prepare(operation, options);
      if (Array.isArray(result)) {
        finish(peer, record);
        return unlessCompleted(operation, result);
      }
      prepared.set(result.args, result);
      return unlessCompleted(operation, result.args);
    },
    execute: (args) => run(args, 'execute'),
    subscribe: (args) => run(args, 'subscribe'),
    onNext(_context, _id, _payload, _args, answer) {
      const { errors } = answer;
      const shown = errors ? { ...answer, errors: errors.map(formatError) } : standInFor(answer);
      return shown as FormattedExecutionResult;
    },
    onError: (_context, _id, _payload, errors) => errors.map(formatError),
    onComplete(context, id, payload) {
      const record = records.get(payload)!;
      finish(context.extra, record);
      const isAnothers = id in context.subscriptions && !isUnderWay(context, id, record);
      return isAnothers ? never() : undefined;
    },
  });
}

/** A promise that never settles. What waits for it stops there, and is garbage-collected. */
const never = (): Promise<never> => new Promise(() => {});

type Operation = {
  readonly context: Context<Parameters, Peer>;
  readonly id: string;
  readonly payload: SubscribePayload;
  readonly record: RequestRecord;
};

/**
 * Whether the operation still runs. graphql-ws knows operations by their ids only, so the record of an operation, and later its
 * stream, stands under its id. It is gone when the client completed the operation, and another one stands there when the client
 * used the id again.
 */
function isUnderWay({ subscriptions }: Context<Parameters, Peer>, id: string, record: RequestRecord): boolean {
  const holder: unknown = subscriptions[id];
  return holder !== undefined && (holder === record || holder === record.stream);
}

/** Whether nobody waits for the answer any more. */
const hasLeft = ({ context, id, record }: Operation): boolean =>
  context.extra.socket.readyState !== context.extra.socket.OPEN || !isUnderWay(context, id, record);

const REFUSED: Partial<Record<RequestErrorCode, keyof typeof CLOSE>> = {
  FORBIDDEN: 'notPlatformAdmin',
  BAD_USER_INPUT: 'noSuchOrganization',
};

/** Checks the API key, and the organization that it acts in. False makes graphql-ws close the socket with 4403. */
async function connect(
  { extra: peer, connectionParams = {} }: Context<Parameters, Peer>,
  { identify, sockets }: ProtocolOptions,
): Promise<boolean> {
  const sent = new Map(Object.entries(connectionParams).map(([name, value]) => [name.toLowerCase(), value]));
  const apiKey =
    readApiKey((name) => sent.get(name) ?? (name === 'x-api-key' ? sent.get('apikey') : undefined)) ?? peer.headerKey;
  const organization =
    readOrganization((name) => sent.get('organizationid') ?? sent.get(name)) ?? peer.headerOrganization;
  let identity: Identity | null;
  try {
    identity = apiKey === null ? null : await identify(apiKey, organization);
  } catch (error) {
    const code = error instanceof RequestError ? error.code : null;
    closePeer(peer, (code && REFUSED[code]) || 'tryAgainLater');
    return false;
  }
  if (!identity || peer.socket.readyState !== peer.socket.OPEN) return false;
  const taken = sockets.take(identity.caller);
  if (!taken.ok) {
    closePeer(peer, taken.of === 'API key' ? 'tooManySockets' : 'tooManySocketsOfOrganization');
    return false;
  }
  peer.caller = identity.caller;
  peer.stopWaiting();
  peer.cleanups.push(
    taken.leave,
    identity.watchKey(
      () => closePeer(peer, 'forbidden'),
      (caller) => (peer.caller = caller),
    ),
  );
  return true;
}

type PreparedOperation = {
  readonly args: ExecutionArgs;
  readonly enveloped: ReturnType<Graphql['getEnveloped']>;
  readonly operation: Operation;
};

/** Prepares what graphql-ws executes. Errors here answer this one operation and leave the socket open. */
async function prepare(
  operation: Operation,
  { graphql, present, rateLimit }: ProtocolOptions,
): Promise<PreparedOperation | GraphQLError[]> {
  const { payload, record } = operation;
  try {
    const counts = record.caller && (await rateLimit.count(record.caller));
    const refusal = counts && overLimit(counts);
    if (refusal) return [present(refusal, record)];
    const enveloped = graphql.getEnveloped({ record, params: payload });
    const { schema } = enveloped;
    const document = enveloped.parse(payload.query);
    const errors: readonly GraphQLError[] = enveloped.validate(schema, document);
    if (errors.length > 0) return errors.map((error) => present(error, record));
    const operationName = operationNameOf(payload.operationName);
    const contextValue: unknown = await enveloped.contextFactory();
    const args = { schema, document, operationName, variableValues: payload.variables, contextValue } as ExecutionArgs;
    return { args, enveloped, operation };
  } catch (error) {
    return [present(error, record)];
  }
}

/**
 * `open` counts the operations that the client has not completed, the new one included. Completed operations may still run, so
 * they have a limit too: otherwise a client could start any number of queries by completing each at once.
 */
function refusalOf({ draining, running }: Peer, open: number): RequestError | null {
  if (draining) return new RequestError('SERVICE_UNAVAILABLE', 'The server is stopping. Connect again.');
  if (open <= MAX_OPERATIONS && running.size <= 2 * MAX_OPERATIONS) return null;
  const message = `At most ${MAX_OPERATIONS} operations may run on one socket at a time. Complete one first.`;
  return new RequestError('RATE_LIMITED', message);
}

/** What the messages of a WebSocket do: the hooks of graphql-ws. */
import {
  type ExecutionArgs,
  type FormattedExecutionResult,
  getOperationAST,
  type GraphQLError,
  type GraphQLFormattedError,
} from 'graphql';
import { type Context, makeServer, type OperationResult, type Server, type SubscribePayload } from 'graphql-ws';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { RequestError } from '../errors.ts';
import { type Identify, type Identity, readApiKey } from './authentication.ts';
import { httpError, type PresentError } from './mask-errors.ts';
import type { RequestLog } from './request-log.ts';
import { type RequestRecord, startRecord } from './request-record.ts';
import { closePeer, type Peer } from './socket.ts';
import type { Graphql } from './yoga.ts';

export type ProtocolOptions = {
  readonly graphql: Graphql;
  readonly identify: Identify;
  readonly present: PresentError;
  readonly requestLog: RequestLog;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly initTimeoutMs: number;
};

type Parameters = Record<string, unknown>;

const MAX_OPERATIONS = 100;

export function createProtocol(options: ProtocolOptions): Server<Peer> {
  const { identify, present, requestLog } = options;
  const records = new WeakMap<SubscribePayload, RequestRecord>();

  const finish = ({ running, socket }: Peer, payload: SubscribePayload): void => {
    const record = records.get(payload);
    if (!record) return;
    records.delete(payload);
    running.delete(record);
    requestLog.finish(record, { aborted: socket.readyState !== socket.OPEN });
  };

  const run = async (args: ExecutionArgs, kind: 'execute' | 'subscribe'): Promise<Awaited<OperationResult>> => {
    const { enveloped, record } = args as Prepared;
    try {
      return await enveloped[kind](args);
    } catch (error) {
      return { errors: [present(error, record)] };
    }
  };

  return makeServer<Parameters, Peer>({
    connectionInitWaitTimeout: options.initTimeoutMs,
    onConnect: (context) => connect(context, identify),
    async onSubscribe({ extra: peer, subscriptions }, _id, payload) {
      const record = startRecord(options.clock, `${peer.requestId}.${++peer.operationCount}`, 'websocket');
      record.caller = peer.caller;
      records.set(payload, record);
      const refusal = refusalOf(peer, Object.keys(subscriptions).length);
      const prepared = refusal ? [present(refusal, record)] : await prepare(peer, record, payload, options);
      if (Array.isArray(prepared)) finish(peer, payload);
      return prepared;
    },
    execute: (args) => run(args, 'execute'),
    subscribe: (args) => run(args, 'subscribe'),
    onNext: (_context, _id, _payload, _args, { errors, ...result }) =>
      errors && ({ ...result, errors: errors.map(formatError) } as FormattedExecutionResult),
    onError: (_context, _id, _payload, errors) => errors.map(formatError),
    onComplete: ({ extra: peer }, _id, payload) => finish(peer, payload),
  });
}

/** False closes the socket with 4403. */
async function connect({ extra: peer, connectionParams = {} }: Context<Parameters, Peer>, identify: Identify) {
  const sent = new Map(Object.entries(connectionParams).map(([name, value]) => [name.toLowerCase(), value]));
  const apiKey =
    readApiKey((name) => sent.get(name) ?? (name === 'x-api-key' ? sent.get('apikey') : undefined)) ??
    readApiKey((name) => peer.headers[name]);
  let identity: Identity | null;
  try {
    identity = apiKey === null ? null : await identify(apiKey);
  } catch {
    closePeer(peer, 'tryAgainLater');
    return false;
  }
  if (!identity || peer.socket.readyState !== peer.socket.OPEN) return false;
  peer.caller = identity.caller;
  peer.cleanups.add(identity.watchKey(() => closePeer(peer, 'forbidden')));
  return true;
}

type Prepared = ExecutionArgs & {
  readonly enveloped: ReturnType<Graphql['getEnveloped']>;
  readonly record: RequestRecord;
};

/** What graphql-ws executes; errors here answer the one operation and leave the socket open. */
async function prepare(
  peer: Peer,
  record: RequestRecord,
  payload: SubscribePayload,
  { graphql, present }: ProtocolOptions,
): Promise<Prepared | GraphQLError[]> {
  peer.running.add(record);
  try {
    const enveloped = graphql.getEnveloped({ record, params: payload });
    const { schema } = enveloped;
    const document = enveloped.parse(payload.query);
    const errors: readonly GraphQLError[] = enveloped.validate(schema, document);
    if (errors.length > 0) return errors.map((error) => present(error, record));
    const { operationName } = payload;
    if (!getOperationAST(document, operationName)) {
      return [present(httpError(400, 'Expected operationName to name one operation of the document.'), record)];
    }
    const contextValue: unknown = await enveloped.contextFactory();
    const args = { schema, document, operationName, variableValues: payload.variables, contextValue };
    return { ...args, enveloped, record } as Prepared;
  } catch (error) {
    return [present(error, record)];
  }
}

/**
 * `open` counts what the client has not completed, the new operation included. What it has completed may still be at
 * work; without a bound on that too, a client could start any number of queries by completing each at once.
 */
function refusalOf({ draining, running }: Peer, open: number): RequestError | null {
  if (draining) return new RequestError('SERVICE_UNAVAILABLE', 'The server is stopping. Connect again.');
  if (open <= MAX_OPERATIONS && running.size < 2 * MAX_OPERATIONS) return null;
  const message = `At most ${MAX_OPERATIONS} operations may run on one socket at a time. Complete one first.`;
  return new RequestError('RATE_LIMITED', message);
}

/** `extensions.http` is a word between Yoga's plugins. */
function formatError(error: GraphQLError): GraphQLFormattedError {
  const { extensions = {}, ...formatted } = error.toJSON();
  const { http: _, ...visible } = extensions;
  return { ...formatted, extensions: visible };
}

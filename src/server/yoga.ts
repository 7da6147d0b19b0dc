import type { DocumentNode, GraphQLSchema } from 'graphql';
import { createLRUCache, createYoga } from 'graphql-yoga';
import { useAccept } from './plugins/accept.ts';
import { useAnswer } from './plugins/answer.ts';
import { useAuthentication } from './plugins/authentication.ts';
import { type OriginPolicy, useCors } from './plugins/cors.ts';
import { useHttpStatus } from './plugins/http-status.ts';
import { useIdempotency } from './plugins/idempotency.ts';
import type { BodyBudget } from './intake/body-budget.ts';
import { useDiscardRest } from './intake/discard-rest.ts';
import { useIntrospection } from './plugins/introspection.ts';
import type { IntakeTiming } from './intake/read-body.ts';
import type { Allowance } from './key-limits.ts';
import { useLimits } from './plugins/limits.ts';
import { type PresentError, useMaskErrors } from './plugins/mask-errors.ts';
import { useOperationName } from './plugins/operation-name.ts';
import { useParseRequest } from './plugins/parse-request.ts';
import { useRateLimit } from './plugins/rate-limit.ts';
import { useReads } from './plugins/reads.ts';
import { useRequestId } from './plugins/request-id.ts';
import { type RequestLog, useRequestLog } from './plugins/request-log.ts';
import { type HttpContext, noteResult, type Noted, type OperationContext } from './request-record.ts';
import { useTraces } from './plugins/trace-operations.ts';
import { useSignature } from './plugins/signature.ts';
import { type EventTiming, useEventStream } from './streams/event-stream.ts';
import { type Streams, useStreams } from './streams/streams.ts';
import type { Subscribe } from './streams/subscribe.ts';
import type { Caller } from '../access/caller.ts';
import type { RateLimit } from '../access/rate-limit.ts';
import type { Signatures } from '../access/signatures.ts';
import type { Clock } from '../clock.ts';
import type { Tracing } from '../tracing.ts';
import type { Idempotency } from '../database/idempotency.ts';
import type { Metrics } from './metrics.ts';

export type CreateContext = (
  caller: Caller | null,
  requestId: string,
  note: (result: Partial<Noted>) => void,
  lastEventId: string | null,
) => object;

export type GraphqlOptions = {
  readonly schema: GraphQLSchema;
  readonly createContext: CreateContext;
  readonly clock: Clock;
  /** Whether errors suggest names of the schema. */
  readonly suggestNames: boolean;
  readonly rateLimit: RateLimit;
  readonly signatures: Signatures;
  readonly idempotency: Idempotency;
  readonly allowsOrigin: OriginPolicy;
  readonly requestLog: RequestLog;
  readonly metrics: Metrics;
  readonly streams: Streams;
  readonly subscribe: Subscribe;
  readonly openStreams: Allowance;
  readonly bodyBudget: BodyBudget;
  readonly timing: IntakeTiming & EventTiming;
  readonly introspection: 'public' | 'key';
  readonly tracing?: Tracing | undefined;
  readonly present: PresentError;
};

export type Graphql = ReturnType<typeof createGraphql>;

export const GRAPHQL_PATH = '/graphql';

/**
 * GraphQL over HTTP and SSE, and by `getEnveloped` the same parsing, validation, execution and masking for WebSockets.
 * The plugins are the life of a request, in order.
 */
export function createGraphql(options: GraphqlOptions) {
  const { schema, createContext, suggestNames, present } = options;
  return createYoga<HttpContext, OperationContext>({
    schema,
    graphqlEndpoint: GRAPHQL_PATH,
    plugins: [
      useRequestId(options),
      useDiscardRest(options),
      useCors(options),
      useRequestLog(options),
      useAccept(),
      useAuthentication(),
      useRateLimit(options),
      useSignature(options),
      useParseRequest(options),
      useOperationName(),
      useLimits({ hideSuggestions: !suggestNames }),
      useIntrospection(options),
      useReads(), // Runs inside the next plugin: the snapshot is let go before the answer is stored.
      useIdempotency(options),
      useStreams(options),
      useTraces(options), // Around all that executes an operation.
      useMaskErrors(options),
      useHttpStatus(),
      useAnswer(),
      useEventStream(options),
    ],
    context({ record, req }) {
      const note = (result: Partial<Noted>) => noteResult(record, result);
      return createContext(record.caller, record.requestId, note, lastEventIdOf(req)) as OperationContext;
    },
    // For errors that no plugin sees.
    maskedErrors: { errorMessage: 'Internal error', maskError: (error) => present(error) },
    parserAndValidationCache: { documentCache: cacheOfShort<DocumentNode>(), errorCache: cacheOfShort<Error>() },
    // These defaults of Yoga are off: each has its own plugin above, or no place in this API.
    cors: false,
    multipart: false,
    batching: false,
    maxRequestBodySize: false,
    graphiql: false,
    landingPage: false,
    logging: false,
  });
}

/** The header Last-Event-ID; null without it, and over WebSocket, which has no headers for an operation. */
function lastEventIdOf(request: HttpContext['req'] | undefined): string | null {
  const id = request?.headers['last-event-id'];
  return typeof id === 'string' && id !== '' ? id : null;
}

const CACHED_DOCUMENTS = 1_000;
const CACHED_LENGTH = 8_192;

/** Keeps short documents only. Long ones are parsed each time, because a client could fill the memory with them. */
function cacheOfShort<T extends {}>() {
  const cache = createLRUCache<T>({ max: CACHED_DOCUMENTS });
  return {
    get: (document: string): T | undefined => cache.get(document),
    set: (document: string, value: T): void => {
      if (document.length <= CACHED_LENGTH) cache.set(document, value);
    },
  };
}

/**
 * Whatever goes wrong, a client sees one of three things: a RequestError with its code; a mistake in its own document or
 * variables, as graphql-js words it; or "Internal error" with an id. The log has the rest under that id.
 */
import { type ExecutionResult, GraphQLError } from 'graphql';
import { handleStreamOrSingleExecutionResult, isAsyncIterable } from 'graphql-yoga';
import { type Log, logFault } from '../../log-event.ts';
import type { Clock } from '../../clock.ts';
import { REQUEST_ERROR_STATUS, RequestError } from '../../errors.ts';
import { redact } from '../../domain/redact.ts';
import type { RequestRecord, ServerPlugin } from '../request-record.ts';
import { isUnavailable } from '../../domain/unavailable.ts';

/** Turns anything thrown into the error that the client may see. An error that it made itself comes back unchanged. */
export type PresentError = (error: unknown, record?: RequestRecord) => GraphQLError;

/** A RequestError as a GraphQL error, at the place in the document where it was thrown. */
export function graphqlError(error: RequestError, at?: GraphQLError): GraphQLError {
  return new GraphQLError(error.message, {
    ...place(at),
    originalError: error,
    extensions: { ...error.details, code: error.code },
  });
}

const LONGEST_MESSAGE = 2_000;

/**
 * Where graphql-js quotes a text or an object of the client: it may be a secret that looks like nothing, such as the value of a
 * header. The place, and what was expected, stay.
 */
const QUOTED: readonly (readonly [RegExp, string])[] = [
  [/, found: [^]*$/, '.'],
  [/ a non string value: [^]*$/, ' a value that is not a string.'],
  [/, found (String|BlockString) "[^]*$/, ', found $1.'],
];
const GIVEN = ' got invalid value ';

/** Takes the value out of `Variable "$x" got invalid value … at "x.y"; Expected …`. */
function withoutValue(message: string): string {
  const [start, end] = [message.indexOf(GIVEN), message.lastIndexOf('; ')];
  if (start < 0 || end < start) return message;
  const [path = ''] = / at "[\w.[\]]*"$/.exec(message.slice(Math.max(start, end - LONGEST_MESSAGE), end)) ?? [];
  return `${message.slice(0, start)} got an invalid value${path}${message.slice(end)}`;
}

/** graphql-js quotes what the client sent, whole and more than once. This takes secrets and megabytes out of the message. */
function withoutWhatWasSent(error: GraphQLError): GraphQLError {
  const shown = QUOTED.reduce((text, [quoted, rest]) => text.replace(quoted, rest), error.message);
  const text = redact(withoutValue(shown));
  const message = text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE)}…`.toWellFormed() : text;
  if (message === error.message) return error;
  const { originalError, extensions } = error;
  return new GraphQLError(message, { ...place(error), originalError, extensions });
}

const place = (at: GraphQLError | undefined) => ({
  nodes: at?.nodes ?? null,
  source: at?.source ?? null,
  positions: at?.positions ?? null,
  path: at?.path ?? null,
});

export function createPresentError({ logger, clock }: { readonly logger: Log; readonly clock: Clock }): PresentError {
  const conceal = (cause: unknown, at: GraphQLError | undefined, record: RequestRecord | undefined): GraphQLError => {
    const errorId = clock.uuid();
    const facts = { err: cause, errorId, ...placeOf(at, record) };
    if (isUnavailable(cause)) {
      logFault(logger, { name: 'graphql.unavailable', ...facts });
      const message = `The database does not answer at the moment. Try again. Error id ${errorId}.`;
      return graphqlError(new RequestError('SERVICE_UNAVAILABLE', message), at);
    }
    logFault(logger, { name: 'graphql.internal_error', ...facts });
    return graphqlError(new RequestError('INTERNAL_SERVER_ERROR', `Internal error, id ${errorId}`), at);
  };

  /** The client learns that the database did not answer in time; the log learns what the database did. */
  const explain = ({ cause }: RequestError, at: GraphQLError | undefined, record: RequestRecord | undefined): void => {
    if (cause === undefined) return;
    logger.warn({ err: cause, ...placeOf(at, record) }, 'graphql.unavailable');
  };

  const present: PresentError = (error, record) => {
    if (error instanceof RequestError) {
      explain(error, undefined, record);
      return graphqlError(error);
    }
    if (!(error instanceof GraphQLError)) return conceal(error, undefined, record);
    const cause = rootCause(error);
    if (cause instanceof RequestError) {
      if (isPresented(error, cause)) return error;
      explain(cause, error, record);
      return graphqlError(cause, error);
    }
    if (!(cause instanceof GraphQLError) || isOurMistake(error, cause)) return conceal(cause, error, record);
    return withKnownCode(error);
  };

  const counted = new WeakSet<GraphQLError>(); // An error can pass here more than once.
  return (error, record) => {
    const presented = withoutWhatWasSent(present(error, record));
    if (!record) return presented;
    record.errorCodes.add(String(presented.extensions['code']));
    if (!counted.has(presented)) record.errorCount++;
    counted.add(presented);
    return presented;
  };
}

/** Where an error was thrown, for the log. */
const placeOf = (at: GraphQLError | undefined, record: RequestRecord | undefined) => ({
  requestId: record?.requestId,
  operationName: record?.operationName,
  path: at?.path?.join('.'),
});

const isPresented = (error: GraphQLError, { code }: RequestError): boolean => error.extensions['code'] === code;

function rootCause(error: GraphQLError): Error {
  let cause: Error = error;
  while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError;
  return cause;
}

/**
 * graphql-js blames a field for a value that a scalar cannot serialize, which is our mistake; for a bad argument it
 * blames the argument, which is the client's.
 */
const isOurMistake = (error: GraphQLError, cause: GraphQLError): boolean =>
  cause.extensions['code'] === undefined && error.path !== undefined && error.nodes?.[0]?.kind === 'Field';

/** Syntax, validation and HTTP errors carry codes of their own or none. The API has one code for all of them. */
function withKnownCode(error: GraphQLError): GraphQLError {
  if (Object.hasOwn(REQUEST_ERROR_STATUS, String(error.extensions['code']))) return error;
  const { originalError: _, ...extensions } = error.extensions;
  return new GraphQLError(error.message, {
    ...place(error),
    extensions: { ...extensions, code: 'BAD_USER_INPUT' },
  });
}

type Results = {
  readonly args: { readonly contextValue: { readonly record: RequestRecord } };
  readonly result: ExecutionResult;
  setResult(result: ExecutionResult): void;
};

/** Masks what resolvers throw, and what goes wrong before they run. Subscriptions mask their own: subscribe.ts. */
export function useMaskErrors({ present }: { readonly present: PresentError }): ServerPlugin {
  const maskResult = ({ args, result, setResult }: Results) => {
    const { record } = args.contextValue;
    if (result.errors) setResult({ ...result, errors: result.errors.map((error) => present(error, record)) });
  };
  return {
    onExecute: () => ({
      onExecuteDone: (done) => handleStreamOrSingleExecutionResult(done as never, maskResult as never) as undefined,
    }),
    onResultProcess({ result, setResult, serverContext: { record } }) {
      if (Array.isArray(result) || isAsyncIterable(result)) return;
      const { errors } = result as ExecutionResult;
      if (errors) setResult({ ...result, errors: errors.map((error) => present(error, record)) });
    },
  };
}

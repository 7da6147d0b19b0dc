/**
 * The HTTP status of an answer, by GraphQL over HTTP and errors.ts:
 *
 *   data that is not null          200, whatever else went wrong: a partial answer is an answer
 *   nothing but refusals           401 or 403 and no data, also where the refused fields may be null
 *   data null, by a fault          200 where the answer is application/json: the operation was executed. Otherwise as without data
 *   no data, or data null          the status of the gravest RequestError: what is not there now is 503, for every client
 *   syntax, validation, variables  left to Yoga: 400, or 200 where the client accepts application/json only
 */
import type { ExecutionResult, GraphQLError } from 'graphql';
import { isAsyncIterable } from 'graphql-yoga';
import { REQUEST_ERROR_STATUS, RequestError, type RequestErrorCode } from '../../errors.ts';
import { answerTypeOf, JSON_TYPE } from './accept.ts';
import type { ServerPlugin } from '../request-record.ts';

/** On each answer 401 (RFC 9110, 11.6.1). */
export const CHALLENGE = { 'WWW-Authenticate': 'Bearer realm="Hookcast"' };

export function useHttpStatus(): ServerPlugin {
  return {
    onResultProcess({ result, serverContext: { req }, setResult }) {
      if (Array.isArray(result) || isAsyncIterable(result)) return;
      const { data, errors = [], ...rest } = result as ExecutionResult;
      const statuses = errors.map(statusOf).filter((status) => status !== undefined);
      if (statuses.length === 0) return;
      const refused = errors.every(hasCode('UNAUTHENTICATED', 'FORBIDDEN')) && !hasValue(data);
      const isFault = data === null && errors.every(hasCode('INTERNAL_SERVER_ERROR'));
      const isExecuted = (data != null && !refused) || (isFault && answerTypeOf(req.headers.accept) === JSON_TYPE);
      const status = isExecuted ? 200 : Math.max(...statuses);
      const http = { status, headers: status === 401 ? CHALLENGE : {} };
      setResult({ ...rest, ...(refused ? {} : { data }), errors, extensions: { ...rest.extensions, http } });
    },
  };
}

function statusOf({ originalError }: GraphQLError): number | undefined {
  return originalError instanceof RequestError ? REQUEST_ERROR_STATUS[originalError.code] : undefined;
}

const hasCode =
  (...codes: readonly RequestErrorCode[]) =>
  ({ originalError }: GraphQLError): boolean =>
    originalError instanceof RequestError && codes.includes(originalError.code);

const hasValue = (data: ExecutionResult['data']): boolean =>
  data != null && Object.values(data).some((value) => value !== null);

import type { Log } from '../../log-event.ts';
import type { Clock } from '../../clock.ts';
import { loggedPrefix } from '../../domain/api-keys/api-key.ts';
import type { Metrics } from '../metrics.ts';
import { noteOperation, type RequestRecord, type ServerPlugin } from '../request-record.ts';

export type RequestLog = {
  /**
   * Writes the one wide event of an operation that is over, counts it, and gives back the memory of its body. `status` is the
   * HTTP status, if any.
   */
  finish(record: RequestRecord, end: { readonly status?: number; readonly aborted: boolean }): void;
};

type Options = { readonly logger: Log; readonly clock: Clock; readonly metrics: Metrics };

/** The most event ids in one line: a batch of 1000 must not make a line of 30 KB. */
const MAX_EVENT_IDS = 10;

/** Never logs API keys, documents, variables or results: only who asked for what, and how it went. */
export function createRequestLog({ logger, clock, metrics }: Options): RequestLog {
  return {
    finish(record, { status, aborted }) {
      record.bodyBytes?.release();
      const durationMs = clock.monotonicMs() - record.startedMs;
      metrics.operationFinished(record, durationMs);
      const { caller, noted, streamed } = record;
      logger.info(
        {
          requestId: record.requestId,
          transport: record.transport,
          kind: record.kind,
          operationName: record.operationName,
          durationMs: Math.round(durationMs * 100) / 100,
          ...(status === undefined ? {} : { status }),
          errorCodes: [...record.errorCodes],
          ...(record.errorCount > 0 ? { errorCount: record.errorCount } : {}),
          apiKeyId: caller?.apiKeyId ?? null,
          apiKeyPrefix: caller ? loggedPrefix(caller.apiKeyPrefix) : null,
          organizationId: caller?.organizationId ?? null,
          ...(record.signatureVersion === null ? {} : { signatureVersion: record.signatureVersion }),
          ...(noted && noted.userErrorCodes.length > 0 ? { userErrorCodes: noted.userErrorCodes } : {}),
          ...(noted && noted.eventIds.length > 0
            ? { eventCount: noted.eventIds.length, eventIds: noted.eventIds.slice(0, MAX_EVENT_IDS) }
            : {}),
          ...streamed,
          ...(aborted ? { aborted } : {}),
          ...(record.traceId === null ? {} : { traceId: record.traceId }),
        },
        'graphql.request',
      );
    },
  };
}

/** One `graphql.request` event per request, when its answer has been sent or its client has left. */
export function useRequestLog({ requestLog }: { readonly requestLog: RequestLog }): ServerPlugin {
  return {
    onRequest({ serverContext: { res, record } }) {
      res.once('close', () => requestLog.finish(record, { status: res.statusCode, aborted: !res.writableFinished }));
    },
    onExecute: ({ args }) => noteOperation(args.contextValue.record, args),
    onSubscribe: ({ args }) => noteOperation(args.contextValue.record, args),
  };
}

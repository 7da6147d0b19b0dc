/** A span for each operation, over every transport. That of a subscription ends when its stream is open. */
import type { ExecutionArgs } from 'graphql';
import type { Tracing } from '../../tracing.ts';
import type { OperationContext, ServerPlugin } from '../request-record.ts';

type Answer = { readonly errors?: readonly unknown[] | undefined } | object;

/** Runs the operation of this context in its span. */
export function traceOperation<T extends Answer>(
  tracing: Tracing,
  { record, req }: OperationContext,
  run: () => T | Promise<T>,
): Promise<T> {
  const attributes = {
    'graphql.operation.type': record.kind ?? undefined,
    'graphql.operation.name': record.operationName ?? undefined,
    'hookcast.request.id': record.requestId,
  };
  const owner = record.caller ? { 'hookcast.organization.id': record.caller.organizationId } : {};
  return tracing.inSpan('graphql', { attributes, owner, headers: req?.headers }, async (span) => {
    record.traceId = span.traceId;
    const answer = await run();
    if ('errors' in answer && answer.errors?.length) span.fail('errors');
    return answer;
  });
}

/** For queries and mutations; streams.ts opens subscriptions in their spans. */
export function useTraces({ tracing }: { readonly tracing?: Tracing | undefined }): ServerPlugin {
  if (!tracing) return {};
  return {
    onExecute({ args: { contextValue }, executeFn, setExecuteFn }) {
      setExecuteFn((args: ExecutionArgs) =>
        traceOperation(tracing, contextValue, () => executeFn(args) as Answer | Promise<Answer>),
      );
    },
  };
}

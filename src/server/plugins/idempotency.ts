/**
 * Idempotency keys: a mutation that is sent again with the same key is answered as it was the first time. Over HTTP, SSE
 * included, the key is a header. Over WebSocket, whose operations have no headers, it is `extensions.idempotencyKey`.
 *
 *   the same request, answered            that answer, byte for byte, and Idempotency-Replayed: true
 *   the same request, under way           that answer, when it is there; after PATIENCE_MS IDEMPOTENCY_IN_PROGRESS
 *   the same request, its runner is dead  it runs again: what was done is recalled, the rest is done
 *   another request                       IDEMPOTENCY_CONFLICT
 *
 * A request that never ran is not remembered. Neither is an answer that may be different when the request is tried again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutionArgs, ExecutionResult } from 'graphql';
import type { Clock } from '../../clock.ts';
import type { Lease, Idempotency, IdempotentRequest } from '../../database/idempotency.ts';
import { RequestError, type RequestErrorCode } from '../../errors.ts';
import { keyOfExtensions, keyOfHeaders } from './idempotent-request.ts';
import type { PresentError } from './mask-errors.ts';
import type { OperationContext, ServerPlugin } from '../request-record.ts';
import { hashRequest } from './request-hash.ts';
import { reviveResult, storeResult } from './stored-result.ts';

type Options = { readonly idempotency: Idempotency; readonly present: PresentError; readonly clock: Clock };

export function useIdempotency(options: Options): ServerPlugin {
  const { present } = options;
  const answerOnce = createAnswerOnce(options);
  return {
    onExecute({ args: { contextValue }, executeFn, extendContext, setExecuteFn }) {
      const { record, res } = contextValue;
      if (record.kind !== 'mutation' || record.caller === null) return;
      const { apiKeyId, organizationId, actsFrom } = record.caller;
      const actsIn = actsFrom === undefined ? null : organizationId;
      const key = keyOf(contextValue);
      if (key === null) return;

      const mask = (result: ExecutionResult): ExecutionResult =>
        result.errors ? { ...result, errors: result.errors.map((error) => present(error, record)) } : result;
      const sayWhen = (error: unknown): never => {
        if (isInProgress(error)) res?.setHeader('Retry-After', String(RETRY_AFTER_SECONDS));
        throw error;
      };
      setExecuteFn(async (args: ExecutionArgs): Promise<ExecutionResult> => {
        const request = { apiKeyId, key, hash: await hashRequest(args, actsIn) };
        const answer = await answerOnce(request, async (lease) => {
          extendContext({ lease } as object as OperationContext);
          return mask(await executeFn(args));
        }).catch(sayWhen);
        if ('result' in answer) return answer.result;
        if (answer.isReplayed) res?.setHeader('Idempotency-Replayed', 'true');
        return reviveResult(answer.text, args.document);
      });
    },
  };
}

const keyOf = ({ req, params }: OperationContext): string | null =>
  req ? keyOfHeaders(req.headers) : keyOfExtensions(params.extensions);

/** Longer than the lease of a dead runner lasts, shorter than clients wait. */
const PATIENCE_MS = 8_000;
const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 250;
const RETRY_AFTER_SECONDS = 1;

/** Codes of errors that pass: the next try may end differently. */
const PASSING: ReadonlySet<unknown> = new Set<RequestErrorCode>([
  'INTERNAL_SERVER_ERROR',
  'SERVICE_UNAVAILABLE',
  'IDEMPOTENCY_IN_PROGRESS',
  'UNAUTHENTICATED',
  'SIGNATURE_REQUIRED',
  'RATE_LIMITED',
]);

type Run = (lease: Lease) => Promise<ExecutionResult>;
/** The stored text of an answer, or a result that is not stored. */
type Answer = { readonly text: string; readonly isReplayed: boolean } | { readonly result: ExecutionResult };

function createAnswerOnce({ idempotency, clock }: Options) {
  /** The lease, or the stored answer of whoever had the lease. */
  async function leaseOrWait(request: IdempotentRequest, untilMs: number): Promise<Lease | string> {
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
      const found = await idempotency.acquire(request);
      if (found.state === 'mine') return found.lease;
      if (found.state === 'answered') return found.response;
      if (found.state === 'conflict') throw conflict();
      if (clock.monotonicMs() >= untilMs) throw inProgress();
      await delay(waitMs);
    }
  }

  return async (request: IdempotentRequest, run: Run): Promise<Answer> => {
    const untilMs = clock.monotonicMs() + PATIENCE_MS;
    for (;;) {
      const lease = await leaseOrWait(request, untilMs);
      if (typeof lease === 'string') return { text: lease, isReplayed: true };
      const result = await run(lease).catch(async (error: unknown) => {
        await lease.release();
        throw error;
      });
      const codes = new Set(result.errors?.map(({ extensions }) => extensions['code']));
      if (result.data === undefined) {
        await lease.withdraw();
        return { result };
      }
      if (codes.isDisjointFrom(PASSING)) {
        const text = storeResult(result, lease.held);
        if (await lease.answer(text)) return { text, isReplayed: false };
      } else {
        await lease.release();
        if (!codes.has('IDEMPOTENCY_IN_PROGRESS')) return { result };
      }
      // Another process has taken the request over meanwhile: its answer counts.
    }
  };
}

const conflict = (): RequestError =>
  new RequestError(
    'IDEMPOTENCY_CONFLICT',
    'This idempotency key was used for another request in the last 24 hours. Use a new idempotency key for every new request.',
  );

const isInProgress = (error: unknown): boolean =>
  error instanceof RequestError && error.code === 'IDEMPOTENCY_IN_PROGRESS';

const inProgress = (): RequestError =>
  new RequestError(
    'IDEMPOTENCY_IN_PROGRESS',
    'The first request with this idempotency key is still under way. Send it again in a moment, with the same key.',
    { retryAfterSeconds: RETRY_AFTER_SECONDS },
  );

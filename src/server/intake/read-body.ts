/**
 * Reads the body of a request into memory. The caller is known by then, and decides how large the body may be. The bytes count
 * against the budget of the process as they arrive.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from '../../access/caller.ts';
import { grants } from '../../domain/api-keys/scope.ts';
import { RequestError } from '../../errors.ts';
import { httpError } from '../http-error.ts';
import type { BodyBytes } from './body-budget.ts';
import { freeChunk } from './free-chunk.ts';

export const BODY_LIMITS = {
  /** Bytes: enough for any query of public fields. */
  stranger: 8 * 1024,
  /** Documents and their variables. */
  caller: 256 * 1024,
  /** 1,000 events of 8 KiB, or 30 of the largest. */
  publisher: 8 * 1024 * 1024,
};

/** For clients that send slowly, or too much: see the server's Timing. */
export type IntakeTiming = { readonly strangerBodyMs: number; readonly restMs: number; readonly refusalMs: number };

const RETRY_AFTER_SECONDS = 1;
/** Two chunks of Node. */
const LARGE_BYTES = 128 * 1024;

type Body = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly caller: Caller | null;
  readonly bytes: BodyBytes;
  readonly timing: IntakeTiming;
};

/** Rejects with 413, 408, 400 or SERVICE_UNAVAILABLE. */
export function readBody({ request, response, caller, bytes, timing }: Body): Promise<Buffer> {
  const limitBytes = limitOf(caller);
  const announcedBytes = Number(request.headers['content-length']);
  if (announcedBytes > limitBytes) return Promise.reject(tooLarge(caller, limitBytes));

  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  let chunks: Buffer[] = [];
  let sizeBytes = 0;
  /** Where the chunks of a large body are copied to, if its length is known. What is not written yet takes no memory. */
  let whole: Buffer | undefined;
  let copiedBytes = 0;
  const deadline = caller ? undefined : setTimeout(() => stop(tooSlow(timing)), timing.strangerBodyMs);
  const stop = (error: Error): void => {
    clearTimeout(deadline);
    request.off('data', take);
    request.resume();
    chunks = [];
    whole = undefined;
    reject(error);
  };
  const take = (chunk: Buffer): void => {
    sizeBytes += chunk.length;
    if (sizeBytes > limitBytes) return stop(tooLarge(caller, limitBytes));
    if (!bytes.take(chunk.length)) return stop(noRoom(response));
    chunks.push(chunk);
    // Not before so much has come: it counts as memory of the process, and the length is only announced.
    if (sizeBytes > LARGE_BYTES && announcedBytes >= sizeBytes) whole ??= allocate(announcedBytes);
    if (!whole) return;
    for (const each of chunks.splice(0)) {
      copiedBytes += each.copy(whole, copiedBytes);
      freeChunk(each);
    }
  };
  request.on('data', take);
  request.once('end', () => {
    clearTimeout(deadline);
    resolve(whole ?? Buffer.concat(chunks));
  });
  request.once('close', () => {
    // 'close' follows every request. Making an error for each would cost a tenth of a publish.
    if (request.complete) return;
    clearTimeout(deadline);
    reject(httpError(400, 'The connection ended before the request body was complete.'));
  });
  request.once('error', () => {}); // 'close' follows.
  return promise;
}

/** Undefined where the system has no such memory: then the chunks are kept. */
function allocate(bytes: number): Buffer | undefined {
  try {
    return Buffer.allocUnsafeSlow(bytes);
  } catch {
    return undefined;
  }
}

function limitOf(caller: Caller | null): number {
  if (!caller) return BODY_LIMITS.stranger;
  return grants(caller.scopes, 'EVENTS_PUBLISH') ? BODY_LIMITS.publisher : BODY_LIMITS.caller;
}

function tooLarge(caller: Caller | null, limitBytes: number) {
  const whose = caller ? 'this API key' : 'a request without an API key';
  const cure =
    caller && limitBytes === BODY_LIMITS.publisher
      ? 'Send less at once.'
      : `Send less at once; an API key with EVENTS_PUBLISH may send ${BODY_LIMITS.publisher} bytes.`;
  return httpError(413, `Expected a request body of at most ${limitBytes} bytes from ${whose}, got more. ${cure}`);
}

const tooSlow = ({ strangerBodyMs }: IntakeTiming) =>
  httpError(408, `Expected the whole body within ${strangerBodyMs} ms from a request without an API key.`);

/** The error when the budget is used up. The client has nothing to correct, and tries again. `response`: of HTTP. */
export function noRoom(response?: ServerResponse): RequestError {
  response?.setHeader('Retry-After', RETRY_AFTER_SECONDS);
  return new RequestError(
    'SERVICE_UNAVAILABLE',
    `The service is reading as many requests as it has memory for. Try again in ${RETRY_AFTER_SECONDS} s.`,
    { retryAfterSeconds: RETRY_AFTER_SECONDS },
  );
}

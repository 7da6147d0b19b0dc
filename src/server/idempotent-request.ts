/** Which idempotency key a mutation has, and what counts as the same request. */
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { ExecutionArgs } from 'graphql';
import { explainIdempotencyKey } from '../domain/text.ts';
import { RequestError } from '../errors.ts';

const HEADERS = ['x-idempotency-key', 'idempotency-key'] as const;

/** The key in `X-Idempotency-Key` or `Idempotency-Key`; null when neither is there. BAD_USER_INPUT when it is no key. */
export function keyOfHeaders(headers: IncomingHttpHeaders): string | null {
  const [first, second] = HEADERS.flatMap((name) => {
    const value = headers[name];
    return value === undefined ? [] : [requireKey(`the header ${name}`, value)];
  });
  if (first !== undefined && second !== undefined && first !== second) {
    throw new RequestError(
      'BAD_USER_INPUT',
      'Expected the headers x-idempotency-key and idempotency-key to be the same, got two different keys. Send one.',
    );
  }
  return first ?? null;
}

/** The same, of an operation over WebSocket: `extensions.idempotencyKey`. */
export function keyOfExtensions(extensions: Readonly<Record<string, unknown>> | null | undefined): string | null {
  const value = extensions?.['idempotencyKey'];
  return value == null ? null : requireKey('extensions.idempotencyKey', value);
}

function requireKey(what: string, value: unknown): string {
  if (typeof value !== 'string') {
    throw new RequestError('BAD_USER_INPUT', `Expected ${what} to be text, got a value of type ${typeof value}.`);
  }
  const problem = explainIdempotencyKey(value);
  if (problem !== null) throw new RequestError('BAD_USER_INPUT', `Expected ${what} to be ${problem}`);
  return value;
}

type Request = Pick<ExecutionArgs, 'document' | 'operationName' | 'variableValues'>;

/** SHA-256 of what is asked for. The order of keys in the variables means nothing. */
export function hashRequest({ document, operationName, variableValues }: Request): Buffer {
  const parts = [document.loc?.source.body, operationName ?? null, sortKeys(variableValues ?? {}, MAX_DEPTH)];
  return createHash('sha256').update(JSON.stringify(parts)).digest();
}

/** Data may be nested 100 deep; what is deeper is refused wherever it stands. */
const MAX_DEPTH = 1_000;

function sortKeys(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) {
    throw new RequestError('BAD_USER_INPUT', `Expected variables nested at most ${MAX_DEPTH} deep, got deeper ones.`);
  }
  if (Array.isArray(value)) return value.map((item) => sortKeys(item, depth - 1));
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, item]) => [name, sortKeys(item, depth - 1)]));
}

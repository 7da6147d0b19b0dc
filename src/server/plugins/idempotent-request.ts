/** Which idempotency key a mutation has. */
import type { IncomingHttpHeaders } from 'node:http';
import { explainIdempotencyKey } from '../../domain/text.ts';
import { RequestError } from '../../errors.ts';

const HEADERS = ['x-idempotency-key', 'idempotency-key'] as const;

/** The key in `X-Idempotency-Key` or `Idempotency-Key`; null when neither is there. Throws BAD_USER_INPUT for a wrong key. */
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

/** The idempotency key of an operation over WebSocket: `extensions.idempotencyKey`. */
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

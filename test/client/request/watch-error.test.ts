import { CombinedGraphQLErrors } from '@apollo/client';
import { CombinedError } from '@urql/core';
import { expect, test } from 'vitest';
import { faultsToError, isFinal, retryAfterMs, WatchError } from '../../../src/client/request/watch-error.ts';

const fault = (code: string, facts = {}) => ({ message: code, extensions: { code, ...facts } });

test.each(['UNAUTHENTICATED', 'FORBIDDEN', 'BAD_USER_INPUT'])('%s is final, in the error of every client', (code) => {
  expect(isFinal(faultsToError([fault(code)]))).toBe(true);
  expect(isFinal([fault(code)])).toBe(true); // graphql-ws
  expect(isFinal(new CombinedGraphQLErrors({ errors: [fault(code)] }))).toBe(true);
  expect(isFinal(new CombinedError({ graphQLErrors: [fault(code)] }))).toBe(true);
  expect(isFinal(new CombinedError({ networkError: faultsToError([fault(code)]) }))).toBe(true);
  expect(isFinal(Object.assign(new Error(), { source: { errors: [fault(code)] } }))).toBe(true); // Relay
});

test.each(['CURSOR_EXPIRED', 'SLOW_CONSUMER', 'SERVICE_UNAVAILABLE', 'INTERNAL_SERVER_ERROR', 'RATE_LIMITED'])(
  '%s is not final',
  (code) => {
    expect(isFinal(faultsToError([fault(code)]))).toBe(false);
    expect(isFinal(new CombinedError({ graphQLErrors: [fault(code)] }))).toBe(false);
  },
);

test('the cost of a document stays what it is, the load of the moment does not', () => {
  expect(isFinal([fault('QUERY_TOO_COMPLEX', { cost: 2_000, limit: 1_000 })])).toBe(true);
  expect(isFinal([fault('QUERY_TOO_COMPLEX')])).toBe(false);
});

test('a close event is final when it refuses the key or the document', () => {
  expect([4403, 4400, 1009].map((code) => isFinal({ code, reason: '' }))).toEqual([true, true, true]);
  expect([1001, 1006, 1013, 4500].map((code) => isFinal({ code, reason: '' }))).toEqual([false, false, false, false]);
  expect(isFinal(new WatchError('CLOSED', '', { closeCode: 4400 }))).toBe(true);
});

test('what is no error of the service is not final', () => {
  for (const other of [undefined, null, 'text', new TypeError('fetch failed'), {}]) expect(isFinal(other)).toBe(false);
});

test('the service says how long to wait', () => {
  expect(retryAfterMs(faultsToError([fault('RATE_LIMITED', { retryAfterSeconds: 17 })]))).toBe(17_000);
  expect(retryAfterMs(faultsToError([fault('RATE_LIMITED')]))).toBe(0);
  expect(retryAfterMs(new TypeError())).toBe(0);
});

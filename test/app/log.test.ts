import { expect, test } from 'vitest';
import { describeError } from '../../src/app/log.ts';

test('an error is logged by type, message, code, stack and cause, without what Postgres or a request adds to it', () => {
  const cause = Object.assign(new Error('duplicate key'), { code: '23505', detail: 'Key (body)=(secret) exists' });
  const error = Object.assign(new TypeError('failed', { cause }), { headers: { authorization: 'secret' } });
  const described = describeError(error);
  expect(described).toMatchObject({ type: 'TypeError', message: 'failed', cause: { code: '23505' } });
  expect(JSON.stringify(described)).not.toContain('secret');
});

test('a secret in a message or stack is not logged', () => {
  const secret = `whsec_${'A'.repeat(32)}`;
  expect(JSON.stringify(describeError(new Error(`bad secret ${secret}`)))).not.toContain(secret);
  expect(describeError(`bad secret ${secret}`)).not.toEqual({ message: `bad secret ${secret}` });
});

test('a copy of an error, as pg-boss hands it on, is logged like the error', () => {
  const error = new Error('connect ECONNREFUSED');
  const copy = { ...error, message: error.message, stack: error.stack, code: 'ECONNREFUSED', detail: 'secret' };
  expect(describeError(copy)).toEqual({ type: 'object', message: error.message, stack: error.stack, code: copy.code });
});

test('what is thrown and no error is not logged as it is', () => {
  expect(describeError({ apiKey: 'secret' })).toEqual({ message: 'a thrown object' });
});

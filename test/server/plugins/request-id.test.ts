import { expect, test } from 'vitest';
import { postGraphql } from '../../support/client.ts';
import { setup } from '../setup.ts';

test('the request id of the client comes back and reaches the context; a bad one is replaced', async () => {
  await using t = await setup();
  const given = await postGraphql(t.url, { query: '{ requestId }' }, { headers: { 'x-request-id': 'abc-1' } });
  expect(given.body).toEqual({ data: { requestId: 'abc-1' } });
  expect(given.headers.get('x-request-id')).toBe('abc-1');
  const bad = await postGraphql(t.url, { query: '{ hello }' }, { headers: { 'x-request-id': 'a "b"' } });
  expect(bad.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});

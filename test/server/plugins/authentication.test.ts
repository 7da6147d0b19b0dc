import { expect, test } from 'vitest';
import { postGraphql } from '../../support/client.ts';
import { API_KEY, callerOf, setup } from '../setup.ts';

test('a key that is not valid refuses the whole request with 401, public fields included', async () => {
  await using t = await setup();
  t.keys.set('hk_expired', callerOf('key2', t.clock.now()));
  for (const headers of [
    { 'x-api-key': 'hk_wrong' },
    { 'x-api-key': 'hk_expired' },
    { authorization: 'Bearer hk_wrong' },
    { authorization: 'Basic dXNlcjpwYXNz' },
  ]) {
    const { status, body, headers: answered } = await postGraphql(t.url, { query: '{ hello }' }, { headers });
    expect(status).toBe(401);
    expect(answered.get('www-authenticate')).toContain('Bearer');
    expect(body).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    expect(body).not.toHaveProperty('data');
  }
});

test.each([
  ['an outage, which is a warning', 40, Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })],
  ['a fault of ours, which needs a person', 50, new TypeError('nothing of 7')],
])('a key that cannot be checked answers 503: %s', async (_, level, down) => {
  await using t = await setup({ authenticator: { authenticate: () => Promise.reject(down) } });
  const { status, body } = await postGraphql(t.url, { query: '{ hello }' }, { apiKey: API_KEY });
  expect(status).toBe(503);
  expect(body.errors![0]!.extensions.code).toBe('SERVICE_UNAVAILABLE');
  expect(await t.nextLine('authentication.failed')).toMatchObject({ level, err: { message: down.message } });
});

test('an answer to a valid key is the same under X-API-Key and Authorization: Bearer', async () => {
  await using t = await setup();
  for (const headers of [{ 'x-api-key': API_KEY }, { authorization: `Bearer ${API_KEY}` }]) {
    const { body } = await postGraphql(t.url, { query: '{ secret }' }, { headers });
    expect(body).toEqual({ data: { secret: 'for key1' } });
  }
});

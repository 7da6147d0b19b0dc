import { expect, test } from 'vitest';
import { postGraphql } from '../support/client.ts';
import { API_KEY, callerOf, setup } from './setup.ts';

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

test('a refused field answers 401 or 403 also where it may be null', async () => {
  await using t = await setup();
  for (const [query, status, code] of [
    ['{ secret }', 401, 'UNAUTHENTICATED'],
    ['{ nullableSecret }', 401, 'UNAUTHENTICATED'],
    ['{ forbidden }', 403, 'FORBIDDEN'],
    ['{ forbidden other: forbidden }', 403, 'FORBIDDEN'],
  ] as const) {
    for (const accept of ['application/json', 'application/graphql-response+json']) {
      const answer = await postGraphql(t.url, { query }, { headers: { accept } });
      expect([query, answer.status]).toEqual([query, status]);
      expect(answer.body.errors![0]).toMatchObject({ extensions: { code } });
      expect(answer.body).not.toHaveProperty('data');
    }
  }
});

test('an answer that has some data is 200 and carries both the data and the errors', async () => {
  await using t = await setup();
  const { status, body } = await postGraphql(t.url, { query: '{ hello nullableSecret }' });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    data: { hello: 'Hello, world', nullableSecret: null },
    errors: [{ path: ['nullableSecret'], extensions: { code: 'UNAUTHENTICATED' } }],
  });
});

test('the log line of a request counts its errors, and names each code once', async () => {
  await using t = await setup();
  await postGraphql(t.url, { query: '{ a: forbidden b: forbidden c: nullableSecret }' });
  expect(await t.nextLine('graphql.request')).toMatchObject({
    errorCount: 3,
    errorCodes: ['FORBIDDEN', 'UNAUTHENTICATED'],
  });
  await postGraphql(t.url, { query: '{ unknown }' });
  expect(await t.nextLine('graphql.request', { errorCount: 1 })).toMatchObject({ errorCodes: ['BAD_USER_INPUT'] });
});

test('the details of an expected error are part of its extensions', async () => {
  await using t = await setup();
  const { body } = await postGraphql(t.url, { query: '{ conflict }' });
  expect(body.errors![0]!.extensions).toEqual({ code: 'IDEMPOTENCY_CONFLICT', firstRequestId: 'r1' });
});

test('an unexpected error is masked, and its id leads to the log line with the stack', async () => {
  await using t = await setup();
  const { status, body } = await postGraphql(t.url, { query: 'query Explode { boomRequired }' });
  expect(status).toBe(500);
  expect(JSON.stringify(body)).not.toContain('hunter2');
  const [error] = body.errors!;
  expect(error).toMatchObject({ path: ['boomRequired'], extensions: { code: 'INTERNAL_SERVER_ERROR' } });
  const [, errorId] = /^Internal error, id (\S+)$/.exec(error!.message)!;
  const line = await t.nextLine('graphql.internal_error');
  expect(line).toMatchObject({ errorId, operationName: 'Explode', err: { stack: expect.stringContaining('hunter2') } });
  expect(t.lines.filter(({ msg }) => msg === 'graphql.internal_error')).toHaveLength(1);
});

test('a value that cannot be serialized is our mistake, a bad argument is the mistake of the client', async () => {
  await using t = await setup();
  for (const query of ['{ badNumber }', '{ badList }']) {
    const ours = await postGraphql(t.url, { query });
    expect(ours.body.errors![0]!.message).toMatch(/^Internal error, id /);
  }
  const theirs = await postGraphql(t.url, {
    query: 'query ($count: Int) { atLeast(count: $count) }',
    variables: { count: null },
  });
  expect(theirs.body.errors![0]).toMatchObject({
    message: expect.stringContaining('count'),
    extensions: { code: 'BAD_USER_INPUT' },
  });
});

test.each([
  ['{ helo }', {}],
  ['{ hello(nam: "x") }', {}],
  ['{ color(of: GREN) }', {}],
  ['query ($of: Color) { color(of: $of) }', { of: 'GREN' }],
])('%s is refused with its reason; production does not suggest names', async (query, variables) => {
  await using production = await setup();
  await using local = await setup({ suggestNames: true });
  const refused = await postGraphql(production.url, { query, variables });
  expect(refused.status).toBe(400);
  expect(refused.body.errors![0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
  expect(refused.body.errors![0]!.extensions).toEqual({ code: 'BAD_USER_INPUT' });
  expect(refused.body.errors![0]!.message).not.toContain('Did you mean');
  const helped = await postGraphql(local.url, { query, variables });
  expect(helped.body.errors![0]!.message).toContain('Did you mean');
});

test('an error does not send back the megabytes that it quotes', async () => {
  await using t = await setup();
  const variables = { of: 'X'.repeat(200_000) };
  const query = 'query ($of: Color) { color(of: $of) }';
  const { status, body } = await postGraphql(t.url, { query, variables }, { apiKey: API_KEY });
  expect([status, body.errors![0]!.extensions]).toEqual([400, { code: 'BAD_USER_INPUT' }]);
  expect(body.errors![0]!.message).toMatch(/^Variable "\$of" got invalid value "X+…$/);
  expect(body.errors![0]!.message).toHaveLength(2_001);
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

test('one wide event tells of each request, without its key, document or variables', async () => {
  await using t = await setup();
  const request = { query: 'query Ask($name: String) { hello(name: $name) boom }', variables: { name: 'v4riable' } };
  await postGraphql(t.url, request, { apiKey: API_KEY, headers: { 'x-request-id': 'r-7' } });
  expect(await t.nextLine('graphql.request')).toMatchObject({
    ...{ requestId: 'r-7', transport: 'http', kind: 'query', operationName: 'Ask', status: 200 },
    ...{ errorCodes: ['INTERNAL_SERVER_ERROR'], apiKeyId: 'key1', organizationId: 'organization1' },
    durationMs: expect.any(Number),
  });
  const log = JSON.stringify(t.lines);
  for (const secret of [API_KEY, 'v4riable', 'query Ask']) expect(log).not.toContain(secret);
});

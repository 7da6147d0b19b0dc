import { expect, test } from 'vitest';
import { postGraphql } from '../../support/client.ts';
import { API_KEY, setup } from '../setup.ts';

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

test('one wide event tells of each request, without its key, document or variables', async () => {
  await using t = await setup();
  const request = { query: 'query Ask($name: String) { hello(name: $name) boom }', variables: { name: 'v4riable' } };
  await postGraphql(t.url, request, { apiKey: API_KEY, headers: { 'x-request-id': 'r-7' } });
  expect(await t.nextLine('graphql.request')).toMatchObject({
    requestId: 'r-7',
    transport: 'http',
    kind: 'query',
    operationName: 'Ask',
    status: 200,
    errorCodes: ['INTERNAL_SERVER_ERROR'],
    apiKeyId: 'key1',
    organizationId: 'organization1',
    durationMs: expect.any(Number),
  });
  const log = JSON.stringify(t.lines);
  for (const secret of [API_KEY, 'v4riable', 'query Ask']) expect(log).not.toContain(secret);
});

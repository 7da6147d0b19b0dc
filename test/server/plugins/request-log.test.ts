import { expect, test } from 'vitest';
import { openAcknowledged, postGraphql } from '../../support/client.ts';
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

test('the log line of a subscription tells what it was given, and how late', async () => {
  await using t = await setup();
  await using socket = await openAcknowledged(t.url, API_KEY);
  socket.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { ticks { number } }' } });
  await t.source.opened();
  for (const number of [1, 2]) t.source.emit(number);
  expect([await socket.next(), await socket.next()]).toMatchObject([{ type: 'next' }, { type: 'next' }]);
  socket.send({ id: '1', type: 'complete' });
  const line = await t.nextLine('graphql.request', { kind: 'subscription' });
  expect(line).toMatchObject({ changes: 2, lagMs: 0, worstLagMs: 30 });
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

import { expect, test } from 'vitest';
import { openAcknowledged, postGraphql, subscribeSse } from '../support/client.ts';
import { API_KEY, setup } from './setup.ts';

const TICKS = { query: 'subscription { ticks { number } }' };

test('closing ends sockets with 1001 and SSE streams with an error, so that clients come back', async () => {
  await using t = await setup();
  await using socket = await openAcknowledged(t.url, API_KEY);
  socket.send({ id: '1', type: 'subscribe', payload: TICKS });
  await using stream = await subscribeSse(t.url, TICKS, { apiKey: API_KEY });
  const event = stream.next();
  await t.source.opened(2);
  const closed = t.server.close();
  expect(await socket.closed).toEqual({ code: 1001, reason: 'Going away' });
  expect(await event).toMatchObject({ data: { errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }] } });
  expect(await stream.next()).toBeNull();
  await closed;
  await t.source.released();
  await expect(fetch(`${t.url}/healthz`)).rejects.toThrow();
});

test('a socket whose subscription opens while the server stops is closed as soon as it is open', async () => {
  await using t = await setup();
  await using socket = await openAcknowledged(t.url, API_KEY);
  socket.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { slowTicks { number } }' } });
  await t.slow.started();
  const closed = t.server.close({ graceMs: 3_600_000 });
  t.slow.finish();
  expect(await socket.closed).toEqual({ code: 1001, reason: 'Going away' });
  await closed;
  await t.source.released();
});

test('a request in flight gets its answer, and then its connection is closed', async () => {
  await using t = await setup();
  const answer = postGraphql(t.url, { query: '{ slow }' });
  await t.slow.started();
  const closed = t.server.close({ graceMs: 60_000 });
  t.slow.finish();
  expect((await answer).body).toEqual({ data: { slow: 'done' } });
  await closed;
});

test('a mutation in flight on a socket is answered and completed before the 1001', async () => {
  await using t = await setup();
  await using socket = await openAcknowledged(t.url, API_KEY);
  socket.send({ id: '1', type: 'subscribe', payload: { query: 'mutation { slowBump }' } });
  await t.slow.started();
  const closed = t.server.close({ graceMs: 60_000 });
  socket.send({ id: '2', type: 'subscribe', payload: TICKS });
  expect(await socket.next()).toMatchObject({
    id: '2',
    type: 'error',
    payload: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }],
  });
  t.slow.finish();
  expect(await socket.next()).toEqual({ id: '1', type: 'next', payload: { data: { slowBump: 1 } } });
  expect(await socket.next()).toEqual({ id: '1', type: 'complete' });
  expect(await socket.closed).toMatchObject({ code: 1001 });
  await closed;
});

test('what does not finish within the grace is cut off', async () => {
  await using t = await setup();
  const answer = postGraphql(t.url, { query: '{ slow }' }).then(
    () => 'answered',
    () => 'cut off',
  );
  await using socket = await openAcknowledged(t.url, API_KEY);
  socket.send({ id: '1', type: 'subscribe', payload: { query: '{ slow }' } });
  await t.slow.started(2);
  await t.server.close({ graceMs: 20 });
  expect(await answer).toBe('cut off');
  expect(await socket.closed).toMatchObject({ code: 1006 });
});

test('clients that read nothing do not hold up closing longer than the grace', async () => {
  await using t = await setup();
  t.source.becomeEndless();
  const query = 'subscription { ticks(size: 10000000) { text } }';
  await using socket = await openAcknowledged(t.url, API_KEY);
  socket.socket.pause();
  socket.send({ id: '1', type: 'subscribe', payload: { query } });
  await using stream = await subscribeSse(t.url, { query }, { apiKey: API_KEY });
  await t.source.opened(2);
  await t.server.close({ graceMs: 50 });
  await t.source.released();
  expect(stream.response.complete).toBe(false);
});

test('closing twice is closing once', async () => {
  await using t = await setup();
  await Promise.all([t.server.close(), t.server.close()]);
});

test('a port that is taken rejects listen', async () => {
  await using t = await setup();
  await expect(setup({ port: t.port })).rejects.toThrow('EADDRINUSE');
});

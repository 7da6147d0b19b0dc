/** What one API key, and one organization, may hold open, and that nobody else pays when it asks for more. */
import { expect, test } from 'vitest';
import { openAcknowledged, openSocket, postGraphql, subscribeSse } from '../support/client.ts';
import { API_KEY, callerOf, setup } from './setup.ts';

const TICKS = { query: 'subscription { ticks { number } }' };
const INIT = { type: 'connection_init', payload: { apiKey: API_KEY } };
const keyLimits = { socketsPerKey: 2, streamsPerKey: 3 };
const refused = { extensions: { code: 'RATE_LIMITED' }, message: expect.stringContaining('At most 3 subscriptions') };

test('a socket over the limit of its key is closed with 1013, which clients retry, and the others stay', async () => {
  await using t = await setup({ keyLimits });
  t.keys.set('hk_other', callerOf('key2'));
  await using first = await openAcknowledged(t.url, API_KEY);
  await using second = await openAcknowledged(t.url, API_KEY);
  await using third = await openSocket(t.url);
  third.send(INIT);
  expect(await third.closed).toEqual({ code: 1013, reason: 'Too many sockets of this API key' });
  for (const socket of [first, second, await openAcknowledged(t.url, 'hk_other')]) {
    socket.send({ id: '1', type: 'subscribe', payload: { query: '{ hello }' } });
    expect(await socket.next()).toMatchObject({ type: 'next' });
  }
  first.socket.close();
  await first.closed;
  await using again = await openAcknowledged(t.url, API_KEY);
  expect(again.socket.readyState).toBe(again.socket.OPEN);
});

test('a subscription over the limit of its key is refused on either transport, and the others go on', async () => {
  await using t = await setup({ keyLimits });
  await using socket = await openAcknowledged(t.url, API_KEY);
  for (const id of ['1', '2']) socket.send({ id, type: 'subscribe', payload: TICKS });
  await using stream = await subscribeSse(t.url, TICKS, { apiKey: API_KEY });
  await t.source.opened(3);
  socket.send({ id: '3', type: 'subscribe', payload: TICKS });
  expect(await socket.next()).toMatchObject({ id: '3', payload: { errors: [refused] } });
  expect(await socket.next()).toEqual({ id: '3', type: 'complete' });
  await using over = await subscribeSse(t.url, TICKS, { apiKey: API_KEY });
  expect(await over.next()).toMatchObject({ data: { errors: [refused] } });
  expect((await postGraphql(t.url, { query: '{ secret }' }, { apiKey: API_KEY })).status).toBe(200);
  t.source.emit(1);
  expect(await stream.next()).toMatchObject({ data: { data: { ticks: { number: 1 } } } });
  expect(await socket.next()).toMatchObject({ id: '1', type: 'next' });
});

test('a subscription that has ended, however it did, makes room', async () => {
  await using t = await setup({ keyLimits: { streamsPerKey: 1 } });
  await using socket = await openAcknowledged(t.url, API_KEY);
  socket.send({ id: 'refused', type: 'subscribe', payload: { query: 'subscription { refused { number } }' } });
  expect(await socket.next()).toMatchObject({ payload: { errors: [{ extensions: { code: 'CURSOR_EXPIRED' } }] } });
  await socket.next();
  socket.send({ id: 'completed', type: 'subscribe', payload: TICKS });
  await t.source.opened();
  socket.send({ id: 'completed', type: 'complete' });
  await t.source.released();
  const stream = await subscribeSse(t.url, TICKS, { apiKey: API_KEY });
  await t.source.opened(2);
  stream.destroy();
  await t.source.released();
  socket.send({ id: 'failed', type: 'subscribe', payload: TICKS });
  await t.source.opened(3);
  t.source.fail(new Error('gone'));
  expect(await socket.next()).toMatchObject({ id: 'failed', type: 'error' });
  socket.send({ id: 'last', type: 'subscribe', payload: TICKS });
  await t.source.opened(4);
  t.source.emit(1);
  expect(await socket.next()).toMatchObject({ id: 'last', type: 'next' });
});

const organizationLimits = { socketsPerOrganization: 2, streamsPerOrganization: 3 };
/** Keys of one organization, and `stranger` of another. */
async function setupOrganization() {
  const t = await setup({ keyLimits: organizationLimits });
  const keys = ['one', 'two', 'three'];
  for (const key of keys) t.keys.set(key, callerOf(key));
  t.keys.set('stranger', { ...callerOf('stranger'), organizationId: 'organization2' });
  return t;
}

test('sockets of all keys of an organization count together, and one more is closed with 1013, which clients retry', async () => {
  await using t = await setupOrganization();
  await using first = await openAcknowledged(t.url, 'one');
  await using second = await openAcknowledged(t.url, 'two');
  await using third = await openSocket(t.url);
  third.send({ type: 'connection_init', payload: { apiKey: 'three' } });
  expect(await third.closed).toEqual({ code: 1013, reason: 'Too many sockets of this organization' });
  await using stranger = await openAcknowledged(t.url, 'stranger');
  for (const socket of [first, second, stranger]) {
    socket.send({ id: '1', type: 'subscribe', payload: { query: '{ hello }' } });
    expect(await socket.next()).toMatchObject({ type: 'next' });
  }
  first.socket.close();
  await first.closed;
  await using again = await openAcknowledged(t.url, 'three');
  expect(again.socket.readyState).toBe(again.socket.OPEN);
});

test('subscriptions of all keys of an organization count together, over both transports', async () => {
  await using t = await setupOrganization();
  using after = new DisposableStack();
  const message =
    'At most 3 subscriptions of one organization may be open at a time in one process, those of all its API keys ' +
    'together. End one first.';
  await using socket = await openAcknowledged(t.url, 'one');
  for (const id of ['1', '2']) socket.send({ id, type: 'subscribe', payload: TICKS });
  const stream = await subscribeSse(t.url, TICKS, { apiKey: 'two' });
  await t.source.opened(3);
  const tooMany = { errors: [{ message, extensions: { code: 'RATE_LIMITED' } }] };
  socket.send({ id: '3', type: 'subscribe', payload: TICKS });
  expect(await socket.next()).toMatchObject({ id: '3', payload: tooMany });
  expect(await socket.next()).toEqual({ id: '3', type: 'complete' });
  await using over = await subscribeSse(t.url, TICKS, { apiKey: 'three' });
  expect((await over.next())!.data).toMatchObject(tooMany);
  await using stranger = await subscribeSse(t.url, TICKS, { apiKey: 'stranger' });
  expect(stranger.response.statusCode).toBe(200);
  await t.source.opened(4);
  for (const id of ['1', '2']) socket.send({ id, type: 'complete' });
  for (const open of [stream, stranger]) open.destroy();
  await t.source.released();
  for (const key of ['three', 'three', 'one']) {
    const again = await subscribeSse(t.url, TICKS, { apiKey: key });
    expect(again.response.statusCode).toBe(200);
    after.defer(() => again.destroy());
  }
});

test('what the limit of an organization refuses is not counted against the key', async () => {
  await using t = await setup({ keyLimits: { streamsPerKey: 1, streamsPerOrganization: 1 } });
  t.keys.set('one', callerOf('one'));
  const stream = await subscribeSse(t.url, TICKS, { apiKey: API_KEY });
  await t.source.opened();
  await using over = await subscribeSse(t.url, TICKS, { apiKey: 'one' });
  expect(await over.next()).toMatchObject({ data: { errors: [{ extensions: { code: 'RATE_LIMITED' } }] } });
  stream.destroy();
  await t.source.released();
  await using again = await subscribeSse(t.url, TICKS, { apiKey: 'one' });
  expect(again.response.statusCode).toBe(200);
});

import { once } from 'node:events';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { RequestError } from '../../../src/errors.ts';
import { createSocketClient, openAcknowledged, openSocket } from '../../support/client.ts';
import { API_KEY, callerOf, setup } from '../setup.ts';

const subscribe = (id: string, query: string, variables: Record<string, unknown> = {}) => ({
  id,
  type: 'subscribe',
  payload: { query, variables },
});

const TICKS = 'subscription Watch { ticks { number text } }';

test.each([
  ['{ apiKey }', { apiKey: API_KEY }, {}],
  ['{ "X-API-Key" }', { 'X-API-Key': API_KEY }, {}],
  ['{ Authorization }', { Authorization: `Bearer ${API_KEY}` }, {}],
  ['the X-API-Key header of the upgrade', undefined, { 'x-api-key': API_KEY }],
  ['the Authorization header of the upgrade', undefined, { authorization: `Bearer ${API_KEY}` }],
])('a key in %s is acknowledged', async (_name, payload, headers) => {
  await using t = await setup();
  await using socket = await openSocket(t.url, { headers });
  socket.send({ type: 'connection_init', ...(payload && { payload }) });
  expect(await socket.next()).toEqual({ type: 'connection_ack' });
  socket.send(subscribe('1', '{ secret }'));
  expect(await socket.next()).toEqual({ id: '1', type: 'next', payload: { data: { secret: 'for key1' } } });
  expect(await socket.next()).toEqual({ id: '1', type: 'complete' });
});

test.each([
  ['no key', undefined],
  ['an unknown key', { apiKey: 'hk_wrong' }],
  ['a key that is not text', { apiKey: 7 }],
  ['an expired key', { apiKey: 'hk_expired' }],
])('%s closes the socket with 4403', async (_name, payload) => {
  await using t = await setup();
  t.keys.set('hk_expired', callerOf('key2', t.clock.now()));
  await using socket = await openSocket(t.url);
  socket.send({ type: 'connection_init', ...(payload && { payload: payload as never }) });
  expect(await socket.closed).toEqual({ code: 4403, reason: 'Forbidden' });
});

test('a key that cannot be checked closes the socket with 1013, which clients retry', async () => {
  const authenticate = () => Promise.reject(new Error('connect ECONNREFUSED'));
  await using t = await setup({ authenticator: { authenticate } });
  await using socket = await openSocket(t.url);
  socket.send({ type: 'connection_init', payload: { apiKey: API_KEY } });
  expect(await socket.closed).toMatchObject({ code: 1013 });
});

test('a subscribe before connection_ack closes with 4401', async () => {
  await using t = await setup();
  await using socket = await openSocket(t.url);
  socket.send(subscribe('1', '{ hello }'));
  expect(await socket.closed).toMatchObject({ code: 4401 });
});

test('a socket without connection_init is closed with 4408 when its time is over', async () => {
  await using t = await setup({ timing: { initTimeoutMs: 30 } });
  await using socket = await openSocket(t.url);
  expect(await socket.closed).toMatchObject({ code: 4408 });
});

test('a socket without the subprotocol is closed with 4406', async () => {
  await using t = await setup();
  await using socket = await openSocket(t.url, { protocol: null });
  expect(await socket.closed).toMatchObject({ code: 4406 });
});

test.each([
  ['a second connection_init', JSON.stringify({ type: 'connection_init' }), 4429],
  ['a message that is not JSON', '{', 4400],
  ['a message of an unknown type', JSON.stringify({ type: 'start' }), 4400],
  ['a message over 64 KiB', JSON.stringify(subscribe('1', `{ hello } #${'x'.repeat(65_536)}`)), 1009],
])('%s closes the socket', async (_name, message, code) => {
  await using t = await setup();
  await using socket = await openAcknowledged(t.url, API_KEY);
  socket.send(message);
  expect(await socket.closed).toMatchObject({ code });
});

test('an id that is in use closes with 4409', async () => {
  await using t = await setup();
  await using socket = await openAcknowledged(t.url, API_KEY);
  socket.send(subscribe('1', TICKS));
  socket.send(subscribe('1', TICKS));
  expect(await socket.closed).toMatchObject({ code: 4409 });
});

test.each([
  ['a syntax error', '{ hello', 'Syntax Error'],
  ['a validation error', '{ helo }', 'Cannot query field "helo" on type "Query".'],
  ['a mutation of the wrong shape', 'mutation { bump { x } }', 'must not have a selection'],
  ['too deep a document', `${'{ nested '.repeat(25)}{ name }${' }'.repeat(25)}`, 'at most 20 levels'],
  ['a document of two operations and no name', 'query A { hello } query B { hello }', 'operationName'],
])('%s is answered on its operation, and the other operations go on', async (_name, query, message) => {
  await using t = await setup();
  await using socket = await openAcknowledged(t.url, API_KEY);
  socket.send(subscribe('watch', TICKS));
  await t.source.opened();
  socket.send(subscribe('bad', query));
  const answer = await socket.next();
  expect(answer).toMatchObject({ id: 'bad', type: 'error', payload: [{ message: expect.stringContaining(message) }] });
  const [error] = answer.payload as { extensions: object }[];
  expect(Object.keys(error!.extensions)).toEqual(['code']);
  t.source.emit(1);
  expect(await socket.next()).toMatchObject({ id: 'watch', type: 'next', payload: { data: { ticks: { number: 1 } } } });
});

test('errors read the same as over HTTP', async () => {
  await using t = await setup();
  await using socket = await openAcknowledged(t.url, API_KEY);
  const codeOf = async (query: string) => {
    socket.send(subscribe('1', query));
    const { payload } = await socket.next();
    expect(await socket.next()).toMatchObject({ type: 'complete' });
    return (payload as { errors: { message: string; extensions: object }[] }).errors[0]!;
  };
  expect(await codeOf('{ conflict }')).toMatchObject({
    extensions: { code: 'IDEMPOTENCY_CONFLICT', firstRequestId: 'r1' },
  });
  expect(await codeOf('subscription { refused { number } }')).toMatchObject({ extensions: { code: 'CURSOR_EXPIRED' } });
  const masked = await codeOf('query Explode { boom }');
  expect(masked).toMatchObject({ extensions: { code: 'INTERNAL_SERVER_ERROR' } });
  expect(await t.nextLine('graphql.internal_error')).toMatchObject({ operationName: 'Explode' });
  socket.send(subscribe('1', 'query ($of: Color) { color(of: $of) }', { of: 'GREN' }));
  const { payload } = await socket.next();
  expect(JSON.stringify(payload)).not.toMatch(/Did you mean|"http"/);
});

test('a stream that its source ends with an error ends the operation with its code, not the socket', async () => {
  await using t = await setup();
  await using socket = await openAcknowledged(t.url, API_KEY);
  socket.send(subscribe('1', TICKS));
  await t.source.opened();
  t.source.fail(new RequestError('SLOW_CONSUMER', 'Too slow.', { cursor: 'c9' }));
  expect(await socket.next()).toMatchObject({
    id: '1',
    type: 'error',
    payload: [{ message: 'Too slow.', extensions: { code: 'SLOW_CONSUMER', cursor: 'c9' } }],
  });
  socket.send(subscribe('2', '{ hello }'));
  expect(await socket.next()).toMatchObject({ id: '2', type: 'next' });
});

test('an error in one result is masked and the stream goes on', async () => {
  await using t = await setup();
  await using socket = await openAcknowledged(t.url, API_KEY);
  socket.send(subscribe('1', 'subscription { ticks { number boom } }'));
  await t.source.opened();
  const boom = () => {
    throw new Error('hunter2');
  };
  t.source.emit(1, { boom });
  t.source.emit(2);
  const first = await socket.next();
  expect(first.payload).toMatchObject({ data: { ticks: { number: 1, boom: null } } });
  expect(JSON.stringify(first)).not.toContain('hunter2');
  expect((await socket.next()).payload).toEqual({ data: { ticks: { number: 2, boom: null } } });
});

test('operation 101 on a socket is refused; there is room again when one completes', async () => {
  await using t = await setup();
  await using socket = await openAcknowledged(t.url, API_KEY);
  for (let id = 1; id <= 101; id++) socket.send(subscribe(String(id), TICKS));
  expect(await socket.next()).toMatchObject({
    id: '101',
    type: 'error',
    payload: [{ message: expect.stringContaining('At most 100'), extensions: { code: 'RATE_LIMITED' } }],
  });
  await t.source.opened(100);
  socket.send({ id: '7', type: 'complete' });
  socket.send(subscribe('again', '{ hello }'));
  expect(await socket.next()).toMatchObject({ id: 'again', type: 'next' });
});

test('complete from the client frees the source and nothing more is sent for it', async () => {
  await using t = await setup();
  await using socket = await openAcknowledged(t.url, API_KEY);
  socket.send(subscribe('1', TICKS));
  await t.source.opened();
  socket.send({ id: '1', type: 'complete' });
  await t.source.released();
  expect(await t.nextLine('graphql.request')).toMatchObject({
    transport: 'websocket',
    kind: 'subscription',
    operationName: 'Watch',
    apiKeyId: 'key1',
  });
  socket.send(subscribe('2', '{ hello }'));
  expect(await socket.next()).toMatchObject({ id: '2' });
});

test('a ping of the client is answered with its payload', async () => {
  await using t = await setup();
  await using socket = await openSocket(t.url);
  socket.send({ type: 'ping', payload: { a: 1 } });
  expect(await socket.next()).toEqual({ type: 'pong', payload: { a: 1 } });
});

test('a page of another site cannot open a socket; listed pages and our own can', async () => {
  await using t = await setup();
  const open = async (origin: string) => {
    const socket = new WebSocket(`${t.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { origin });
    const [outcome] = await Promise.race([once(socket, 'open').then(() => ['open']), once(socket, 'error')]);
    socket.terminate();
    return String(outcome);
  };
  expect(await open('https://evil.example')).toContain('403');
  expect(await open('http://localhost:3000')).toContain('403');
  expect(await open('https://console.example.com')).toBe('open');
  expect(await open(t.url)).toBe('open');
});

test('an upgrade elsewhere is not found', async () => {
  await using t = await setup();
  const socket = new WebSocket(`${t.url.replace('http', 'ws')}/elsewhere`, 'graphql-transport-ws');
  expect(String(await once(socket, 'error'))).toContain('404');
});

test('a peer that answers no ping is dropped, one that does is kept', async () => {
  await using t = await setup({ timing: { pingMs: 100 } });
  await using live = await openAcknowledged(t.url, API_KEY);
  await using dead = await openAcknowledged(t.url, API_KEY);
  dead.send(subscribe('1', TICKS));
  await t.source.opened();
  dead.socket.pause();
  await t.source.released();
  await once(live.socket, 'ping');
  live.send(subscribe('1', '{ hello }'));
  expect(await live.next()).toMatchObject({ type: 'next' });
});

test('the graphql-ws client subscribes and sees each value', async () => {
  await using t = await setup();
  const client = createSocketClient(t.url, API_KEY);
  const results = client.iterate<{ ticks: { number: number } }>({ query: TICKS });
  const numbers: number[] = [];
  const first = results.next();
  await t.source.opened();
  t.source.emit(1);
  t.source.emit(2);
  for (const step of [await first, await results.next()]) numbers.push(step.value!.data!.ticks.number);
  expect(numbers).toEqual([1, 2]);
  await results.return!();
  await t.source.released();
  await client.dispose();
});

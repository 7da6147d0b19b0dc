/**
 * The sentences of the GraphQL over WebSocket protocol (PROTOCOL.md of graphql-ws), each with the message or the close
 * event that it asks for. Raw sockets: no client library rounds anything off.
 */
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { openAcknowledged, openSocket, type Message, type RawSocket } from '../../support/client.ts';
import { RequestError } from '../../../src/errors.ts';
import { API_KEY, callerOf, setup } from '../setup.ts';

const INIT = { type: 'connection_init', payload: { apiKey: API_KEY } };
const TICKS = 'subscription { ticks { number } }';
const tick = (id: string, number: number) => ({ id, type: 'next', payload: { data: { ticks: { number } } } });
const hello = (id: string) => ({ id, type: 'next', payload: { data: { hello: 'Hello, world' } } });
const subscribe = (id: string, query: string) => ({ id, type: 'subscribe', payload: { query } });
const complete = (id: string) => ({ id, type: 'complete' });

/** All that came before the answer to a ping sent now: nothing else was sent by then. */
async function sentSoFar(socket: RawSocket): Promise<Message[]> {
  const payload = { mark: Math.random() };
  socket.send({ type: 'ping', payload });
  const messages: Message[] = [];
  for (;;) {
    const message = await socket.next();
    if (message.type === 'pong' && (message.payload as typeof payload).mark === payload.mark) return messages;
    messages.push(message);
  }
}

/** In one segment: the server reads them in one turn of its event loop. */
function sendAtOnce({ socket, send }: RawSocket, ...messages: readonly Message[]): void {
  const { _socket: connection } = socket as unknown as { _socket: Socket };
  connection.cork();
  messages.forEach(send);
  connection.uncork();
}

async function setupAcknowledged() {
  const t = await setup();
  return Object.assign(t, { socket: await openAcknowledged(t.url, API_KEY) });
}

/** A server whose check of keys waits for the test. */
async function setupSlowCheck() {
  const checked = Promise.withResolvers<void>();
  const authenticate = async () => (await checked.promise, callerOf('key1'));
  const t = await setup({ authenticator: { authenticate } });
  return Object.assign(t, { check: checked.resolve, socket: await openSocket(t.url) });
}

test('4406: the server accepts the handshake with the sub-protocol graphql-transport-ws, and no other', async () => {
  await using t = await setup();
  await using accepted = await openSocket(t.url);
  expect(accepted.socket.protocol).toBe('graphql-transport-ws');
  await using none = await openSocket(t.url, { protocol: null });
  expect(await none.closed).toEqual({ code: 4406, reason: 'Subprotocol not acceptable' });
  await expect(openSocket(t.url, { protocol: 'graphql-ws' })).rejects.toThrow('no subprotocol');
});

test('4408: if the client does not request a connection within the allowed time, the server closes the socket', async () => {
  await using t = await setup({ timing: { initTimeoutMs: 20 } });
  await using socket = await openSocket(t.url);
  socket.send({ type: 'ping' }); // Other messages do not count.
  expect(await socket.closed).toEqual({ code: 4408, reason: 'Connection initialisation timeout' });
});

test('4429: more than one ConnectionInit closes the socket, also while the first is being checked', async () => {
  await using t = await setupSlowCheck();
  t.socket.send(INIT);
  t.socket.send(INIT);
  expect(await t.socket.closed).toEqual({ code: 4429, reason: 'Too many initialisation requests' });
});

test('4403: a connection that the server rejects is closed, and never acknowledged', async () => {
  await using t = await setup();
  await using socket = await openSocket(t.url);
  socket.send({ type: 'connection_init', payload: { apiKey: 'hk_wrong' } });
  await expect(socket.next()).rejects.toThrow('4403 Forbidden');
});

test('4401: an operation before the acknowledgement closes the socket, also while the key is being checked', async () => {
  await using t = await setupSlowCheck();
  t.socket.send(INIT);
  t.socket.send(subscribe('1', '{ hello }'));
  expect(await t.socket.closed).toEqual({ code: 4401, reason: 'Unauthorized' });
});

test('a connection that is acknowledged is ready to request operations', async () => {
  await using t = await setupSlowCheck();
  t.socket.send(INIT);
  t.check();
  expect(await t.socket.next()).toEqual({ type: 'connection_ack' });
  t.socket.send(subscribe('1', '{ hello }'));
  expect(await t.socket.next()).toEqual(hello('1'));
  expect(await t.socket.next()).toEqual(complete('1'));
});

test('a Ping can be sent at any time, and is answered at once by a Pong with its payload', async () => {
  await using t = await setupSlowCheck();
  t.socket.send({ type: 'ping', payload: { at: 'before ConnectionInit' } });
  expect(await t.socket.next()).toEqual({ type: 'pong', payload: { at: 'before ConnectionInit' } });
  t.socket.send(INIT);
  t.socket.send({ type: 'ping' });
  expect(await t.socket.next()).toEqual({ type: 'pong' });
});

test('a Pong may be sent unsolicited, as a heartbeat', async () => {
  await using t = await setupAcknowledged();
  t.socket.send({ type: 'pong' });
  t.socket.send({ type: 'pong', payload: { any: 'thing' } });
  expect(await sentSoFar(t.socket)).toEqual([]);
});

test.each([
  ['is not JSON', 'hello'],
  ['is not an object', '[]'],
  ['has no type', '{}'],
  ['has a type that is not specified', '{"type":"start"}'],
  ['has a type that only the server sends', '{"type":"next","id":"1","payload":{}}'],
  ['acknowledges a connection', '{"type":"connection_ack"}'],
  ['subscribes without an id', '{"type":"subscribe","payload":{"query":"{ hello }"}}'],
  ['subscribes with an empty id', '{"type":"subscribe","id":"","payload":{"query":"{ hello }"}}'],
  ['subscribes with an id that is not text', '{"type":"subscribe","id":1,"payload":{"query":"{ hello }"}}'],
  ['subscribes without a payload', '{"type":"subscribe","id":"1"}'],
  ['subscribes without a query', '{"type":"subscribe","id":"1","payload":{}}'],
  [
    'has variables that are not an object',
    '{"type":"subscribe","id":"1","payload":{"query":"{ hello }","variables":[]}}',
  ],
  ['completes without an id', '{"type":"complete"}'],
  ['pings with a payload that is not an object', '{"type":"ping","payload":"now"}'],
])('4400: a message that %s closes the socket', async (_name, message) => {
  await using t = await setupAcknowledged();
  t.socket.send(message);
  expect(await t.socket.closed).toMatchObject({ code: 4400, reason: expect.stringMatching(/./) });
  expect(t.lines.filter(({ level }) => level >= 40)).toEqual([]);
});

test('4409: an id in use closes the socket, regardless of the type of the operation', async () => {
  await using t = await setupAcknowledged();
  t.socket.send(subscribe('same', '{ slow }'));
  t.socket.send(subscribe('same', TICKS));
  expect(await t.socket.closed).toEqual({ code: 4409, reason: 'Subscriber for same already exists' });
});

test('4409: also an id too long for the reason of a close event', async () => {
  await using t = await setupAcknowledged();
  const id = 'ä'.repeat(200);
  t.socket.send(subscribe(id, TICKS));
  t.socket.send(subscribe(id, TICKS));
  expect(await t.socket.closed).toMatchObject({ code: 4409, reason: expect.stringContaining('Subscriber for ä') });
});

test('messages of operations with separate ids are interleaved', async () => {
  await using t = await setupAcknowledged();
  t.socket.send(subscribe('a', TICKS));
  t.socket.send(subscribe('b', '{ slow }'));
  t.socket.send(subscribe('c', TICKS));
  await t.source.opened(2);
  await t.slow.started();
  t.source.emit(1);
  expect(await sentSoFar(t.socket)).toEqual([tick('a', 1), tick('c', 1)]);
  t.slow.finish();
  expect(await t.socket.next()).toMatchObject({ id: 'b', type: 'next' });
  expect(await t.socket.next()).toEqual(complete('b'));
});

test('after all results have been emitted, Complete follows', async () => {
  await using t = await setupAcknowledged();
  t.socket.send(subscribe('1', 'mutation { bump }'));
  expect(await t.socket.next()).toEqual({ id: '1', type: 'next', payload: { data: { bump: 1 } } });
  expect(await t.socket.next()).toEqual(complete('1'));
  expect(await sentSoFar(t.socket)).toEqual([]);
});

test.each([
  ['before execution', '{ nothingLikeThat }'],
  ['before parsing', '{'],
])(
  'Error %s terminates the operation: no Complete and nothing else follows, and the id is free',
  async (_name, query) => {
    await using t = await setupAcknowledged();
    t.socket.send(subscribe('1', query));
    expect(await t.socket.next()).toMatchObject({ id: '1', type: 'error', payload: [{ message: expect.any(String) }] });
    expect(await sentSoFar(t.socket)).toEqual([]);
    t.socket.send(subscribe('1', '{ hello }'));
    expect(await t.socket.next()).toEqual(hello('1'));
  },
);

test('Error during a stream terminates it: no Complete and nothing else follows', async () => {
  await using t = await setupAcknowledged();
  t.socket.send(subscribe('1', TICKS));
  await t.source.opened();
  t.source.fail(new RequestError('SLOW_CONSUMER', 'Too slow.'));
  expect(await t.socket.next()).toMatchObject({ id: '1', type: 'error' });
  t.source.emit(1);
  expect(await sentSoFar(t.socket)).toEqual([]);
});

test('Complete for a single-result operation before it resolved: the result is not sent once it does', async () => {
  await using t = await setupAcknowledged();
  t.socket.send(subscribe('1', '{ slow }'));
  await t.slow.started();
  t.socket.send(complete('1'));
  await sentSoFar(t.socket);
  t.slow.finish();
  await t.nextLine('graphql.request', { kind: 'query' });
  expect(await sentSoFar(t.socket)).toEqual([]);
});

test('Complete for an operation that has not begun: it never does', async () => {
  await using t = await setupAcknowledged();
  sendAtOnce(t.socket, subscribe('1', 'mutation { bump }'), complete('1'), subscribe('2', 'mutation { bump }'));
  expect(await t.socket.next()).toEqual({ id: '2', type: 'next', payload: { data: { bump: 1 } } });
});

test('Complete for a stream: no further events of it are sent', async () => {
  await using t = await setupAcknowledged();
  t.socket.send(subscribe('1', TICKS));
  await t.source.opened();
  t.source.emit(1);
  expect(await t.socket.next()).toEqual(tick('1', 1));
  t.socket.send(complete('1'));
  await t.source.released();
  t.source.emit(2);
  expect(await sentSoFar(t.socket)).toEqual([]);
});

test('once a client completes an operation, it is free to use its id again, whatever the first one still does', async () => {
  await using t = await setupAcknowledged();
  t.socket.send(subscribe('1', '{ slow }'));
  await t.slow.started();
  t.socket.send(complete('1'));
  t.socket.send(subscribe('1', 'subscription { slowTicks { number } }'));
  await t.slow.started(2);
  t.socket.send(complete('1'));
  t.socket.send(subscribe('1', TICKS));
  await t.source.opened();
  t.slow.finish();
  await t.source.opened(2); // That of slowTicks, which nobody wants any more.
  t.source.emit(1);
  expect(await sentSoFar(t.socket)).toEqual([tick('1', 1)]);
  expect(t.source.openCount).toBe(1);
});

test('a stream that is completed and begun again under its id, in one breath, goes on', async () => {
  await using t = await setupAcknowledged();
  t.socket.send(subscribe('1', TICKS));
  await t.source.opened();
  sendAtOnce(t.socket, complete('1'), subscribe('1', TICKS));
  await t.source.opened(2);
  expect(await sentSoFar(t.socket)).toEqual([]);
  t.source.emit(1);
  expect(await t.socket.next()).toEqual(tick('1', 1));
});

test('a message with the id of an operation that is completed, or never was, is ignored', async () => {
  await using t = await setupAcknowledged();
  t.socket.send(complete('never'));
  t.socket.send(subscribe('1', '{ hello }'));
  t.socket.send(complete('1'));
  t.socket.send(complete('1'));
  t.socket.send(complete('__proto__'));
  await sentSoFar(t.socket);
  t.socket.send(subscribe('__proto__', '{ hello }'));
  expect(await t.socket.next()).toEqual(hello('__proto__'));
});

test('the client closes the socket with 1000, which ends its operations', async () => {
  await using t = await setupAcknowledged();
  t.socket.send(subscribe('1', TICKS));
  await t.source.opened();
  t.socket.socket.close(1000, 'Normal Closure');
  expect(await t.socket.closed).toMatchObject({ code: 1000 });
  await t.source.released();
});

test('a socket that closes abruptly, while operations begin, run and stream, leaves nothing behind', async () => {
  await using t = await setupAcknowledged();
  t.socket.send(subscribe('1', TICKS));
  t.socket.send(subscribe('2', '{ slow }'));
  t.socket.send(subscribe('3', 'subscription { slowTicks { number } }'));
  await t.source.opened();
  await t.slow.started(2);
  t.socket.socket.terminate();
  await t.source.released();
  t.slow.finish();
  await t.source.opened(2);
  await t.source.released();
  await t.nextLine('graphql.request', { kind: 'query', aborted: true });
  expect(t.lines.filter(({ level }) => level >= 40)).toEqual([]);
});

/** What holds for a subscription on either transport: it costs what its client takes, and ends with its client or key. */
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { RequestError } from '../../../src/errors.ts';
import { openAcknowledged, postGraphql, subscribeSse } from '../../support/client.ts';
import { API_KEY, callerOf, setup } from '../setup.ts';

const TICKS = { query: 'subscription Watch($size: Int) { ticks(size: $size) { number text } }' };

const KEYED = { apiKey: API_KEY };

type Server = Awaited<ReturnType<typeof setup>>;

/** Waits until a count grows no more while the server answers others. */
async function atRest(t: Server, count: () => number): Promise<number> {
  for (;;) {
    const before = count();
    for (let i = 0; i < 20; i++) await postGraphql(t.url, { query: '{ hello }' });
    if (count() === before) return before;
  }
}

const pullsAtRest = (t: Server) => atRest(t, () => t.source.pulled);

test('SSE sends each value as a next event, then complete', async () => {
  await using t = await setup();
  await using stream = await subscribeSse(t.url, TICKS, KEYED);
  expect(stream.response.headers['content-type']).toBe('text/event-stream');
  const first = stream.next();
  await t.source.opened();
  t.source.emit(1);
  expect(await first).toEqual({ event: 'next', data: { data: { ticks: { number: 1, text: 'tick 1' } } } });
});

test('a subscription over HTTP needs a client that takes streams', async () => {
  await using t = await setup();
  const { status, body } = await postGraphql(t.url, TICKS, KEYED);
  expect(status).toBe(406);
  expect(body.errors![0]!.message).toContain('text/event-stream');
  expect(t.source.openCount).toBe(0);
});

test('a subscription that is refused over SSE says why in an event', async () => {
  await using t = await setup();
  await using stream = await subscribeSse(t.url, { query: 'subscription { refused { number } }' }, KEYED);
  expect(stream.response.statusCode).toBe(200);
  expect(await stream.next()).toMatchObject({ data: { errors: [{ extensions: { code: 'CURSOR_EXPIRED' } }] } });
});

test('an SSE stream that its source ends with an error says so, then completes', async () => {
  await using t = await setup();
  await using stream = await subscribeSse(t.url, TICKS, KEYED);
  const last = stream.next();
  await t.source.opened();
  t.source.fail(new RequestError('SLOW_CONSUMER', 'Too slow.', { cursor: 'c9' }));
  expect(await last).toMatchObject({ data: { errors: [{ extensions: { code: 'SLOW_CONSUMER', cursor: 'c9' } }] } });
  expect(await stream.next()).toEqual({ event: 'complete', data: null });
});

test('an SSE client that leaves abruptly frees the source while it waits', async () => {
  await using t = await setup();
  await using stream = await subscribeSse(t.url, TICKS, KEYED);
  await t.source.opened();
  stream.destroy();
  await t.source.released();
  expect(await t.nextLine('graphql.request')).toMatchObject({ transport: 'sse', aborted: true });
});

test('an SSE client that leaves before its subscription is open frees the source', async () => {
  await using t = await setup();
  const query = 'subscription { slowTicks { number } }';
  const leaving = new AbortController();
  const left = subscribeSse(t.url, { query }, { ...KEYED, signal: leaving.signal }).catch(() => 'left');
  await t.slow.started();
  leaving.abort();
  expect(await left).toBe('left');
  await t.nextLine('graphql.request', { aborted: true });
  t.slow.finish();
  await t.source.opened();
  await t.source.released();
});

test('a WebSocket client that leaves abruptly frees every source while they wait', async () => {
  await using t = await setup();
  await using socket = await openAcknowledged(t.url, API_KEY);
  for (const id of ['1', '2', '3']) socket.send({ id, type: 'subscribe', payload: TICKS });
  await t.source.opened(3);
  socket.socket.terminate();
  await t.source.released();
});

test('a WebSocket client that used an operation id again frees the source too', async () => {
  await using t = await setup();
  await using socket = await openAcknowledged(t.url, API_KEY);
  socket.send({ id: '1', type: 'subscribe', payload: { query: '{ slow }' } });
  await t.slow.started();
  socket.send({ id: '1', type: 'complete' });
  socket.send({ id: '1', type: 'subscribe', payload: TICKS });
  await t.source.opened();
  t.slow.finish(); // graphql-ws now forgets the id, although the subscription has it.
  await t.nextLine('graphql.request', { kind: 'query' });
  socket.socket.terminate();
  await t.source.released();
});

test('a socket whose connection is reset frees its sources', async () => {
  await using t = await setup();
  await using socket = await openAcknowledged(t.url, API_KEY);
  socket.send({ id: '1', type: 'subscribe', payload: TICKS });
  await t.source.opened();
  (socket.socket as unknown as { _socket: import('node:net').Socket })._socket.resetAndDestroy();
  await t.source.released();
});

test('an endless source is pulled only as far as a WebSocket client reads', async () => {
  await using t = await setup();
  t.source.becomeEndless();
  await using socket = await openAcknowledged(t.url, API_KEY);
  socket.socket.pause();
  socket.send({ id: '1', type: 'subscribe', payload: { ...TICKS, variables: { size: 10_000 } } });
  await t.source.opened();
  const pulled = await pullsAtRest(t);
  expect(pulled).toBeLessThan(2_000); // The kernel's buffers hold some megabytes; the process holds one message.
  socket.socket.resume();
  for (let number = 1; number <= pulled + 100; number++) {
    expect((await socket.next()).payload).toMatchObject({ data: { ticks: { number } } });
  }
});

test('an endless source is pulled only as far as an SSE client reads', async () => {
  await using t = await setup();
  t.source.becomeEndless();
  await using stream = await subscribeSse(t.url, { ...TICKS, variables: { size: 10_000 } }, KEYED);
  await t.source.opened();
  const pulled = await pullsAtRest(t);
  expect(pulled).toBeLessThan(2_000);
  for (let number = 1; number <= pulled + 100; number++) {
    expect((await stream.next())!.data).toMatchObject({ data: { ticks: { number } } });
  }
});

test.each(['WebSocket', 'SSE'])('a %s client that stops reading and leaves frees the source', async (transport) => {
  await using t = await setup();
  t.source.becomeEndless();
  const big = { ...TICKS, variables: { size: 10_000 } };
  if (transport === 'SSE') {
    await using stream = await subscribeSse(t.url, big, KEYED);
    await pullsAtRest(t);
    stream.destroy();
    await t.source.released();
  } else {
    await using socket = await openAcknowledged(t.url, API_KEY);
    socket.socket.pause();
    socket.send({ id: '1', type: 'subscribe', payload: big });
    await t.source.opened();
    await pullsAtRest(t);
    socket.socket.terminate();
    await t.source.released();
  }
});

test('a client that reads as fast as an endless source can does not keep the others waiting', async () => {
  await using t = await setup();
  t.source.becomeEndless();
  const variables = { size: 10_000 };
  await using _reader = createFastReader(`${t.url}/graphql`, API_KEY, { ...TICKS, variables });
  await t.source.opened();
  const before = t.source.pulled;
  for (let answered = 0; answered < 50 || t.source.pulled <= before + 50; answered++) {
    await postGraphql(t.url, { query: '{ hello }' });
  }
});

/** Reads a stream on a thread of its own, so that this one has nothing to do but to serve it. */
function createFastReader(url: string, apiKey: string, request: object): AsyncDisposable {
  const script = `
    const { workerData: { url, apiKey, body } } = require('node:worker_threads');
    const headers = { 'content-type': 'application/json', accept: 'text/event-stream', 'x-api-key': apiKey };
    const request = require('node:http').request(url, { method: 'POST', headers }, (response) => response.resume());
    request.on('error', () => {});
    request.end(body);
  `;
  const worker = new Worker(script, { eval: true, workerData: { url, apiKey, body: JSON.stringify(request) } });
  return { [Symbol.asyncDispose]: async () => void (await worker.terminate()) };
}

test('a client that sends and never reads is not read from either', async () => {
  await using t = await setup();
  await using socket = await openAcknowledged(t.url, API_KEY);
  socket.socket.pause();
  // Every ping asks for a pong of 60 kB; 2,000 of them are far over what the buffers of the kernel hold.
  const ping = JSON.stringify({ type: 'ping', payload: { text: 'x'.repeat(60_000) } });
  let taken = 0;
  const sendOn = () => {
    if (taken < 2_000) socket.socket.send(ping, () => (taken++, sendOn()));
  };
  sendOn();
  expect(await atRest(t, () => taken)).toBeLessThan(1_000);
});

test('a revoked key ends its sockets with 4403 and its SSE streams with UNAUTHENTICATED, and no others', async () => {
  await using t = await setup();
  t.keys.set('hk_other', callerOf('key2'));
  await using socket = await openAcknowledged(t.url, API_KEY);
  await using other = await openAcknowledged(t.url, 'hk_other');
  await using stream = await subscribeSse(t.url, TICKS, KEYED);
  socket.send({ id: '1', type: 'subscribe', payload: TICKS });
  other.send({ id: '1', type: 'subscribe', payload: TICKS });
  await t.source.opened(3);
  t.keys.delete(API_KEY);
  expect(await socket.closed).toEqual({ code: 4403, reason: 'Forbidden' });
  expect(await stream.next()).toMatchObject({ data: { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] } });
  expect(await stream.next()).toEqual({ event: 'complete', data: null });
  expect(t.source.openCount).toBe(1);
  t.source.emit(5);
  expect(await other.next()).toMatchObject({ payload: { data: { ticks: { number: 5 } } } });
});

test('an expired key ends its streams although the database cannot be asked', async () => {
  let down = false;
  const caller = callerOf('key1', new Date('2026-01-15T10:31:00.000Z'));
  const authenticate = async () => {
    if (down) throw new Error('connect ECONNREFUSED');
    return caller;
  };
  await using t = await setup({ authenticator: { authenticate } });
  await using socket = await openAcknowledged(t.url, API_KEY);
  down = true;
  await t.nextLine('key_watch.failed');
  expect(socket.socket.readyState).toBe(socket.socket.OPEN);
  await t.clock.advance(60_000);
  expect(await socket.closed).toMatchObject({ code: 4403 });
});

test('an SSE client that reads nothing is cut off when its key is revoked', async () => {
  await using t = await setup();
  t.source.becomeEndless();
  await using stream = await subscribeSse(t.url, { ...TICKS, variables: { size: 10_000 } }, KEYED);
  await pullsAtRest(t);
  t.keys.delete(API_KEY);
  await t.source.released();
  const end = await t.nextLine('graphql.request', { transport: 'sse' });
  expect(end).toMatchObject({ aborted: true, errorCodes: ['UNAUTHENTICATED'] });
  stream.destroy();
});

test('the metrics count open streams and sockets, and finished operations by outcome', async () => {
  await using t = await setup();
  await using socket = await openAcknowledged(t.url, API_KEY);
  socket.send({ id: '1', type: 'subscribe', payload: TICKS });
  await t.source.opened();
  await postGraphql(t.url, { query: '{ forbidden }' });
  await t.nextLine('graphql.request');
  const scrape = async () => (await fetch(`${t.url}/metrics`)).text();
  const text = await scrape();
  expect(text).toContain('hookcast_open_streams{transport="websocket"} 1\n');
  expect(text).toContain('hookcast_open_websockets 1\n');
  expect(text).toContain('hookcast_graphql_operations_total{transport="http",kind="query",outcome="FORBIDDEN"} 1\n');
  socket.socket.close();
  await socket.closed;
  await t.source.released();
  expect(await scrape()).toContain('hookcast_open_streams{transport="websocket"} 0\n');
});

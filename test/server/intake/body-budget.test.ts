/** How much a client may send, who must know it first, and what the process has in memory of it. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createBodyBudget } from '../../../src/server/intake/body-budget.ts';
import { readJsonObject } from '../../../src/server/intake/read-json.ts';
import { openAcknowledged, openSocket, postGraphql, subscribeSse } from '../../support/client.ts';
import { API_KEY, callerOf, setup } from '../setup.ts';

const KIB = 1024;
const PUBLISHER = 'hk_publisher';
const OTHERS = 'hk_others';

async function setupBodies(options: Parameters<typeof setup>[0] = {}) {
  const t = await setup(options);
  t.keys.set(PUBLISHER, { ...callerOf('publisher'), scopes: new Set(['EVENTS_PUBLISH'] as const) });
  t.keys.set(OTHERS, { ...callerOf('others'), organizationId: 'organization2' });
  return t;
}

const request = (query: string, bytes: number) => {
  const empty = JSON.stringify({ query, variables: { x: '' } });
  return { query, variables: { x: 'x'.repeat(bytes - empty.length) } };
};

const headersOf = (apiKey?: string) => ({
  'content-type': 'application/json',
  ...(apiKey === undefined ? {} : { 'x-api-key': apiKey }),
});

const head = (headers: Readonly<Record<string, string | number>>): string =>
  ['POST /graphql HTTP/1.1', 'Host: x', ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)].join(
    '\r\n',
  ) + '\r\n\r\n';

test.each([
  ['without a key', 8 * KIB, undefined],
  ['with a key', 256 * KIB, API_KEY],
  ['with EVENTS_PUBLISH', 8 * KIB * KIB, PUBLISHER],
])('%s a body of %i bytes is read, one byte more is refused with 413', async (_who, most, apiKey) => {
  await using t = await setupBodies();
  const send = (bytes: number) => postGraphql(t.url, request('{ hello }', bytes), apiKey ? { apiKey } : {});
  expect((await send(most)).status).toBe(200);
  const { status, body } = await send(most + 1);
  expect([status, body.errors![0]!.extensions.code]).toEqual([413, 'BAD_USER_INPUT']);
  expect(body.errors![0]!.message).toContain(`at most ${most} bytes`);
  const stream = new Blob([JSON.stringify(request('{ hello }', most + 1))]).stream();
  const chunked = { method: 'POST', headers: headersOf(apiKey), duplex: 'half', body: stream };
  expect((await fetch(`${t.url}/graphql`, chunked)).status).toBe(413);
});

test('the key is known before any of the body is: who has no right to send it is refused before it comes', async () => {
  await using t = await setupBodies();
  for (const [apiKey, bytes, status] of [
    ['hk_unknown', 10, 401],
    [undefined, 9 * KIB, 413],
    [API_KEY, 257 * KIB, 413],
  ] as const) {
    const socket = connect(t.port, '127.0.0.1');
    socket.write(head({ ...headersOf(apiKey), 'content-length': bytes })); // And nothing of the body.
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(String(answer)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    socket.destroy();
  }
});

test('bodies in flight have a budget for the process: beyond it 503 with Retry-After', async () => {
  await using t = await setupBodies({ bodyBytes: 16 * KIB });
  const send = (query: string, bytes: number, apiKey = API_KEY) =>
    postGraphql(t.url, request(query, bytes), { apiKey });
  const first = send('{ slow }', 6 * KIB);
  await t.slow.started();
  const refused = await send('{ hello }', 4 * KIB);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
  expect(refused.body.errors![0]!.extensions).toEqual({ code: 'SERVICE_UNAVAILABLE', retryAfterSeconds: 1 });
  // No organization has more than half of it, so this one is not kept out.
  expect((await send('{ hello }', 4 * KIB, OTHERS)).status).toBe(200);
  t.slow.finish();
  expect((await first).status).toBe(200);
  expect((await send('{ hello }', 7 * KIB)).status).toBe(200);
});

test('messages of a WebSocket count to the same budget, and one too many is refused alone', async () => {
  await using t = await setupBodies({ bodyBytes: 16 * KIB });
  await using socket = await openAcknowledged(t.url, API_KEY);
  const subscribe = (id: string, query: string, bytes: number) =>
    socket.send({ id, type: 'subscribe', payload: request(query, bytes) });
  subscribe('1', '{ slow }', 6 * KIB);
  await t.slow.started();
  subscribe('2', '{ hello }', 4 * KIB);
  expect(await socket.next()).toMatchObject({
    id: '2',
    type: 'error',
    payload: [{ extensions: { code: 'SERVICE_UNAVAILABLE', retryAfterSeconds: 1 } }],
  });
  expect((await postGraphql(t.url, request('{ hello }', 4 * KIB), { apiKey: API_KEY })).status).toBe(503);
  t.slow.finish();
  expect(await socket.next()).toMatchObject({ id: '1', type: 'next' });
  expect(await socket.next()).toMatchObject({ id: '1', type: 'complete' });
  subscribe('3', '{ hello }', 6 * KIB);
  expect(await socket.next()).toMatchObject({ id: '3', type: 'next' });
});

test('a subscription gives its bytes back when its stream is open', async () => {
  await using t = await setupBodies({ bodyBytes: 16 * KIB });
  await using stream = await subscribeSse(t.url, request('subscription { ticks { number } }', 6 * KIB), {
    apiKey: API_KEY,
  });
  await using socket = await openAcknowledged(t.url, API_KEY);
  socket.send({ id: '1', type: 'subscribe', payload: request('subscription { ticks { number } }', 6 * KIB) });
  await t.source.opened(2);
  expect(stream.response.statusCode).toBe(200);
  expect((await postGraphql(t.url, request('{ hello }', 7 * KIB), { apiKey: API_KEY })).status).toBe(200);
});

test('a client that leaves in the middle of its body gives its bytes back', async () => {
  await using t = await setupBodies({ bodyBytes: 16 * KIB });
  const socket = connect(t.port, '127.0.0.1');
  socket.write(head({ ...headersOf(API_KEY), 'content-length': 8 * KIB }) + 'x'.repeat(7 * KIB));
  const send = () => postGraphql(t.url, request('{ hello }', 4 * KIB), { apiKey: API_KEY });
  while ((await send()).status !== 503); // The bytes have come.
  socket.destroy();
  await t.nextLine('graphql.request', { aborted: true });
  expect((await send()).status).toBe(200);
});

test('no organization has more than half of the budget, callers without a key together a sixteenth', () => {
  const budget = createBodyBudget(1_600);
  const [one, other, another, stranger] = ['a', 'b', 'c', null].map((id) => budget.open(id));
  expect(one!.take(801)).toBe(false);
  expect(one!.take(800)).toBe(true);
  expect(budget.open('a').take(1)).toBe(false);
  expect(stranger!.take(100)).toBe(true);
  expect(budget.open(null).take(1)).toBe(false);
  expect(other!.take(700)).toBe(true);
  expect(another!.take(1)).toBe(false);
  stranger!.release();
  stranger!.release();
  expect(another!.take(100)).toBe(true);
  one!.release();
  expect(budget.open('a').take(800)).toBe(true);
});

test('a message before connection_ack may be as large as a body without a key', async () => {
  await using t = await setupBodies();
  await using socket = await openSocket(t.url);
  socket.send(JSON.stringify({ type: 'connection_init', payload: { apiKey: API_KEY, x: 'x'.repeat(9 * KIB) } }));
  expect((await socket.closed).code).toBe(1009);
});

test('a large body is read in turns of the event loop', async () => {
  let turns = 0;
  let isRead = false;
  const others = (async () => {
    while (!isRead) turns = (await nextTurn(), turns + 1);
  })();
  await readJsonObject('request body', `{"x":[${Array.from({ length: 100_000 }, () => '{}').join(',')}]}`);
  isRead = true;
  await others;
  expect(turns).toBeGreaterThanOrEqual(20);
});

test.each(['{}', '1e400'])('a flat list of %s of 8 MiB is refused for its number of values', async (unit) => {
  await using t = await setupBodies();
  const list = `${unit},`.repeat((8 * KIB * KIB) / (unit.length + 1) - 32) + unit;
  const response = await fetch(`${t.url}/graphql`, {
    method: 'POST',
    headers: headersOf(PUBLISHER),
    body: `{"query":"{ hello }","variables":{"x":[${list}]}}`,
  });
  expect(response.status).toBe(400);
  expect((await response.json()).errors[0].message).toContain('at most 750000 values');
});

test('a body without a key that does not come in time is refused with 408', async () => {
  await using t = await setupBodies({ timing: { strangerBodyMs: 50, restMs: 50 } });
  const socket = connect(t.port, '127.0.0.1');
  socket.write(`${head({ ...headersOf(), 'content-length': 100 })}{`);
  expect(await text(socket)).toMatch(/^HTTP\/1.1 408 /); // And the connection is closed.
});

test.each([
  ['nothing', ''],
  ['half of its headers', 'POST /graphql HTTP/1.1\r\nHost: x\r\nX-A'],
])('a connection that sends %s is closed in time', async (_what, sent) => {
  await using t = await setupBodies({ timing: { headersMs: 100 } });
  const socket = connect(t.port, '127.0.0.1');
  socket.write(sent);
  expect(await text(socket)).toMatch(/^(HTTP\/1.1 408 [^]*)?$/);
});

test('a client that goes on sending after its answer is cut off', async () => {
  await using t = await setupBodies({ timing: { restMs: 600_000 } });
  const socket = connect(t.port, '127.0.0.1');
  socket.on('error', () => {}); // A reset, as a rule.
  socket.write(head({ ...headersOf(), 'transfer-encoding': 'chunked' }));
  const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
  let isOpen = true;
  socket.once('close', () => (isOpen = false));
  socket.resume();
  while (isOpen) {
    if (!socket.write(chunk)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => {});
    await nextTurn();
  }
  expect(socket.destroyed).toBe(true);
});

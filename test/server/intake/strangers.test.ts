/** What callers without an API key may do, and that callers with one do not pay for it. */
import type { IncomingMessage } from 'node:http';
import { getIntrospectionQuery } from 'graphql';
import { expect, test } from 'vitest';
import { createAddressOf } from '../../../src/server/intake/client-address.ts';
import { createGate } from '../../../src/server/gate.ts';
import { createStrangers, STRANGER_DOCUMENT, STRANGER_LIMITS } from '../../../src/server/intake/strangers.ts';
import { createWaitingRoom } from '../../../src/server/intake/waiting-room.ts';
import { openAcknowledged, openSocket, postGraphql, subscribeSse } from '../../support/client.ts';
import { createManualClock } from '../../support/clock.ts';
import { ALONE } from '../../support/fair-share.ts';
import { API_KEY, setup } from '../setup.ts';

const HELLO = { query: '{ hello }' };
const INTROSPECTION = { query: getIntrospectionQuery() };

test('callers without a key have operations per address and minute; those with a key do not count, nor pay', async () => {
  await using t = await setup({ strangerLimits: { operationsPerMinute: 3 } });
  const send = (apiKey?: string) => postGraphql(t.url, HELLO, apiKey ? { apiKey } : {});
  for (let sent = 0; sent < 5; sent++) expect((await send(API_KEY)).status).toBe(200);
  const statuses: number[] = [];
  for (let sent = 0; sent < 4; sent++) statuses.push((await send()).status);
  expect(statuses).toEqual([200, 200, 200, 429]);
  const { headers, body } = await send();
  expect(headers.get('retry-after')).toBe('60');
  expect(headers.get('ratelimit-policy')).toBe('"minute";q=3;w=60');
  expect(body.errors).toMatchObject([
    {
      message: expect.stringContaining('or send an API key'),
      extensions: { code: 'RATE_LIMITED', retryAfterSeconds: 60 },
    },
  ]);
  expect((await send(API_KEY)).status).toBe(200); // From the same address.
  await t.clock.advance(60_000);
  expect((await send()).status).toBe(200);
});

test('a refused operation is not read', async () => {
  await using t = await setup({ strangerLimits: { operationsPerMinute: 0 } });
  const response = await fetch(`${t.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: 'no JSON',
  });
  expect(response.status).toBe(429);
});

test.each([
  { asks: 'an event stream that is over the limit', method: 'POST', accept: 'text/event-stream' },
  { asks: 'OPTIONS, which is not counted', method: 'OPTIONS', accept: '*/*' },
])('a flood from one address keeps no other waiting: $asks', async ({ method, accept }) => {
  const clock = createManualClock();
  const entered: string[] = [];
  const options = {
    clock,
    fairShare: ALONE,
    timing: { refusalMs: 0 },
    strangers: createStrangers({ ...STRANGER_LIMITS, operationsPerMinute: 2 }, clock),
    addressOf: ({ socket }: IncomingMessage) => socket.remoteAddress!,
  };
  const gate = createGate(options as never, (request) => void entered.push(request.socket.remoteAddress!));
  const response = { setHeader() {}, closed: false };
  const send = (remoteAddress: string, answerTo = response) =>
    gate({ method, socket: { remoteAddress }, headers: { accept } } as never, answerTo as never);
  await Promise.all([...Array.from({ length: 50 }, () => send('a')), send('b')]);
  expect(entered).toHaveLength(51);
  expect(entered.indexOf('b')).toBeLessThan(3);

  // Who leaves while others are before it costs nothing more.
  const left = { ...response };
  const waiting = [send('a'), send('a', left), send('a')];
  left.closed = true;
  await Promise.all(waiting);
  expect(entered).toHaveLength(53);
});

test('X-Forwarded-For is believed of trusted proxies only', async () => {
  for (const [trustedProxies, expected] of [
    [[], [200, 429, 429]],
    [['127.0.0.0/8'], [200, 200, 429]],
  ] as const) {
    await using t = await setup({ trustedProxies, strangerLimits: { operationsPerMinute: 1 } });
    const statuses: number[] = [];
    for (const client of ['203.0.113.1', '203.0.113.2', '198.51.100.9, 203.0.113.1']) {
      statuses.push((await postGraphql(t.url, HELLO, { headers: { 'x-forwarded-for': client } })).status);
    }
    expect(statuses).toEqual(expected);
  }
});

test.each([
  ['192.0.2.7', undefined, '192.0.2.7'],
  ['::ffff:192.0.2.7', undefined, '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', undefined, '2001:db8:1:2::/64'],
  ['2001:db8::6', undefined, '2001:db8:0:0::/64'],
  ['192.0.2.7', '203.0.113.1', '192.0.2.7'], // No proxy of ours.
  ['10.0.0.1', undefined, '10.0.0.1'],
  ['10.0.0.1', '203.0.113.1', '203.0.113.1'],
  ['10.0.0.1', '192.0.2.66, 203.0.113.1', '203.0.113.1'], // What stands before it, the client said itself.
  ['10.0.0.1', '203.0.113.1, 10.9.9.9', '203.0.113.1'], // Two proxies of ours.
  ['::ffff:10.0.0.1', '2001:db8:0:1::9', '2001:db8:0:1::/64'],
  ['fd00::1', '203.0.113.1', '203.0.113.1'],
  ['10.0.0.1', 'unknown', '10.0.0.1'],
  ['10.0.0.1', '10.0.0.2, 10.0.0.3', '10.0.0.2'],
])('of the peer %s with X-Forwarded-For %s the address is %s', (remoteAddress, forwarded, expected) => {
  const addressOf = createAddressOf(['10.0.0.0/8', 'fd00::/8']);
  const request = { socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } };
  expect(addressOf(request as never)).toBe(expected);
});

test('so many addresses that they would fill the memory are counted together', () => {
  const strangers = createStrangers({ ...STRANGER_LIMITS, operationsPerMinute: 2 }, createManualClock());
  for (let number = 0; number < 10_000; number++) expect(strangers.count(`a${number}`).allowed).toBe(true);
  expect(['b1', 'b2', 'b3'].map((address) => strangers.count(address).allowed)).toEqual([true, true, false]);
  expect(strangers.count('a1').allowed).toBe(true); // The others keep what they have.
});

test('a caller without a key gets no subscription, on either transport', async () => {
  await using t = await setup();
  await using stream = await subscribeSse(t.url, { query: 'subscription { ticks { number } }' });
  expect(stream.response.statusCode).toBe(200);
  expect(await stream.next()).toMatchObject({ data: { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] } });
  await using socket = await openSocket(t.url);
  socket.send({ type: 'connection_init' });
  expect((await socket.closed).code).toBe(4403);
});

test('documents of callers without a key are short, also where somebody else has sent them before', async () => {
  await using t = await setup();
  const query = `{ hello } #${'x'.repeat(STRANGER_DOCUMENT)}`;
  expect((await postGraphql(t.url, { query }, { apiKey: API_KEY })).status).toBe(200);
  const { status, body } = await postGraphql(t.url, { query });
  expect([status, body.errors![0]!.extensions]).toEqual([400, { code: 'QUERY_TOO_COMPLEX' }]);
  expect(body.errors![0]!.message).toContain(`at most ${STRANGER_DOCUMENT} characters`);
  const url = `${t.url}/graphql?query=${encodeURIComponent(query)}`;
  expect((await fetch(url, { headers: { accept: 'application/json' } })).status).toBe(400);
});

test('with INTROSPECTION=key the schema is for callers with a key', async () => {
  await using t = await setup({ introspection: 'key' });
  const hidden = [
    INTROSPECTION.query,
    '{ __type(name: "Query") { name } }',
    '{ ...F } fragment F on Query { s: __schema { queryType { name } } }',
  ];
  for (const query of hidden) {
    const { status, body } = await postGraphql(t.url, { query });
    expect([status, body.errors![0]!.extensions]).toEqual([401, { code: 'UNAUTHENTICATED' }]);
    expect(body.errors![0]!.message).toContain('X-API-Key');
  }
  expect((await postGraphql(t.url, { query: '{ __typename hello }' })).status).toBe(200);
  expect((await postGraphql(t.url, INTROSPECTION, { apiKey: API_KEY })).body.data).toHaveProperty('__schema');
  await using open = await setup({ introspection: 'public' });
  expect((await postGraphql(open.url, INTROSPECTION)).body.data).toHaveProperty('__schema');
});

test('sockets that show no key are few, and the ones that wait longest make room for the newest', async () => {
  await using t = await setup({ strangerLimits: { socketsPerAddress: 2 }, timing: { initTimeoutMs: 600_000 } });
  await using acknowledged = await openAcknowledged(t.url, API_KEY);
  await using first = await openSocket(t.url);
  await using second = await openSocket(t.url);
  await t.clock.advance(1_000); // Time to show a key, which they have not used.
  await using third = await openSocket(t.url);
  expect((await first.closed).code).toBe(1013);
  await using fourth = await openAcknowledged(t.url, API_KEY); // A key gets in at any time.
  expect((await second.closed).code).toBe(1013);
  third.send({ type: 'connection_init', payload: { apiKey: API_KEY } });
  expect(await third.next()).toMatchObject({ type: 'connection_ack' });
  for (const { socket } of [acknowledged, third, fourth]) expect(socket.readyState).toBe(socket.OPEN);
});

test('behind a proxy all clients may come back at once: none is turned away before it could show its key', async () => {
  await using t = await setup({ strangerLimits: { socketsPerAddress: 2 }, timing: { initTimeoutMs: 600_000 } });
  const sockets = await Promise.all(Array.from({ length: 6 }, () => openSocket(t.url)));
  for (const socket of sockets) socket.send({ type: 'connection_init', payload: { apiKey: API_KEY } });
  for (const socket of sockets) {
    expect(await socket.next()).toMatchObject({ type: 'connection_ack' });
    await socket[Symbol.asyncDispose]();
  }
});

test('an address is held to its limit when the moment for showing a key is over', async () => {
  const clock = createManualClock();
  const room = createWaitingRoom({ ...STRANGER_LIMITS, socketsPerAddress: 2 }, clock);
  const left: string[] = [];
  const enter = (name: string) => room.enter('a', () => left.push(name));
  for (const name of ['a1', 'a2', 'a3', 'a4']) enter(name);
  await clock.advance(999);
  enter('a5');
  expect(left).toEqual([]);
  await clock.advance(1);
  enter('a6');
  expect(left).toEqual(['a1', 'a2', 'a3', 'a4']);
});

test('where all places are taken, the address that has the most of them gives one up', () => {
  const room = createWaitingRoom({ ...STRANGER_LIMITS, sockets: 4, socketsPerAddress: 2 }, createManualClock());
  const left: string[] = [];
  const enter = (address: string, name: string) => room.enter(address, () => left.push(name));
  enter('b', 'b1');
  for (const name of ['a1', 'a2', 'a3', 'a4', 'a5']) enter('a', name);
  enter('c', 'c1');
  expect(left).toEqual(['a1', 'a2', 'a3']);
});

test('sockets without a key are few in all, whatever their addresses', () => {
  const room = createWaitingRoom({ ...STRANGER_LIMITS, sockets: 3, socketsPerAddress: 2 }, createManualClock());
  const left: string[] = [];
  const enter = (address: string, name: string) => room.enter(address, () => left.push(name));
  const leaveA1 = enter('a', 'a1');
  enter('a', 'a2');
  enter('b', 'b1');
  enter('c', 'c1');
  expect(left).toEqual(['a1']);
  leaveA1();
  const leaveA2 = enter('a', 'a3');
  expect(left).toEqual(['a1', 'a2']);
  leaveA2();
  enter('d', 'd1');
  expect(left).toEqual(['a1', 'a2']);
});

test('documents of callers without a key have few root fields, however they are spread', async () => {
  await using t = await setup();
  const fields = (count: number) => Array.from({ length: count }, (_, number) => `a${number}: hello`).join(' ');
  const spread = `{ ...F } fragment F on Query { ${fields(6)} }`;
  expect((await postGraphql(t.url, { query: `{ ${fields(5)} }` })).status).toBe(200);
  for (const query of [`{ ${fields(6)} }`, spread]) {
    expect((await postGraphql(t.url, { query }, { apiKey: API_KEY })).status).toBe(200);
    const { body } = await postGraphql(t.url, { query });
    expect(body.data ?? null).toBeNull();
    expect(body.errors).toMatchObject([
      { message: expect.stringContaining('at most 5 root fields'), extensions: { code: 'QUERY_TOO_COMPLEX' } },
    ]);
  }
});

import { request as httpRequest } from 'node:http';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { createRateLimit } from '../../../src/access/rate-limit.ts';
import { openAcknowledged, postGraphql, subscribeSse } from '../../support/client.ts';
import { createTestDatabase } from '../../support/database.ts';
import { holdDatabaseTime } from '../../support/postgres/database-time.ts';
import { API_KEY, callerOf, setup as setupServer } from '../setup.ts';

const HELLO = { query: '{ hello }' };
const TICKS = { query: 'subscription { ticks { number } }' };

/** Two servers on one database, and one key with a limit on both. */
async function setup(rateLimitPerMinute: number | null = 3, organizationRateLimitPerMinute: number | null = null) {
  const stack = new AsyncDisposableStack();
  const database = stack.use(await createTestDatabase());
  const time = stack.use(await holdDatabaseTime(database.databaseUrl));
  time.rule(database);
  const start = async () => {
    // The servers' clocks are needed before there is a server: each limiter asks for it late.
    const late: { limit?: ReturnType<typeof createRateLimit> } = {};
    const server = stack.use(await setupServer({ rateLimit: { count: (caller) => late.limit!.count(caller) } }));
    late.limit = createRateLimit({ database, clock: server.clock });
    server.keys.set(API_KEY, { ...callerOf('key1'), rateLimitPerMinute, organizationRateLimitPerMinute });
    server.keys.set('unlimited', { ...callerOf('key2'), organizationRateLimitPerMinute });
    return server;
  };
  const [one, other] = [await start(), await start()];
  return {
    database,
    one,
    other,
    advance: async (ms: number) => {
      await Promise.all([time.advance(ms), one.clock.advance(ms), other.clock.advance(ms)]);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const hello = (url: string, headers: Record<string, string> = {}) =>
  postGraphql(url, HELLO, { apiKey: API_KEY, headers });

/** The items of a structured field (RFC 9651): a list of strings with integer parameters, or a failure. */
function parseItems(field: string | null): Record<string, Record<string, number>> {
  const item = /^"([\x20\x21\x23-\x5b\x5d-\x7e]*)"((?:; *[a-z*][a-z0-9_.*-]*=-?\d{1,15})*)$/;
  const items = (field ?? '').split(/[ \t]*,[ \t]*/).map((text) => {
    const [, name, parameters] = item.exec(text) ?? [];
    if (name === undefined) throw new Error(`not an item of a structured field: ${text}`);
    const pairs = parameters!.split(';').slice(1);
    return [name, Object.fromEntries(pairs.map((pair) => pair.trim().split('='))) as object] as const;
  });
  const numbers = (values: object) => Object.fromEntries(Object.entries(values).map(([name, n]) => [name, Number(n)]));
  return Object.fromEntries(items.map(([name, values]) => [name, numbers(values)]));
}

test('of 1,000 parallel requests to two servers, exactly the limit of 100 are answered', async () => {
  await using t = await setup(100);
  const answers = await Promise.all(Array.from({ length: 1_000 }, (_, i) => hello((i % 2 ? t.one : t.other).url)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(100);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(900);
});

test('HTTP, SSE and WebSocket operations of a key are counted together, over two servers', async () => {
  await using t = await setup(5);
  await using socket = await openAcknowledged(t.one.url, API_KEY);
  socket.send({ id: 'query', type: 'subscribe', payload: HELLO });
  expect(await socket.next()).toMatchObject({ id: 'query', type: 'next' });
  expect(await socket.next()).toMatchObject({ id: 'query', type: 'complete' });
  socket.send({ id: 'mutation', type: 'subscribe', payload: { query: 'mutation { bump }' } });
  expect(await socket.next()).toMatchObject({ id: 'mutation', type: 'next' });
  expect(await socket.next()).toMatchObject({ id: 'mutation', type: 'complete' });
  socket.send({ id: 'subscription', type: 'subscribe', payload: TICKS });
  await t.one.source.opened();
  await using stream = await subscribeSse(t.other.url, TICKS, { apiKey: API_KEY });
  expect(stream.response.headers['ratelimit']).toBe('"minute";r=1;t=60');
  expect((await hello(t.other.url)).headers.get('ratelimit')).toBe('"minute";r=0;t=60');

  expect((await hello(t.one.url)).status).toBe(429);
  await using refused = await subscribeSse(t.one.url, TICKS, { apiKey: API_KEY });
  expect(refused.response.headers['retry-after']).toBe('60');
  expect(await refused.next()).toMatchObject({ data: { errors: [{ extensions: { code: 'RATE_LIMITED' } }] } });
  socket.send({ id: 'over', type: 'subscribe', payload: { query: 'mutation { bump }' } });
  expect(await socket.next()).toMatchObject({
    id: 'over',
    type: 'error',
    payload: [{ extensions: { code: 'RATE_LIMITED', limit: 5, retryAfterSeconds: 60 } }],
  });
});

test('a refused operation leaves the socket open, its subscriptions going, and passes in the next window', async () => {
  await using t = await setup(1);
  await using socket = await openAcknowledged(t.one.url, API_KEY);
  socket.send({ id: '1', type: 'subscribe', payload: TICKS });
  await t.one.source.opened();
  socket.send({ id: '2', type: 'subscribe', payload: HELLO });
  expect(await socket.next()).toMatchObject({ id: '2', type: 'error' });
  t.one.source.emit(1);
  expect(await socket.next()).toMatchObject({ id: '1', type: 'next' });
  await t.advance(60_000);
  socket.send({ id: '2', type: 'subscribe', payload: HELLO });
  expect(await socket.next()).toMatchObject({ id: '2', type: 'next' });
});

test('RateLimit and RateLimit-Policy are structured fields that tell where the key stands', async () => {
  await using t = await setup(3);
  for (const r of [2, 1, 0, 0]) {
    const { headers } = await hello(t.one.url);
    expect(parseItems(headers.get('ratelimit-policy'))).toEqual({ minute: { q: 3, w: 60 } });
    expect(parseItems(headers.get('ratelimit'))).toEqual({ minute: { r, t: 60 } });
  }
});

test('the headers name which limit they tell of: that of the key, of its organization, or both', async () => {
  await using t = await setup(5, 4);
  const { headers } = await hello(t.one.url);
  expect(parseItems(headers.get('ratelimit-policy'))).toEqual({
    minute: { q: 5, w: 60 },
    organization: { q: 4, w: 60 },
  });
  expect(parseItems(headers.get('ratelimit'))).toEqual({ minute: { r: 4, t: 60 }, organization: { r: 3, t: 60 } });
  const unlimited = await postGraphql(t.other.url, HELLO, { apiKey: 'unlimited' });
  expect(unlimited.headers.get('ratelimit-policy')).toBe('"organization";q=4;w=60');
  expect(unlimited.headers.get('ratelimit')).toBe('"organization";r=2;t=60');
});

test('what its organization has used up is refused to any of its keys, on every transport, and the answer says so', async () => {
  await using t = await setup(5, 2);
  await using socket = await openAcknowledged(t.one.url, 'unlimited');
  for (const { url } of [t.one, t.other]) expect((await hello(url)).status).toBe(200);
  await t.advance(50_000);
  const message =
    'The organization of this API key has a limit of 2 per 60 s, over all its API keys and transports together, and it ' +
    'is used up. Try again in 10 s.';
  const extensions = { code: 'RATE_LIMITED', limit: 2, retryAfterSeconds: 10, limitOf: 'ORGANIZATION' };
  for (const apiKey of [API_KEY, 'unlimited']) {
    const { status, headers, body } = await postGraphql(t.one.url, HELLO, { apiKey });
    expect([status, headers.get('retry-after'), body.errors]).toEqual([429, '10', [{ message, extensions }]]);
    expect(headers.get('ratelimit')).toContain('"organization";r=0;t=10');
  }
  await using stream = await subscribeSse(t.other.url, TICKS, { apiKey: 'unlimited' });
  expect(await stream.next()).toMatchObject({ data: { errors: [{ message, extensions }] } });
  socket.send({ id: 'over', type: 'subscribe', payload: HELLO });
  expect(await socket.next()).toMatchObject({ id: 'over', type: 'error', payload: [{ message, extensions }] });
  await t.advance(10_000);
  expect((await hello(t.one.url)).status).toBe(200);
});

test('a limit of the organization that is changed holds on sockets that are open', async () => {
  await using t = await setup(5, 1);
  await using socket = await openAcknowledged(t.one.url, 'unlimited');
  let operations = 0;
  const run = async (): Promise<string> => {
    const id = `${++operations}`;
    socket.send({ id, type: 'subscribe', payload: HELLO });
    const { type } = await socket.next();
    if (type === 'next') await socket.next(); // It completes.
    return type;
  };
  expect([await run(), await run()]).toEqual(['next', 'error']);
  t.one.keys.set('unlimited', { ...callerOf('key2'), organizationRateLimitPerMinute: 1_000_000 });
  await expect.poll(run, { timeout: 20_000 }).toBe('next');
});

test('a refusal is 429 RATE_LIMITED and says limit, window and when to come back; who does so passes', async () => {
  await using t = await setup(1);
  const first = await hello(t.one.url);
  expect([first.status, first.headers.get('retry-after')]).toEqual([200, null]);
  await t.advance(47_400);
  const { status, headers, body } = await hello(t.one.url);
  expect([status, headers.get('retry-after')]).toEqual([429, '13']);
  expect(body.data).toBeUndefined();
  expect(body.errors).toEqual([
    {
      message:
        'This API key has a limit of 1 per 60 s, over all transports together, and it is used up. Try again in 13 s.',
      extensions: { code: 'RATE_LIMITED', limit: 1, retryAfterSeconds: 13 },
    },
  ]);
  await t.advance(13_000);
  expect((await hello(t.other.url)).status).toBe(200);
});

test('a key without a limit is told of none, a caller without a key of its own', async () => {
  await using t = await setup(null);
  for (const [options, left, limit] of [
    [{ apiKey: API_KEY }, null, null],
    [{}, '"minute";r=59;t=60', '"minute";q=60;w=60'],
  ] as const) {
    const { status, headers } = await postGraphql(t.one.url, HELLO, options);
    expect([status, headers.get('ratelimit'), headers.get('ratelimit-policy')]).toEqual([200, left, limit]);
  }
});

test('a request that is refused is not read, one that is malformed counts', async () => {
  await using t = await setup(1);
  const headers = { 'x-api-key': API_KEY, 'content-type': 'application/json' };
  const malformed = await fetch(`${t.one.url}/graphql`, { method: 'POST', headers, body: '{' });
  expect([malformed.status, malformed.headers.get('ratelimit')]).toEqual([400, '"minute";r=0;t=60']);
  const request = httpRequest(`${t.one.url}/graphql`, {
    method: 'POST',
    headers: { ...headers, 'content-length': 1_000_000 },
  });
  request.flushHeaders();
  const [response] = await once(request, 'response');
  expect(response.statusCode).toBe(429);
  request.on('error', () => {}).destroy();
});

test('a refused request is one log line with its code, and counted by it in the metrics', async () => {
  await using t = await setup(1);
  await hello(t.one.url);
  await hello(t.one.url);
  const line = await t.one.nextLine('graphql.request', { status: 429 });
  expect(line).toMatchObject({ apiKeyId: 'key1', kind: null, errorCodes: ['RATE_LIMITED'] });
  const metrics = await (await fetch(`${t.one.url}/metrics`)).text();
  expect(metrics).toContain('{transport="http",kind="none",outcome="RATE_LIMITED"} 1');
});

test('pages of allowed origins may read the headers', async () => {
  await using t = await setup();
  const { headers } = await hello(t.one.url, { origin: 'https://console.example.com' });
  const exposed = headers.get('access-control-expose-headers')!.split(', ');
  expect(exposed).toEqual(expect.arrayContaining(['RateLimit', 'RateLimit-Policy', 'Retry-After']));
});

test('while Postgres is away, operations of keys with a limit answer SERVICE_UNAVAILABLE on every transport', async () => {
  await using t = await setup();
  await using socket = await openAcknowledged(t.one.url, API_KEY);
  Object.assign(t.database, { transact: () => Promise.reject(new Error('Connection terminated')) });
  const unavailable = { extensions: { code: 'SERVICE_UNAVAILABLE' } };
  expect(await hello(t.one.url)).toMatchObject({ status: 503, body: { errors: [unavailable] } });
  await using stream = await subscribeSse(t.one.url, TICKS, { apiKey: API_KEY });
  expect(await stream.next()).toMatchObject({ data: { errors: [unavailable] } });
  socket.send({ id: '1', type: 'subscribe', payload: HELLO });
  expect(await socket.next()).toMatchObject({ id: '1', type: 'error', payload: [unavailable] });
});

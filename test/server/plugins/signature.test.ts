import { generateKeyPairSync, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { createSignatures } from '../../../src/access/signatures.ts';
import { signedContent } from '../../../src/domain/signing/signed-api-request.ts';
import { openAcknowledged, postGraphql, subscribeSse } from '../../support/client.ts';
import { createTestDatabase } from '../../support/database.ts';
import { postAsHost } from '../../support/network/post-as-host.ts';
import { API_KEY, callerOf, setup as setupServer } from '../setup.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const PUBLIC_KEY = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
const stranger = generateKeyPairSync('ed25519').privateKey;

/** Two servers on one database; the caller of both must sign. */
async function setup() {
  const stack = new AsyncDisposableStack();
  const database = stack.use(await createTestDatabase());
  const start = async () => {
    const late: { signatures?: ReturnType<typeof createSignatures> } = {};
    const server = stack.use(
      await setupServer({ signatures: { use: (key, request) => late.signatures!.use(key, request) } }),
    );
    late.signatures = createSignatures({ database, clock: server.clock });
    server.keys.set(API_KEY, { ...callerOf('key1'), publicKey: PUBLIC_KEY });
    return server;
  };
  return { database, one: await start(), other: await start(), [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

type Server = Awaited<ReturnType<typeof setup>>['one'];
type Signing = {
  key?: typeof privateKey;
  atMs?: number;
  signedBody?: string;
  /** Of what is signed, where it is not what is sent. */
  lines?: Partial<Parameters<typeof signedContent>[0]>;
};

const BUMP = JSON.stringify({ query: 'mutation { bump }' });

function signatureHeaders({ clock, port }: Server, body: string, signing: Signing = {}): Record<string, string> {
  const { key = privateKey, atMs = 0, signedBody = body, lines = {} } = signing;
  const timestamp = String(clock.now().getTime() + atMs);
  const content = signedContent({
    version: '2',
    timestamp,
    method: 'POST',
    host: `127.0.0.1:${port}`,
    path: '/graphql',
    apiKeyId: 'key1',
    idempotencyKey: '',
    organizationId: '',
    body: Buffer.from(signedBody),
    ...lines,
  });
  const version = 'version' in lines ? lines.version : '2';
  return {
    ...(version !== undefined && { 'x-request-signature-version': version }),
    'x-request-timestamp': timestamp,
    'x-request-signature': sign(null, content, key).toString('base64'),
  };
}

async function post({ url }: Server, body: string, headers: Record<string, string> = {}, search = '') {
  const response = await fetch(`${url}/graphql${search}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', 'x-api-key': API_KEY, ...headers },
  });
  return { status: response.status, body: await response.json() };
}

const signedPost = (server: Server, body = BUMP, signing: Signing = {}) =>
  post(server, body, signatureHeaders(server, body, signing));

test('a signed mutation runs', async () => {
  await using t = await setup();
  expect(await signedPost(t.one)).toEqual({ status: 200, body: { data: { bump: 1 } } });
});

test('the body is signed byte for byte, and the path with its query string', async () => {
  await using t = await setup();
  const body = '\n {"query" : "mutation { bump }"  , "variables": {"unused": "é 1.0"}}\r\n';
  expect((await signedPost(t.one, body)).status).toBe(200);
  const headers = signatureHeaders(t.one, BUMP, { lines: { path: '/graphql?tag=a%20b' } });
  expect((await post(t.one, BUMP, headers, '?tag=a%20b')).status).toBe(200);
  expect((await post(t.other, BUMP, headers, '?tag=a+b')).status).toBe(401);
});

test.each<[string, (t: Server) => Record<string, string>, string, string]>([
  ['no signature', () => ({}), 'MISSING', 'without X-Request-Timestamp and X-Request-Signature'],
  [
    'Unix seconds',
    () => ({ 'x-request-timestamp': '1768473000', 'x-request-signature': 'x' }),
    'MALFORMED',
    '13 digits',
  ],
  ['hex', (t) => ({ ...signatureHeaders(t, BUMP), 'x-request-signature': 'ab' }), 'MALFORMED', 'base64 of 64 bytes'],
  ['an old time', (t) => signatureHeaders(t, BUMP, { atMs: -300_001 }), 'EXPIRED', '300.001 s before the time here'],
  ['a time to come', (t) => signatureHeaders(t, BUMP, { atMs: 300_001 }), 'EXPIRED', '300.001 s after the time here'],
  [
    'another key',
    (t) => signatureHeaders(t, BUMP, { key: stranger }),
    'INVALID',
    `not that of publicKey ${PUBLIC_KEY}`,
  ],
  [
    'another body',
    (t) => signatureHeaders(t, BUMP, { signedBody: `${BUMP} ` }),
    'INVALID',
    `body of ${BUMP.length} bytes`,
  ],
  ['another path', (t) => signatureHeaders(t, BUMP, { lines: { path: '/' } }), 'INVALID', ', /graphql, key1'],
  ['another method', (t) => signatureHeaders(t, BUMP, { lines: { method: 'GET' } }), 'INVALID', 'POST, 127.0.0.1'],
  ['another host', (t) => signatureHeaders(t, BUMP, { lines: { host: 'x' } }), 'INVALID', 'POST, 127.0.0.1:'],
  ['the id of another key', (t) => signatureHeaders(t, BUMP, { lines: { apiKeyId: 'key2' } }), 'INVALID', ', key1, '],
  [
    'an idempotency key that is not signed',
    (t) => ({ ...signatureHeaders(t, BUMP), 'x-idempotency-key': 'once' }),
    'INVALID',
    ', key1, once, (an empty one) and',
  ],
  [
    'an organization that is not signed',
    (t) => ({ ...signatureHeaders(t, BUMP), 'x-organization-id': 'other' }),
    'INVALID',
    ', key1, (an empty one), other and',
  ],
  [
    'an unknown version',
    (t) => ({ ...signatureHeaders(t, BUMP), 'x-request-signature-version': '3' }),
    'MALFORMED',
    'Expected 2 in X-Request-Signature-Version',
  ],
  [
    'its version taken away',
    (t) => ({ ...signatureHeaders(t, BUMP), 'x-request-signature-version': '1' }),
    'INVALID',
    'POST, /graphql and a body',
  ],
])('a mutation with %s is refused, says why and what to sign, and changes nothing', async (_, headers, reason, why) => {
  await using t = await setup();
  const { status, body } = await post(t.one, BUMP, headers(t.one));
  expect(status).toBe(401);
  expect(body).toEqual({
    errors: [{ message: expect.stringContaining(why), extensions: { code: 'SIGNATURE_REQUIRED', reason } }],
  });
  expect(body.errors[0].message).toContain(
    'Send X-Request-Signature-Version: 2, X-Request-Timestamp (Unix time in milliseconds)',
  );
  expect((await signedPost(t.one)).body).toEqual({ data: { bump: 1 } });
});

const JSON_AS_KEY = { 'content-type': 'application/json', 'x-api-key': API_KEY };

test('host, key, idempotency key and organization are signed as they are sent', async () => {
  await using t = await setup();
  const lines = { host: 'hookcast.example.com', idempotencyKey: 'once', organizationId: 'org1' };
  const sent = { ...JSON_AS_KEY, 'idempotency-key': 'once', 'x-organization-id': 'org1' };
  const headers = { ...signatureHeaders(t.one, BUMP, { lines }), ...sent };
  const answer = await postAsHost(`${t.one.url}/graphql`, { host: 'HookCast.example.com', headers, body: BUMP });
  // The signature was good. What fails is the idempotency of a server that has no database for it.
  expect(answer.body.errors).toMatchObject([{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
  const { rows } = await t.database.pool.query('select from used_signatures');
  expect(rows).toHaveLength(1);
});

test('version 1 is accepted in this release, and the log says which version was used', async () => {
  await using t = await setup();
  const first = await signedPost(t.one, BUMP, { lines: { version: undefined } });
  expect(first).toEqual({ status: 200, body: { data: { bump: 1 } } });
  expect(await t.one.nextLine('graphql.request')).toMatchObject({ signatureVersion: 1 });
  await t.one.clock.advance(1);
  expect((await signedPost(t.one)).status).toBe(200);
  expect(await t.one.nextLine('graphql.request', { signatureVersion: 2 })).toMatchObject({ apiKeyId: 'key1' });
});

test('a replayed mutation is refused, by this process and another of the same host; signed anew it runs', async () => {
  await using t = await setup();
  const host = 'hookcast.example.com';
  const headers = { ...JSON_AS_KEY, ...signatureHeaders(t.one, BUMP, { lines: { host } }) };
  const send = (server: Server) => postAsHost(`${server.url}/graphql`, { host, headers, body: BUMP });
  expect((await send(t.one)).status).toBe(200);
  for (const server of [t.one, t.other]) {
    const { status, body } = await send(server);
    expect([status, body.errors?.[0]?.extensions['reason']]).toEqual([401, 'REPLAYED']);
    expect(body.errors?.[0]?.message).toContain('was used before');
  }
  await t.one.clock.advance(1);
  expect((await signedPost(t.one)).body).toEqual({ data: { bump: 2 } });
});

test('a mutation that is refused for its form uses no signature up', async () => {
  await using t = await setup();
  const body = JSON.stringify({ query: 'mutation { bump nothing }' });
  const headers = signatureHeaders(t.one, body);
  expect((await post(t.one, body, headers)).status).toBe(200);
  const { rows } = await t.database.pool.query('select 1 from used_signatures');
  expect(rows).toEqual([]);
});

test('queries and subscriptions need no signature, over any transport', async () => {
  await using t = await setup();
  expect((await postGraphql(t.one.url, { query: '{ secret }' }, { apiKey: API_KEY })).body.data).toEqual({
    secret: 'for key1',
  });
  const ticks = { query: 'subscription { ticks { number } }' };
  await using stream = await subscribeSse(t.one.url, ticks, { apiKey: API_KEY });
  await using socket = await openAcknowledged(t.one.url, API_KEY);
  socket.send({ id: '1', type: 'subscribe', payload: ticks });
  await t.one.source.opened(2);
  t.one.source.emit(1);
  expect(await stream.next()).toMatchObject({ event: 'next' });
  expect(await socket.next()).toMatchObject({ id: '1', type: 'next' });
  socket.send({ id: '2', type: 'subscribe', payload: { query: '{ secret }' } });
  expect(await socket.next()).toMatchObject({ id: '2', payload: { data: { secret: 'for key1' } } });
});

test('of several operations in a document, the one that runs decides', async () => {
  await using t = await setup();
  const query = 'query Read { hello } mutation Change { bump }';
  const read = await post(t.one, JSON.stringify({ query, operationName: 'Read' }));
  expect(read.body).toEqual({ data: { hello: 'Hello, world' } });
  expect((await post(t.one, JSON.stringify({ query, operationName: 'Change' }))).status).toBe(401);
});

test('a mutation over WebSocket is refused and sent to HTTP; the socket stays open', async () => {
  await using t = await setup();
  await using socket = await openAcknowledged(t.one.url, API_KEY);
  socket.send({ id: '1', type: 'subscribe', payload: { query: 'mutation { bump }' } });
  expect(await socket.next()).toMatchObject({
    id: '1',
    type: 'next',
    payload: {
      errors: [
        {
          message: expect.stringContaining('send this one by HTTP POST'),
          extensions: { code: 'SIGNATURE_REQUIRED', reason: 'WEBSOCKET' },
        },
      ],
    },
  });
  expect(await socket.next()).toMatchObject({ id: '1', type: 'complete' });
  expect((await signedPost(t.one)).body).toEqual({ data: { bump: 1 } });
});

test('a key without a public key changes things unsigned', async () => {
  await using t = await setup();
  t.one.keys.set(API_KEY, callerOf('key1'));
  expect(await post(t.one, BUMP)).toEqual({ status: 200, body: { data: { bump: 1 } } });
});

test('while Postgres is away, a signed mutation answers SERVICE_UNAVAILABLE and does not run', async () => {
  await using t = await setup();
  const { transact } = t.database;
  Object.assign(t.database, { transact: () => Promise.reject(new Error('Connection terminated')) });
  const { status, body } = await signedPost(t.one);
  expect([status, body.errors[0].extensions.code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
  Object.assign(t.database, { transact });
  expect((await signedPost(t.one)).body).toEqual({ data: { bump: 1 } });
});

test('pages of allowed origins may send the headers', async () => {
  await using t = await setup();
  const asked = 'content-type,x-request-signature,x-request-signature-version,x-request-timestamp';
  const headers = { origin: 'https://console.example.com', 'access-control-request-headers': asked };
  const preflight = await fetch(`${t.one.url}/graphql`, { method: 'OPTIONS', headers });
  expect(preflight.headers.get('access-control-allow-headers')).toBe(asked);
});

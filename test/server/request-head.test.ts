/** Heads of requests that programs on the way may read otherwise than we do, and what every answer says of itself. */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openSocket, postGraphql, subscribeSse } from '../support/client.ts';
import { API_KEY, setup } from './setup.ts';

const BODY = '{"query":"mutation { bump }"}';

/** Sends a POST with these header lines and resolves with everything that comes back. */
async function postRaw(port: number, lines: readonly string[], body: string | Buffer = BODY): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  socket.write(['POST /graphql HTTP/1.1', ...lines, length, 'Connection: close', '', ''].join('\r\n'), 'latin1');
  socket.end(body);
  return text(socket);
}

const JSON_TYPE = 'Content-Type: application/json';

test.each([
  ['Host', ['Host: a.example', 'Host: b.example', JSON_TYPE]],
  ['host', ['HOST: a.example', JSON_TYPE, 'host: a.example']],
  ['Authorization', ['Host: a', JSON_TYPE, `Authorization: Bearer ${API_KEY}`, 'Authorization: Bearer other']],
  ['Content-Type', ['Host: a', JSON_TYPE, 'Content-Type: text/plain']],
])('two %s headers answer 400 and say so, and nothing runs', async (name, lines) => {
  await using t = await setup();
  const answer = await postRaw(t.port, lines);
  expect(answer).toMatch(/^HTTP\/1.1 400 /);
  expect(answer).toContain(`Expected one ${name} header, got several`);
  expect((await postGraphql(t.url, { query: 'mutation { bump }' })).body).toEqual({ data: { bump: 1 } });
});

test('two Host headers are refused on every path, and for a WebSocket', async () => {
  await using t = await setup();
  for (const path of ['/healthz', '/metrics', '/.well-known/jwks.json', '/nowhere']) {
    const socket = connect(t.port, '127.0.0.1');
    socket.end(`GET ${path} HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1.1 400 /);
  }
  const upgrade = (...hosts: string[]) => [
    'GET /graphql HTTP/1.1',
    ...hosts.map((host) => `Host: ${host}`),
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    '',
    '',
  ];
  const socket = connect(t.port, '127.0.0.1');
  socket.write(upgrade('a', 'b').join('\r\n'));
  expect(await text(socket)).toMatch(/^HTTP\/1.1 400 /);
});

test.each(['a/graphql', 'user@a', 'a?b', 'a#b', 'a\\b', 'a:b:c'])('the Host %j is refused', async (host) => {
  await using t = await setup();
  const answer = await postRaw(t.port, [`Host: ${host}`, JSON_TYPE]);
  expect(answer).toMatch(/^HTTP\/1.1 400 /);
  expect(answer).toContain('Expected a valid Host header');
});

test('health probes by address are answered, whatever PUBLIC_URL says', async () => {
  await using t = await setup({ publicUrl: 'https://hooks.example.com' });
  for (const path of ['/healthz', '/readyz', '/metrics']) expect((await fetch(`${t.url}${path}`)).status).toBe(200);
});

test.each(['gzip', 'br', 'deflate, gzip', 'identity', 'x'])('Content-Encoding: %s answers 415', async (coding) => {
  await using t = await setup();
  const body = coding === 'gzip' ? gzipSync(BODY) : Buffer.from(BODY);
  const headers = { 'content-type': 'application/json', 'content-encoding': coding };
  const response = await fetch(`${t.url}/graphql`, { method: 'POST', headers, body });
  expect(response.status).toBe(415);
  expect(response.headers.get('accept-encoding')).toBe('identity');
  const { errors } = await response.json();
  expect(errors).toMatchObject([
    {
      message: `Expected a request without Content-Encoding, got "${coding}". Send the body as it is.`,
      extensions: { code: 'BAD_USER_INPUT' },
    },
  ]);
});

const NBSP = '\xa0';
const secretBy = (line: string) => ['Host: a', JSON_TYPE, line];
const SECRET = '{"query":"{ secret }"}';

test.each([
  `X-API-Key: ${API_KEY}${NBSP}`,
  `X-API-Key: ${NBSP}${API_KEY}`,
  `X-API-Key: ${NBSP}`,
  `Authorization: Bearer ${API_KEY}${NBSP}`,
  `Authorization: Bearer ${NBSP}${API_KEY}`,
  `Authorization: Bearer${NBSP}${API_KEY}`,
  `Authorization: ${NBSP}`,
])('a no-break space is part of a key, which is then unknown: %j', async (line) => {
  await using t = await setup();
  const answer = await postRaw(t.port, secretBy(line), SECRET);
  expect(answer).toMatch(/^HTTP\/1.1 401 /);
  expect(answer).toContain('unknown, revoked or expired');
});

test('spaces and tabs around a key are not part of it', async () => {
  await using t = await setup();
  for (const line of [`X-API-Key: \t ${API_KEY} \t`, `Authorization: \tBearer  ${API_KEY}\t `]) {
    expect(await postRaw(t.port, secretBy(line), SECRET)).toContain('for key1');
  }
  await using socket = await openSocket(t.url);
  socket.send({ type: 'connection_init', payload: { apiKey: ` ${API_KEY}\t` } });
  expect(await socket.next()).toEqual({ type: 'connection_ack' });
});

test('over WebSocket a no-break space is part of the key too', async () => {
  await using t = await setup();
  await using socket = await openSocket(t.url);
  socket.send({ type: 'connection_init', payload: { apiKey: `${API_KEY}${NBSP}` } });
  expect(await socket.closed).toMatchObject({ code: 4403 });
});

test('a Content-Type with a no-break space is another type', async () => {
  await using t = await setup();
  expect(await postRaw(t.port, ['Host: a', `${JSON_TYPE}${NBSP}`])).toMatch(/^HTTP\/1.1 415 /);
});

test('every answer says nosniff', async () => {
  await using t = await setup();
  const asHtml = { accept: 'text/html' };
  const answers = {
    data: await fetch(`${t.url}/graphql?query={hello}`),
    errors: await fetch(`${t.url}/graphql?query={`),
    '401': await fetch(`${t.url}/graphql?query={hello}`, { headers: { 'x-api-key': 'wrong' } }),
    '405': await fetch(`${t.url}/graphql`, { method: 'PUT' }),
    '406': await fetch(`${t.url}/graphql?query={hello}`, { headers: { accept: 'image/png' } }),
    '415': await fetch(`${t.url}/graphql`, { method: 'POST', body: 'x' }),
    preflight: await fetch(`${t.url}/graphql`, { method: 'OPTIONS' }),
    '404': await fetch(`${t.url}/nowhere`),
    'file 404': await fetch(`${t.url}/graphiql/nothing.js`),
    '405 of a path': await fetch(`${t.url}/healthz`, { method: 'POST' }),
    graphiql: await fetch(`${t.url}/graphql`, { headers: asHtml }),
    jwks: await fetch(`${t.url}/.well-known/jwks.json`),
    health: await fetch(`${t.url}/healthz`),
    ready: await fetch(`${t.url}/readyz`),
    metrics: await fetch(`${t.url}/metrics`),
  };
  const sniffed = Object.entries(answers).filter(
    ([, { headers }]) => headers.get('x-content-type-options') !== 'nosniff',
  );
  expect(sniffed.map(([name]) => name)).toEqual([]);
  expect((await postRaw(t.port, ['Host: a', 'Host: b', JSON_TYPE])).toLowerCase()).toContain(
    '\r\nx-content-type-options: nosniff',
  );
  await using stream = await subscribeSse(t.url, { query: 'subscription { ticks { number } }' }, { apiKey: API_KEY });
  expect(stream.response.headers['x-content-type-options']).toBe('nosniff');
});

import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { postGraphql } from '../support/client.ts';
import { API_KEY, setup } from './setup.ts';

const post = (url: string, body: string | Buffer, headers: Record<string, string>) =>
  fetch(`${url}/graphql`, { method: 'POST', body: body as string, headers });

/** Sends exactly these bytes and resolves with everything that comes back. */
async function sendRaw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.end(bytes);
  return text(socket);
}

test('the request id of the client comes back and reaches the context; a bad one is replaced', async () => {
  await using t = await setup();
  const given = await postGraphql(t.url, { query: '{ requestId }' }, { headers: { 'x-request-id': 'abc-1' } });
  expect(given.body).toEqual({ data: { requestId: 'abc-1' } });
  expect(given.headers.get('x-request-id')).toBe('abc-1');
  const bad = await postGraphql(t.url, { query: '{ hello }' }, { headers: { 'x-request-id': 'a "b"' } });
  expect(bad.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});

test.each([
  ['application/json', 200],
  ['application/json; charset=utf-8', 200],
  ['application/graphql-response+json', 200],
  ['application/json; charset=utf-16', 415],
  ['text/plain', 415],
  ['application/x-www-form-urlencoded', 415],
  ['multipart/form-data; boundary=x', 415],
  ['application/graphql', 415],
])('a POST with Content-Type %s answers %i', async (type, status) => {
  await using t = await setup();
  const response = await post(t.url, '{"query":"mutation { bump }"}', { 'content-type': type });
  expect(response.status).toBe(status);
  const body = await response.json();
  if (status === 200) expect(body).toEqual({ data: { bump: 1 } });
  else expect(body.errors[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
  // Nothing was executed by a refused request.
  const { body: after } = await postGraphql(t.url, { query: 'mutation { bump }' });
  expect(after.data.bump).toBe(status === 200 ? 2 : 1);
});

test('a mutation by GET is refused, a query is answered', async () => {
  await using t = await setup();
  const mutation = await fetch(`${t.url}/graphql?query=mutation{bump}`);
  expect(mutation.status).toBe(405);
  expect(mutation.headers.get('allow')).toBe('POST');
  const query = await fetch(`${t.url}/graphql?query={hello}`);
  expect(await query.json()).toEqual({ data: { hello: 'Hello, world' } });
});

test.each([
  ['not JSON', '{', 'JSON'],
  ['not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'UTF-8'],
  ['null', 'null', 'object'],
  ['a batch', '[{"query":"{ hello }"}]', 'Batching'],
  ['empty', '', 'JSON'],
])('a body that is %s answers 400 and says what was expected', async (_name, body, word) => {
  await using t = await setup();
  const response = await post(t.url, body, { 'content-type': 'application/json' });
  expect(response.status).toBe(400);
  const { errors } = await response.json();
  expect(errors).toMatchObject([{ message: expect.stringContaining(word), extensions: { code: 'BAD_USER_INPUT' } }]);
});

test('bad JSON in a parameter of the URL is the mistake of the client', async () => {
  await using t = await setup();
  const response = await fetch(`${t.url}/graphql?query={hello}&variables={`);
  expect(response.status).toBe(400);
  expect((await response.json()).errors[0].message).toContain('parameter variables');
});

test('pages of other sites may not read answers, listed ones may, and never with credentials', async () => {
  await using t = await setup();
  const allowed = await postGraphql(
    t.url,
    { query: '{ hello }' },
    { headers: { origin: 'https://console.example.com' } },
  );
  expect(allowed.headers.get('access-control-allow-origin')).toBe('https://console.example.com');
  expect(allowed.headers.get('vary')).toContain('Origin');
  for (const origin of [
    'https://evil.example',
    'http://localhost:3000',
    'null',
    'https://console.example.com.evil.io',
  ]) {
    const refused = await postGraphql(t.url, { query: '{ hello }' }, { headers: { origin } });
    expect([...refused.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  }
  expect(allowed.headers.has('access-control-allow-credentials')).toBe(false);
});

test('a preflight answers for listed origins only', async () => {
  await using t = await setup();
  const preflight = (origin: string) => fetch(`${t.url}/graphql`, { method: 'OPTIONS', headers: { origin } });
  const allowed = await preflight('https://console.example.com');
  expect(allowed.status).toBe(204);
  expect(allowed.headers.get('access-control-allow-headers')).toContain('X-API-Key');
  const refused = await preflight('https://evil.example');
  expect(refused.headers.has('access-control-allow-headers')).toBe(false);
  expect(refused.headers.has('access-control-allow-origin')).toBe(false);
});

test('in local mode the pages that this machine serves may call, on any port', async () => {
  await using t = await setup({ allowLoopbackPages: true });
  for (const origin of ['http://localhost:5173', 'http://127.0.0.1:8080']) {
    const { headers } = await postGraphql(t.url, { query: '{ hello }' }, { headers: { origin } });
    expect(headers.get('access-control-allow-origin')).toBe(origin);
  }
  const other = await postGraphql(t.url, { query: '{ hello }' }, { headers: { origin: 'http://localhost.evil.io' } });
  expect(other.headers.has('access-control-allow-origin')).toBe(false);
});

test('a request that no URL can be made of answers 400 without a stack', async () => {
  await using t = await setup();
  for (const bytes of [
    'GET /graphql?query={hello} HTTP/1.1\r\nHost: a:b:c\r\nConnection: close\r\n\r\n',
    'GET http://x/graphql HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  ]) {
    const answer = await sendRaw(t.port, bytes);
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).not.toContain('node_modules');
  }
});

test('a request that offers an upgrade to HTTP/2 is answered over HTTP/1.1', async () => {
  await using t = await setup();
  const body = '{"query":"{ hello }"}';
  const answer = await sendRaw(
    t.port,
    [
      ...['POST /graphql HTTP/1.1', 'Host: x', 'Connection: Upgrade, HTTP2-Settings, close', 'Upgrade: h2c'],
      ...['HTTP2-Settings: AAEAAEAAAAIAAAAB', 'Content-Type: application/json', `Content-Length: ${body.length}`],
      ...['', body],
    ].join('\r\n'),
  );
  expect(answer).toMatch(/^HTTP\/1.1 200 /);
  expect(answer).toContain('Hello, world');
});

test('no cache may keep an answer, since it depends on the key', async () => {
  await using t = await setup();
  const response = await fetch(`${t.url}/graphql?query={secret}`, { headers: { 'x-api-key': API_KEY } });
  expect(response.headers.get('cache-control')).toBe('no-store');
});

test('an answer to a valid key is the same under X-API-Key and Authorization: Bearer', async () => {
  await using t = await setup();
  for (const headers of [{ 'x-api-key': API_KEY }, { authorization: `Bearer ${API_KEY}` }]) {
    const { body } = await postGraphql(t.url, { query: '{ secret }' }, { headers });
    expect(body).toEqual({ data: { secret: 'for key1' } });
  }
});

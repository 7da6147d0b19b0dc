import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { postGraphql } from '../support/client.ts';
import { setup } from './setup.ts';

test('/healthz answers 200 although the service is not ready', async () => {
  await using t = await setup({ missing: async () => ['database'] });
  const response = await fetch(`${t.url}/healthz`);
  expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
});

test.each([
  ['ready', async () => [], 200, { status: 'ready' }],
  ['not ready', async () => ['database'], 503, { status: 'not ready', missing: ['database'] }],
  ['unable to tell', () => Promise.reject(new Error('hunter2')), 503, { status: 'not ready', missing: ['unknown'] }],
])('/readyz of a service that is %s says so, and what is missing', async (_name, missing, status, body) => {
  await using t = await setup({ missing });
  const response = await fetch(`${t.url}/readyz`);
  expect([response.status, await response.json()]).toEqual([status, body]);
});

test('/readyz of a server that stops says so to those who are connected', async () => {
  await using t = await setup();
  const slow = postGraphql(t.url, { query: '{ slow }' });
  await t.slow.started();
  const socket = connect(t.port, '127.0.0.1');
  await once(socket, 'connect');
  const closed = t.server.close();
  socket.write('GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(String(answer)).toMatch(/^HTTP\/1.1 503 [^]*\{"status":"not ready","missing":\["stopping"\]\}/);
  socket.destroy();
  t.slow.finish();
  await Promise.all([slow, closed]);
});

test('/.well-known/jwks.json serves the public keys to any page', async () => {
  await using t = await setup();
  const response = await fetch(`${t.url}/.well-known/jwks.json`);
  expect(await response.json()).toEqual({ keys: [{ kid: 'k1' }] });
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
});

test('/.well-known/egress.json serves the addresses that requests come from to any page, and is 404 where none are set', async () => {
  await using t = await setup({ egressAddresses: ['192.0.2.1', '2001:db8::/48'] });
  const response = await fetch(`${t.url}/.well-known/egress.json`);
  expect(await response.json()).toEqual({ addresses: ['192.0.2.1', '2001:db8::/48'] });
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  await using silent = await setup();
  expect((await fetch(`${silent.url}/.well-known/egress.json`)).status).toBe(404);
});

test('a route that fails answers 500 without its reason and logs it', async () => {
  await using t = await setup({ jwks: () => Promise.reject(new Error('hunter2')) });
  const response = await fetch(`${t.url}/.well-known/jwks.json`);
  expect([response.status, await response.json()]).toEqual([500, { error: 'Internal error' }]);
  expect(await t.nextLine('http.failed')).toMatchObject({ path: '/.well-known/jwks.json' });
});

test('/metrics is Prometheus text of the registry of this server', async () => {
  await using t = await setup();
  await using other = await setup();
  await postGraphql(t.url, { query: '{ hello(name: "Ada") }' });
  await t.nextLine('graphql.request');
  const response = await fetch(`${t.url}/metrics`);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const text = await response.text();
  expect(text).toContain('hookcast_graphql_operation_duration_seconds_count{kind="query"} 1\n');
  expect(text).toContain('hookcast_graphql_operations_total{transport="http",kind="query",outcome="OK"} 1\n');
  for (const line of text.trim().split('\n')) expect(line).toMatch(/^(|# (HELP|TYPE) .+|\w+(\{.+\})? \d+(\.\d+)?)$/);
  expect(await (await fetch(`${other.url}/metrics`)).text()).not.toContain('kind="query"');
});

test.each(['/index.html', '/graphql/x', '/metrics/', '/graphiql/none.js', '//graphql'])(
  '%s is not found',
  async (path) => {
    await using t = await setup();
    const response = await fetch(t.url + path);
    expect([response.status, await response.json()]).toEqual([404, { error: 'Not found' }]);
  },
);

test('a machine path takes GET and HEAD only', async () => {
  await using t = await setup();
  const refused = await fetch(`${t.url}/healthz`, { method: 'POST' });
  expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  expect((await fetch(`${t.url}/healthz`, { method: 'HEAD' })).status).toBe(200);
});

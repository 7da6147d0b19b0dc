import { once } from 'node:events';
import { connect } from 'node:net';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { postGraphql } from '../support/client.ts';
import { freePort } from '../support/network/free-port.ts';
import { setup } from './setup.ts';

const get = async (url: string, method = 'GET') => {
  const response = await fetch(url, { method });
  return { status: response.status, text: await response.text() };
};
/** Of a server whose metrics cannot be read. */
const failingRegistry = (): Registry =>
  Object.assign(new Registry(), { metrics: () => Promise.reject(new Error('hunter2')) });
const NOT_FOUND = { status: 404, text: '{"error":"Not found"}' };

test('with a port of their own, metrics are on that port only, and the probes on both', async () => {
  await using t = await setup({ adminPort: 0 });
  expect(t.adminUrl).not.toBe(t.url);
  expect(await get(`${t.url}/metrics`)).toEqual(NOT_FOUND);
  expect((await get(`${t.adminUrl}/metrics`)).text).toContain('# TYPE hookcast_open_websockets gauge');
  for (const url of [t.url, t.adminUrl]) {
    expect(await get(`${url}/healthz`)).toEqual({ status: 200, text: '{"status":"ok"}' });
    expect(await get(`${url}/readyz`)).toEqual({ status: 200, text: '{"status":"ready"}' });
  }
});

test('the admin port serves nothing else', async () => {
  await using t = await setup({ adminPort: 0 });
  for (const path of ['/', '/graphql', '/graphiql/index.js', '/.well-known/jwks.json']) {
    expect(await get(t.adminUrl + path), path).toEqual(NOT_FOUND);
  }
  expect((await get(`${t.adminUrl}/metrics`, 'POST')).status).toBe(405);
});

test('a route of the admin port that fails answers 500 without its reason', async () => {
  await using t = await setup({ adminPort: 0, registry: failingRegistry() });
  expect(await get(`${t.adminUrl}/metrics`)).toEqual({ status: 500, text: '{"error":"Internal error"}' });
  expect(await t.nextLine('http.failed')).toMatchObject({ path: '/metrics' });
});

test('without it there is one port, and metrics are there', async () => {
  await using t = await setup();
  expect(t.adminUrl).toBeUndefined();
  expect((await get(`${t.url}/metrics`)).status).toBe(200);
});

test('while the server stops, its probes answer on the admin port; it closes last, with all its connections', async () => {
  await using t = await setup({ adminPort: 0 });
  const slow = postGraphql(t.url, { query: '{ slow }' });
  await t.slow.started();
  const idle = connect(Number(new URL(t.adminUrl!).port), '127.0.0.1');
  await once(idle, 'connect');
  const closed = t.server.close({ graceMs: 60_000 });
  expect(await get(`${t.adminUrl}/readyz`)).toEqual({
    status: 503,
    text: '{"status":"not ready","missing":["stopping"]}',
  });
  const cut = once(idle, 'close');
  t.slow.finish();
  await Promise.all([slow, closed, cut]);
  await expect(get(`${t.adminUrl}/healthz`)).rejects.toThrow();
});

test('an admin port that is taken stops the start, and leaves nothing listening', async () => {
  await using t = await setup({ adminPort: 0 });
  const taken = Number(new URL(t.adminUrl!).port);
  await expect(setup({ adminPort: taken })).rejects.toThrow('EADDRINUSE');
  const free = await freePort();
  await expect(setup({ port: t.port, adminPort: free })).rejects.toThrow('EADDRINUSE');
  await expect(get(`http://127.0.0.1:${free}/healthz`)).rejects.toThrow();
});

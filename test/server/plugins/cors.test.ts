/** Which pages are the service's own. The settings say it, and never the Host header, which strangers choose. */
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { ServerOptions } from '../../../src/server/server.ts';
import { postGraphql } from '../../support/client.ts';
import { setup } from '../setup.ts';

type Headers = { readonly host?: string; readonly origin: string };

/** Whether the page may read the answer, and whether it may open a WebSocket: the same question twice. */
async function mayCall({ url, port }: { url: string; port: number }, { host, origin }: Headers): Promise<boolean> {
  const headers = { origin, ...(host && { host }) };
  const sent = request(`${url}/graphql?query={hello}`, { headers }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  const mayRead = response.headers['access-control-allow-origin'] === origin;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws', { headers });
  const mayOpen = await new Promise<boolean>((resolve) => {
    socket.on('open', () => resolve(true)).on('error', () => resolve(false));
  });
  socket.terminate();
  expect({ origin, mayOpen }).toEqual({ origin, mayOpen: mayRead });
  return mayRead;
}

async function check(options: Partial<ServerOptions>, pages: readonly (readonly [boolean, Headers])[]): Promise<void> {
  await using t = await setup(options);
  const at = (text: string) => text.replace('PORT', String(t.port));
  for (const [expected, { host, origin }] of pages) {
    const headers = { origin: at(origin), ...(host && { host: at(host) }) };
    expect({ ...headers, mayCall: await mayCall(t, headers) }).toEqual({ ...headers, mayCall: expected });
  }
}

test('a page is not our own because its Origin equals the Host that it chose', async () => {
  await check({}, [
    [false, { origin: 'http://evil.example', host: 'evil.example' }],
    [false, { origin: 'http://evil.example:PORT', host: 'evil.example:PORT' }],
    [false, { origin: 'https://evil.example', host: 'evil.example' }],
  ]);
});

test('without PUBLIC_URL our own pages are those where the server listens', async () => {
  await check({}, [
    [true, { origin: 'http://127.0.0.1:PORT' }],
    [true, { origin: 'http://localhost:PORT', host: 'localhost:PORT' }],
    [false, { origin: 'http://localhost:1' }],
    [false, { origin: 'https://127.0.0.1:PORT' }],
  ]);
});

test('with PUBLIC_URL our own pages are those of it, whatever Host a proxy sends', async () => {
  await check({ publicUrl: 'https://hooks.example.com' }, [
    [true, { origin: 'https://hooks.example.com', host: 'hooks.example.com' }],
    [true, { origin: 'https://hooks.example.com', host: '10.0.0.7:4000' }],
    [false, { origin: 'http://hooks.example.com', host: 'hooks.example.com' }],
    [false, { origin: 'https://hooks.example.com:8443', host: 'hooks.example.com:8443' }],
    [false, { origin: 'http://127.0.0.1:PORT' }],
    [false, { origin: 'https://hooks.example.com.evil.example', host: 'hooks.example.com.evil.example' }],
  ]);
});

test('ALLOWED_HOSTS names further hosts whose pages are our own', async () => {
  const allowedHosts = ['hooks.internal', '10.0.0.7:4000'];
  await check({ publicUrl: 'https://hooks.example.com', allowedHosts }, [
    [true, { origin: 'https://hooks.example.com' }],
    [true, { origin: 'https://hooks.internal', host: 'hooks.internal' }],
    [true, { origin: 'http://hooks.internal' }],
    [true, { origin: 'http://10.0.0.7:4000' }],
    [false, { origin: 'http://10.0.0.7' }],
    [false, { origin: 'https://evil.hooks.internal', host: 'evil.hooks.internal' }],
  ]);
});

test('in local mode pages of localhost and 127.0.0.1 may call, and a name that leads here may not', async () => {
  await check({ allowLoopbackPages: true }, [
    [true, { origin: 'http://localhost:PORT' }],
    [true, { origin: 'http://127.0.0.1:PORT' }],
    [false, { origin: 'http://rebound.example:PORT', host: 'rebound.example:PORT' }],
  ]);
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

const ASKED = [
  'traceparent, tracestate, baggage, sentry-trace',
  'apollographql-client-name, apollographql-client-version',
  'last-event-id, cache-control',
  'content-type,idempotency-key,x-api-key,x-request-signature,x-request-signature-version,x-request-timestamp',
];

test.each(ASKED)('a preflight lets a listed origin send what it asks for, and no other: %s', async (asked) => {
  await using t = await setup();
  const preflight = (origin: string) =>
    fetch(`${t.url}/graphql`, { method: 'OPTIONS', headers: { origin, 'access-control-request-headers': asked } });
  const allowed = await preflight('https://console.example.com');
  expect(allowed.status).toBe(204);
  expect(allowed.headers.get('access-control-allow-headers')).toBe(asked);
  expect(allowed.headers.get('vary')).toBe('Origin, Access-Control-Request-Headers');
  expect(allowed.headers.has('access-control-allow-credentials')).toBe(false);
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

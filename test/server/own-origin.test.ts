/** Which pages are the service's own. The settings say it, and never the Host header, which strangers choose. */
import { request } from 'node:http';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { expect, test } from 'vitest';
import type { ServerOptions } from '../../src/server/server.ts';
import { setup } from './setup.ts';

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

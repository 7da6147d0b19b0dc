import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { API_KEY, setup } from './setup.ts';

/** Sends exactly these bytes and resolves with everything that comes back. */
async function sendRaw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.end(bytes);
  return text(socket);
}

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
      'POST /graphql HTTP/1.1',
      'Host: x',
      'Connection: Upgrade, HTTP2-Settings, close',
      'Upgrade: h2c',
      'HTTP2-Settings: AAEAAEAAAAIAAAAB',
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      '',
      body,
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

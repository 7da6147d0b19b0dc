import { createServer } from 'node:net';
import { connect, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { lookUpLoopback, readReceiverUrl } from '../../../src/cli/listen/receiver-url.ts';

const LOCAL = { allowExternal: false };

test.each([
  ['3000', {}, 'http://localhost:3000/'],
  ['3000', { path: '/webhooks?x=1' }, 'http://localhost:3000/webhooks?x=1'],
  ['http://127.0.0.1:8080/a?b#c', {}, 'http://127.0.0.1:8080/a?b'],
  ['http://127.0.0.1:8080/a?b', { path: '/other' }, 'http://127.0.0.1:8080/other'],
  ['https://[::1]:8443/', {}, 'https://[::1]:8443/'],
  ['http://127.8.9.1/', {}, 'http://127.8.9.1/'],
  ['http://my.app.test:3000', {}, 'http://my.app.test:3000/'],
])('%s %j is %s', (text, more, href) => {
  expect(readReceiverUrl(text, { ...LOCAL, ...more }).href).toBe(href);
});

test.each([
  ['http://192.0.2.7:3000/', {}, 'expected an address of this machine, got 192.0.2.7. Add --allow-external'],
  ['http://[2001:db8::1]/', {}, 'got 2001:db8::1'],
  ['http://0x7f000001.example/', { path: 'webhooks' }, '--path: expected a path such as /webhooks, got "webhooks"'],
  ['99999', {}, 'expected a port such as 3000'],
  ['0', {}, 'expected a port such as 3000'],
  ['localhost', {}, 'expected a port such as 3000'],
  ['ftp://localhost/', {}, 'expected a port such as 3000'],
])('%s %j is refused', (text, more, message) => {
  expect(() => readReceiverUrl(text, { ...LOCAL, ...more })).toThrow(message);
});

test.each([
  'http://ann:geheim@localhost:3000/',
  'http://geheim@localhost/',
  'http://ann:geheim@localhost:99999/',
  'ann:geheim@localhost',
])('a URL with a password is refused, and the password is not shown: %s', (text) => {
  const refused = () => readReceiverUrl(text, LOCAL);
  expect(refused).toThrow(/^PORT\|URL: expected (no user .* --header "Authorization: |a port .*"…@localhost)/);
  expect(refused).not.toThrow('geheim');
});

test('--allow-external allows an address of another machine', () => {
  expect(readReceiverUrl('http://192.0.2.7:3000/', { allowExternal: true }).host).toBe('192.0.2.7:3000');
});

test('a name is connected to when it leads to this machine, and refused when it leads to another one', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  for (const autoSelectFamily of [true, false]) {
    const socket = connect({ host: 'localhost', port, lookup: lookUpLoopback, autoSelectFamily, family: 4 });
    await once(socket, 'connect');
    socket.destroy();
  }
  server.close();
  const refused = new Promise((resolve) => lookUpLoopback('192.0.2.7', {}, resolve)); // Resolves to itself.
  expect(await refused).toMatchObject({ name: 'ExternalAddress', message: expect.stringContaining('got 192.0.2.7') });
});

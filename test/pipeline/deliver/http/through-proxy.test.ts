/** All requests take the egress proxy: of each kind, with credentials, and when it fails. */
import { promises as dns } from 'node:dns';
import { inspect } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import type { EgressProxy } from '../../../../src/domain/targets/egress-proxy.ts';
import { createSender, type SenderOptions } from '../../../../src/pipeline/deliver/send.ts';
import { certificates, testAuthority } from '../../../support/certificates/certificates.ts';
import { createManualClock } from '../../../support/clock.ts';
import { startHostile } from '../../../support/network/hostile.ts';
import { startProxy, type ProxyProtocol, type TestProxy } from '../../../support/network/proxies.ts';
import { startReceiver } from '../../../support/receiver.ts';

const CREDENTIALS = { username: 'sender', password: 'pass word:ä' };
const PROTOCOLS: readonly ProxyProtocol[] = ['http', 'https', 'socks5'];

function setup(proxy: Pick<TestProxy, 'settings'>, options: Partial<SenderOptions> & { resolvesNames?: boolean } = {}) {
  const { resolvesNames = false, ...more } = options;
  const clock = createManualClock();
  const sender = createSender({
    policy: { allowLoopback: true, allowedNetworks: [], allowHttp: true },
    timeoutMs: 10_000,
    connectionsPerOrigin: 4,
    clock,
    lookup: async () => [{ address: '127.0.0.1', family: 4 }],
    ca: testAuthority(),
    proxied: { proxy: proxy.settings, resolvesNames },
    ...more,
  });
  const post = (url: string) =>
    sender.send({ url, headers: { 'x-key': 'of-the-target' }, body: '{}', organizationId: 'org1' });
  return { ...sender, clock, post, [Symbol.asyncDispose]: sender.close };
}

describe.each(PROTOCOLS)('an %s proxy', (protocol) => {
  test('leads to receivers over https and http, by the judged address, and connections are kept', async () => {
    await using proxy = await startProxy({ protocol, credentials: CREDENTIALS });
    await using secure = await startReceiver(200, { certificate: certificates.valid(), host: 'hooks.hookcast.test' });
    await using plain = await startReceiver(200, { host: 'plain.hookcast.test' });
    await using sender = setup(proxy);
    for (const { url } of [secure, secure, plain, plain]) expect(await sender.post(url)).toMatchObject({ status: 200 });
    expect(proxy.asked).toEqual([`127.0.0.1:${secure.port}`, `127.0.0.1:${plain.port}`]);
    for (const { requests, connectionCount } of [secure, plain]) {
      expect([requests.length, connectionCount]).toEqual([2, 1]);
      const [{ headers, method, url }] = requests as [(typeof requests)[number]];
      expect([method, url, headers.host]).toEqual(['POST', '/hook', expect.stringContaining('.hookcast.test:')]);
      expect(JSON.stringify(requests)).not.toMatch(/proxy-|authorization/i);
    }
  });

  test('that asks for other credentials, or for some where none are set, is a PROXY_ERROR without them', async () => {
    await using receiver = await startReceiver();
    for (const given of [{ username: 'sender', password: 'wrong-password' }, undefined]) {
      await using proxy = await startProxy({ protocol, credentials: CREDENTIALS, given });
      await using sender = setup(proxy);
      const result = await sender.post(receiver.url);
      expect(result).toMatchObject({ outcome: 'PROXY_ERROR', error: expect.stringContaining('credentials') });
      expect(inspect(result, { depth: Infinity })).not.toMatch(/wrong-password|of-the-target|127\.0\.0\.1|localhost/);
      expect(proxy.asked).toEqual([]);
    }
    expect(receiver.connectionCount).toBe(0);
  });

  test('that is not there is a PROXY_ERROR', async () => {
    const proxy = await startProxy({ protocol });
    await proxy[Symbol.asyncDispose]();
    await using sender = setup(proxy);
    const error = expect.stringMatching(
      /^The egress proxy of the service was not reached \(ECONNREFUSED\)\. The target/,
    );
    expect(await sender.post('https://hooks.hookcast.test/')).toMatchObject({ outcome: 'PROXY_ERROR', error });
  });

  test('that hangs is a PROXY_ERROR after half of the time of an attempt, and no socket is left', async () => {
    await using proxy = await startProxy({ protocol });
    for (const mood of ['hang', 'hangAsked'] as const) {
      proxy.behave(mood);
      await using sender = setup(proxy, { timeoutMs: 600 });
      const result = await sender.post('https://hooks.hookcast.test/');
      expect(result).toMatchObject({
        outcome: 'PROXY_ERROR',
        error: expect.stringContaining('did not answer within 300 ms'),
      });
      await expect.poll(() => proxy.openCount).toBe(0);
    }
  });

  test.each(['refuse', 'close'] as const)('that does to everybody what is called %s is a PROXY_ERROR', async (mood) => {
    await using proxy = await startProxy({ protocol });
    proxy.behave(mood);
    await using sender = setup(proxy);
    for (const url of ['https://one.hookcast.test/', 'https://two.hookcast.test/', 'https://one.hookcast.test/']) {
      expect(await sender.post(url)).toMatchObject({ outcome: 'PROXY_ERROR' });
    }
  });

  test('that refuses one target, and leads to another, leaves the fault to that target', async () => {
    await using proxy = await startProxy({ protocol });
    await using receiver = await startReceiver();
    await using sender = setup(proxy);
    const bad = 'http://bad.hookcast.test:8999/';
    proxy.behave((end) => (end.endsWith(':8999') ? 'refuse' : 'pass'));
    expect(await sender.post(bad)).toMatchObject({ outcome: 'PROXY_ERROR' });
    expect(await sender.post(receiver.url)).toMatchObject({ status: 200 });
    for (let time = 0; time < 2; time++) expect(await sender.post(bad)).toMatchObject({ outcome: 'CONNECTION_ERROR' });
    proxy.behave('refuse');
    expect(await sender.post('http://another.hookcast.test:8998/')).toMatchObject({ outcome: 'PROXY_ERROR' });
    expect(await sender.post(bad)).toMatchObject({ outcome: 'PROXY_ERROR' });
  });

  test('is asked for the name only where it must resolve names', async () => {
    await using proxy = await startProxy({ protocol, isTrap: true });
    await using receiver = await startReceiver(200, { certificate: certificates.valid(), host: 'hooks.hookcast.test' });
    const lookup = () => Promise.reject(new Error('no name may be resolved here'));
    await using sender = setup(proxy, { resolvesNames: true, lookup });
    expect(await sender.post(receiver.url)).toMatchObject({ status: 200 });
    expect(proxy.asked).toEqual([`hooks.hookcast.test:${receiver.port}`]);
    expect(await sender.post('http://10.0.0.1/')).toMatchObject({ outcome: 'FORBIDDEN_ADDRESS' });
    expect(proxy.asked).toHaveLength(1);
  });

  test('is never asked for a forbidden address, also where one of several is', async () => {
    await using proxy = await startProxy({ protocol });
    const lookup: SenderOptions['lookup'] = async () =>
      ['127.0.0.1', '10.0.0.1'].map((address) => ({ address, family: 4 }));
    await using sender = setup(proxy, { lookup });
    for (const url of ['http://mixed.hookcast.test/', 'http://10.0.0.1/']) {
      expect(await sender.post(url)).toMatchObject({ outcome: 'FORBIDDEN_ADDRESS' });
    }
    expect(proxy.connectionCount).toBe(0);
  });

  test('is no target itself: by its address, by another of the same machine, and by a name that leads there', async () => {
    await using proxy = await startProxy({ protocol });
    const { port } = proxy.settings;
    await using sender = setup(proxy);
    for (const host of ['127.0.0.1', '127.0.0.2', '[::1]', 'localhost', 'named.hookcast.test']) {
      expect([host, await sender.post(`http://${host}:${port}/`)]).toEqual([
        host,
        expect.objectContaining({ outcome: 'FORBIDDEN_ADDRESS' }),
      ]);
    }
    expect(proxy.connectionCount).toBe(0);
  });

  test('is tried with the other addresses of a name when it refuses one', async () => {
    await using proxy = await startProxy({ protocol });
    await using receiver = await startReceiver(200, { host: 'two.hookcast.test' });
    const lookup: SenderOptions['lookup'] = async () =>
      ['127.0.0.9', '127.0.0.1'].map((address) => ({ address, family: 4 }));
    await using sender = setup(proxy, { lookup });
    expect(await sender.post(receiver.url)).toMatchObject({ status: 200 });
    expect(proxy.asked).toEqual([`127.0.0.9:${receiver.port}`, `127.0.0.1:${receiver.port}`]);
  });
});

test('a silence to one target alone, while others are led to theirs, is the timeout of that target', async () => {
  await using proxy = await startProxy({ protocol: 'http' });
  await using receiver = await startReceiver({ status: 200, headers: { connection: 'close' } });
  await using sender = setup(proxy, { timeoutMs: 2_000 });
  proxy.behave((end) => (end.endsWith(':8999') ? 'hangAsked' : 'pass'));
  const silent = sender.post('http://silent.hookcast.test:8999/');
  await expect.poll(() => proxy.asked.length).toBe(1);
  await sender.clock.advance(1);
  expect(await sender.post(receiver.url)).toMatchObject({ status: 200 });
  expect(await silent).toMatchObject({
    outcome: 'TIMEOUT',
    error: expect.stringContaining('Other targets are reached'),
  });
});

test('a silence that lasts until the end of the attempt is judged in the same way', async () => {
  await using proxy = await startProxy({ protocol: 'http' });
  await using receiver = await startReceiver({ status: 200, headers: { connection: 'close' } });
  // Tunnels begin a quarter of a second after each other, and each may take a second.
  const lookup: SenderOptions['lookup'] = async (name) =>
    (name.startsWith('silent') ? [1, 2, 3, 4, 5, 6] : [1]).map((last) => ({ address: `127.0.0.${last}`, family: 4 }));
  await using sender = setup(proxy, { timeoutMs: 2_000, lookup });
  proxy.behave((end) => (end.endsWith(':8999') ? 'hangAsked' : 'pass'));
  const first = await sender.post('http://silent.hookcast.test:8999/');
  expect(first).toMatchObject({ outcome: 'PROXY_ERROR', error: expect.stringContaining('in the time that was left') });
  const before = proxy.asked.length;
  const silent = sender.post('http://silent.hookcast.test:8999/');
  await expect.poll(() => proxy.asked.length).toBeGreaterThan(before);
  await sender.clock.advance(1);
  expect(await sender.post(receiver.url)).toMatchObject({ status: 200 });
  expect(await silent).toMatchObject({
    outcome: 'TIMEOUT',
    error: expect.stringContaining('Other targets are reached'),
  });
  await expect.poll(() => proxy.openCount).toBe(0);
});

test('a name of the proxy that does not resolve in time is a PROXY_ERROR of each target, and asked for once', async () => {
  const lookup = vi.spyOn(dns, 'lookup').mockReturnValue(new Promise(() => {}) as never);
  try {
    const settings = { protocol: 'http', hostname: 'proxy.corp.example', port: 3128, credentials: undefined } as const;
    await using sender = setup({ settings }, { timeoutMs: 600 });
    for (const port of [3128, 8999]) {
      const error = expect.stringContaining('did not answer within 300 ms. The target was not asked');
      expect(await sender.post(`http://a.hookcast.test:${port}/`)).toMatchObject({ outcome: 'PROXY_ERROR', error });
      await sender.clock.advance(6_000);
    }
    expect(lookup).toHaveBeenCalledTimes(1);
  } finally {
    lookup.mockRestore();
  }
});

test('no port of the addresses that the name of the proxy has is a target', async () => {
  const address = { address: '93.184.216.34', family: 4 };
  const lookup = vi.spyOn(dns, 'lookup').mockResolvedValue([address] as never);
  try {
    const settings = { protocol: 'http', hostname: 'proxy.corp.example', port: 3128, credentials: undefined } as const;
    await using sender = setup({ settings }, { timeoutMs: 600, lookup: async () => [address] });
    const error = expect.stringContaining('a place of the service itself');
    for (const url of ['https://named.hookcast.test/', 'http://93.184.216.34:8999/']) {
      expect(await sender.post(url)).toMatchObject({ outcome: 'FORBIDDEN_ADDRESS', error });
    }
  } finally {
    lookup.mockRestore();
  }
});

test('a SOCKS5 proxy that closes before it is asked for a target is at fault, also when others were led to theirs', async () => {
  await using proxy = await startProxy({ protocol: 'socks5' });
  await using receiver = await startReceiver();
  await using sender = setup(proxy);
  expect(await sender.post(receiver.url)).toMatchObject({ status: 200 });
  await sender.clock.advance(1);
  proxy.behave('closeEarly');
  const error = expect.stringContaining('closed the connection before it was asked for a target');
  expect(await sender.post('http://bad.hookcast.test:8999/')).toMatchObject({ outcome: 'PROXY_ERROR', error });
});

test('a proxy whose certificate is not for its name, or not trusted, is a PROXY_ERROR', async () => {
  await using receiver = await startReceiver();
  for (const certificate of [certificates.wrongHost(), certificates.selfSigned(), certificates.expired()]) {
    await using proxy = await startProxy({ protocol: 'https', certificate });
    await using sender = setup(proxy);
    const error = expect.stringContaining('has no secure connection to offer');
    expect(await sender.post(receiver.url)).toMatchObject({ outcome: 'PROXY_ERROR', error });
  }
});

const STRANGE: [what: string, protocol: EgressProxy['protocol'], answer: string | Buffer, error: RegExp][] = [
  ['something that is not HTTP', 'http', 'SSH-2.0-OpenSSH_9.6\r\n', /is not HTTP/],
  ['a status of three letters', 'http', 'HTTP/1.1 abc OK\r\n\r\n', /is not HTTP/],
  ['a flood of headers', 'http', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(4_000)}`, /more than 16 KiB/],
  ['a flood of interim responses', 'http', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(2_000), /more than 16 KiB/],
  ['405 to everybody', 'http', 'HTTP/1.1 405 No\r\n\r\n', /answered 405/],
  ['SOCKS4', 'socks5', Buffer.from([0, 90]), /is not SOCKS5/],
  ['a method that was not offered', 'socks5', Buffer.from([5, 1]), /asks for credentials/],
  ['a reply without meaning', 'socks5', Buffer.from([5, 0, 5, 7, 0, 1, 0, 0, 0, 0, 0, 0]), /SOCKS reply 7/],
];
test.each(STRANGE)('a proxy that answers %s is a PROXY_ERROR', async (_what, protocol, answer, error) => {
  await using strange = await startHostile((socket) => void socket.resume().write(answer));
  const settings = { protocol, hostname: '127.0.0.1', port: strange.port, credentials: undefined };
  await using sender = setup({ settings });
  expect(await sender.post('http://127.0.0.1:8999/')).toMatchObject({
    outcome: 'PROXY_ERROR',
    error: expect.stringMatching(error),
  });
  await strange.whenDisconnected();
});

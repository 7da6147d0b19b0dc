/** The way to a target: addresses and names. What is sent over it is tested in send.test.ts. */
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../../src/clock.ts';
import type { UrlPolicy } from '../../../../src/domain/targets/target-url.ts';
import type { Lookup } from '../../../../src/pipeline/deliver/http/resolve.ts';
import { createSender, type SenderOptions } from '../../../../src/pipeline/deliver/send.ts';
import { startReceiver } from '../../../support/receiver.ts';

const LOCAL: UrlPolicy = { allowLoopback: true, allowedNetworks: [], allowHttp: true };

function setup(options: Partial<SenderOptions> = {}) {
  const sender = createSender({
    policy: LOCAL,
    timeoutMs: 5_000,
    connectionsPerOrigin: 4,
    clock: systemClock,
    lookup: resolvingTo('127.0.0.1'),
    ...options,
  });
  const post = (url: string) => sender.send({ url, headers: {}, body: '{}', organizationId: 'org1' });
  return { ...sender, post, [Symbol.asyncDispose]: sender.close };
}

const resolvingTo =
  (...addresses: string[]): Lookup =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

describe('addresses', () => {
  const mixes = [
    ['127.0.0.1', '10.0.0.1'],
    ['10.0.0.1', '127.0.0.1'],
    ['127.0.0.1', '::ffff:127.0.0.1'],
    ['127.0.0.1', '127.0.0.2', '169.254.169.254'],
    ['127.0.0.1', 'fe80::1%eth0'],
  ];
  test.each(mixes)('a name with one forbidden address is refused without a connection: %s %s %s', async (...mix) => {
    await using receiver = await startReceiver(200, { host: 'mixed.hookcast.test' });
    await using sender = setup({ lookup: resolvingTo(...mix.filter(Boolean)) });
    expect(await sender.post(receiver.url)).toMatchObject({
      kind: 'failure',
      outcome: 'FORBIDDEN_ADDRESS',
      error: expect.stringMatching(/^mixed\.hookcast\.test:\d+ leads to (10\.|::ffff|169\.254|fe80).*not a public/),
    });
    expect(receiver.connectionCount).toBe(0);
  });

  test('a public and a private address together are refused in production', async () => {
    await using receiver = await startReceiver(200, { host: 'mixed.hookcast.test' });
    const policy = { allowLoopback: false, allowedNetworks: [], allowHttp: true };
    await using sender = setup({ policy, lookup: resolvingTo('93.184.216.34', '127.0.0.1') });
    expect(await sender.post(receiver.url)).toMatchObject({
      outcome: 'FORBIDDEN_ADDRESS',
      error: expect.stringContaining('leads to 127.0.0.1, which is not a public address: loopback'),
    });
    expect(receiver.connectionCount).toBe(0);
  });

  test('a name that leads to an own address is refused without a connection, although the address is public', async () => {
    await using receiver = await startReceiver(200, { host: 'own.hookcast.test' });
    const policy = { ...LOCAL, ownAddresses: () => ['93.184.216.34'] };
    await using sender = setup({ policy, lookup: resolvingTo('127.0.0.1', '93.184.216.34') });
    expect(await sender.post(receiver.url)).toMatchObject({
      outcome: 'FORBIDDEN_ADDRESS',
      error: expect.stringContaining(
        'leads to 93.184.216.34, which is not a public address: an address of the machine',
      ),
    });
    expect(receiver.connectionCount).toBe(0);
  });

  test('the connection goes to the address that was judged: a second answer of the name server is never asked for', async () => {
    const answers = ['127.0.0.1', '10.0.0.1'];
    const lookup: Lookup = async () => [{ address: answers.shift()!, family: 4 }];
    await using receiver = await startReceiver(200, { host: 'rebinding.hookcast.test' });
    await using sender = setup({ lookup });
    expect(await sender.post(receiver.url)).toMatchObject({ status: 200 });
    expect(answers).toEqual(['10.0.0.1']);
  });

  test('every new connection judges the name again', async () => {
    const answers = ['127.0.0.1', '10.0.0.1'];
    const lookup: Lookup = async () => [{ address: answers.shift()!, family: 4 }];
    await using receiver = await startReceiver({ status: 200, headers: { connection: 'close' } }, { host: 'a.test' });
    await using sender = setup({ lookup });
    expect(await sender.post(receiver.url)).toMatchObject({ status: 200 });
    expect(await sender.post(receiver.url)).toMatchObject({ outcome: 'FORBIDDEN_ADDRESS' });
    expect(receiver.requests.length).toBe(1);
  });

  test('the peer is judged after the connection is made: 0.0.0.0 leads to 127.0.0.1', async () => {
    await using receiver = await startReceiver(200, { host: '0.0.0.0' });
    const policy = { allowLoopback: false, allowedNetworks: ['0.0.0.0/32'], allowHttp: true };
    await using sender = setup({ policy });
    expect(await sender.post(receiver.url)).toMatchObject({
      outcome: 'FORBIDDEN_ADDRESS',
      error: expect.stringContaining('leads to 127.0.0.1'),
    });
    expect(receiver.requests).toEqual([]);
  });

  test.each([
    'http://10.0.0.1/',
    'http://169.254.169.254/',
    'http://[::ffff:127.0.0.1]/',
    'http://0x0a000001/',
    'ftp://x/',
  ])('the URL is judged again at every attempt: %s', async (url) => {
    await using sender = setup();
    expect(await sender.post(url)).toMatchObject({
      outcome: 'FORBIDDEN_ADDRESS',
      error: expect.stringMatching(/^The URL of the target is not allowed\. Expected/),
    });
  });

  test('an IP literal takes no lookup, and localhost is loopback whatever a resolver says', async () => {
    await using receiver = await startReceiver();
    const policy = { allowLoopback: true, allowedNetworks: [], allowHttp: true };
    await using sender = setup({ policy, lookup: resolvingTo('10.0.0.1') });
    expect(await sender.post(receiver.url)).toMatchObject({ status: 200 });
    expect(await sender.post(`http://localhost:${receiver.port}/`)).toMatchObject({ status: 200 });
    expect(await sender.post(`http://a.localhost:${receiver.port}/`)).toMatchObject({ status: 200 });
  });

  test('another address of the name is tried when one does not accept', async () => {
    await using receiver = await startReceiver(200, { host: 'two.hookcast.test' });
    await using sender = setup({ lookup: resolvingTo('127.0.0.9', '127.0.0.1') });
    expect(await sender.post(receiver.url)).toMatchObject({ status: 200 });
  });

  test('a network that cannot be read stops the sender from being made', () => {
    expect(() => setup({ policy: { ...LOCAL, allowedNetworks: ['10.0.0.0/33'] } })).toThrow(/10\.0\.0\.0\/33/);
  });
});

describe('a name that cannot be resolved is a DNS error', () => {
  const causes: [code: string, cause: string][] = [
    ['ENOTFOUND', 'there is no such name (ENOTFOUND)'],
    ['EAI_AGAIN', 'the name server did not answer (EAI_AGAIN)'],
    ['ESERVFAIL', 'the name server failed (ESERVFAIL)'],
    ['EODD', 'EODD'],
  ];
  test.each(causes)('%s', async (code, cause) => {
    const lookup: Lookup = () => Promise.reject(Object.assign(new Error('x'), { code }));
    await using sender = setup({ lookup });
    expect(await sender.post('http://gone.hookcast.test/')).toMatchObject({
      kind: 'failure',
      outcome: 'DNS_ERROR',
      error: `gone.hookcast.test could not be resolved: ${cause}.`,
    });
  });

  test('without an address', async () => {
    await using sender = setup({ lookup: resolvingTo() });
    expect(await sender.post('http://gone.hookcast.test/')).toMatchObject({
      outcome: 'DNS_ERROR',
      error: 'gone.hookcast.test could not be resolved: the name has no address (ENODATA).',
    });
  });

  test('by the real resolver', async () => {
    const sender = createSender({ policy: LOCAL, timeoutMs: 20_000, connectionsPerOrigin: 1, clock: systemClock });
    const request = { url: 'http://nowhere.invalid/', headers: {}, body: '', organizationId: 'org1' };
    expect(await sender.send(request)).toMatchObject({
      outcome: 'DNS_ERROR',
      error: expect.stringContaining('nowhere.invalid'),
    });
    await sender.close();
  });
});

/** The way to a target: addresses, names and TLS. What is sent over it is tested in send.test.ts. */
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import type { UrlPolicy } from '../../../src/domain/target-url.ts';
import type { Lookup } from '../../../src/pipeline/http/resolve.ts';
import { createSender, type SenderOptions } from '../../../src/pipeline/send.ts';
import { certificates, testAuthority } from '../../support/certificates.ts';
import { answerAndReset, hang, resetOnConnect, startHostile } from '../../support/hostile.ts';
import { startReceiver } from '../../support/receiver.ts';

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

describe('TLS', () => {
  const trusting = { ca: testAuthority() };

  test('delivers to a host whose certificate is valid for its name or its address', async () => {
    await using receiver = await startReceiver(200, { certificate: certificates.valid() });
    await using sender = setup(trusting);
    expect(await sender.post(receiver.url)).toMatchObject({ status: 200 });
    expect(await sender.post(`https://localhost:${receiver.port}/`)).toMatchObject({ status: 200 });
    expect(await sender.post(`https://hooks.hookcast.test:${receiver.port}/`)).toMatchObject({ status: 200 });
  });

  test('keeps connections alive', async () => {
    await using receiver = await startReceiver(200, { certificate: certificates.valid() });
    await using sender = setup(trusting);
    for (let count = 0; count < 3; count++) await sender.post(receiver.url);
    expect(receiver).toMatchObject({ connectionCount: 1, requests: { length: 3 } });
  });

  const refused: [what: string, certificate: keyof typeof certificates, cause: RegExp][] = [
    ['an expired certificate', 'expired', /certificate has expired \(CERT_HAS_EXPIRED\)/],
    [
      'a certificate for another host',
      'wrongHost',
      /is for other names \(ERR_TLS_CERT_ALTNAME_INVALID\), namely DNS:other.hookcast.example/,
    ],
    ['a self-signed certificate', 'selfSigned', /signed by itself.*\(DEPTH_ZERO_SELF_SIGNED_CERT\)/],
  ];
  test.each(refused)('refuses %s', async (_what, name, cause) => {
    await using receiver = await startReceiver(200, { certificate: certificates[name]() });
    await using sender = setup(trusting);
    const result = await sender.post(receiver.url);
    expect(result).toMatchObject({ kind: 'failure', outcome: 'TLS_ERROR', error: expect.stringMatching(cause) });
    expect(result).toMatchObject({ error: expect.stringContaining(`127.0.0.1:${receiver.port}`) });
    expect(receiver.requests).toEqual([]);
  });

  test('refuses a certificate of an unknown authority, whatever NODE_TLS_REJECT_UNAUTHORIZED says', async () => {
    await using receiver = await startReceiver(200, { certificate: certificates.valid() });
    await using sender = setup();
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    const result = await sender.post(receiver.url);
    delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    expect(result).toMatchObject({ outcome: 'TLS_ERROR', error: expect.stringMatching(/authority is not trusted/) });
    expect(receiver.requests).toEqual([]);
  });

  test('refuses a certificate for another name than the one in the URL', async () => {
    await using receiver = await startReceiver(200, { certificate: certificates.valid(), host: 'hooks.example.com' });
    await using sender = setup(trusting);
    expect(await sender.post(receiver.url)).toMatchObject({
      outcome: 'TLS_ERROR',
      error: expect.stringContaining('hooks.example.com'),
    });
  });

  test('tells the receiver the name in the URL, as it was judged, and never an address (RFC 6066)', async () => {
    const told: string[] = [];
    const named = {
      ...certificates.valid(),
      SNICallback: (name: string, done: (error: null) => void) => (told.push(name), done(null)),
    };
    await using receiver = await startReceiver(200, { certificate: named });
    await using sender = setup(trusting);
    for (const host of ['Hooks.Hookcast.Test.', 'localhost', '127.0.0.1']) {
      expect(await sender.post(`https://${host}:${receiver.port}/`)).toMatchObject({ status: 200 });
    }
    expect(told).toEqual(['hooks.hookcast.test', 'localhost']);
  });

  test('refuses TLS 1.1', async () => {
    const old = {
      ...certificates.valid(),
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
      ciphers: 'ALL:@SECLEVEL=0',
    } as const;
    await using receiver = await startReceiver(200, { certificate: old });
    await using sender = setup(trusting);
    expect(await sender.post(receiver.url)).toMatchObject({ outcome: 'TLS_ERROR' });
    expect(receiver.requests).toEqual([]);
  });

  test('a receiver that asks for a client certificate is a TLS error', async () => {
    const mutual = {
      ...certificates.valid(),
      requestCert: true,
      rejectUnauthorized: true,
      maxVersion: 'TLSv1.2',
    } as const;
    await using receiver = await startReceiver(200, { certificate: mutual });
    await using sender = setup(trusting);
    expect(await sender.post(receiver.url)).toMatchObject({ outcome: 'TLS_ERROR' });
    expect(receiver.requests).toEqual([]);
  });

  test('a port that speaks plain HTTP is a TLS error', async () => {
    await using receiver = await startReceiver();
    await using sender = setup(trusting);
    expect(await sender.post(receiver.url.replace('http:', 'https:'))).toMatchObject({
      outcome: 'TLS_ERROR',
      error: expect.stringContaining('does not speak TLS'),
    });
  });

  test('the deadline covers a handshake that never ends, and leaves no socket behind', async () => {
    await using hostile = await startHostile(hang, { secureUrl: true });
    await using sender = setup({ ...trusting, timeoutMs: 200 });
    expect(await sender.post(hostile.url)).toMatchObject({
      outcome: 'TIMEOUT',
      error: `127.0.0.1:${hostile.port} did not finish the TLS handshake within 200 ms.`,
    });
    await hostile.whenDisconnected();
  });

  test.each([
    ['before the handshake', resetOnConnect, false],
    ['after the request', answerAndReset(), true],
  ])('a reset %s is a connection error', async (_when, behaviour, speaksTls) => {
    const options = speaksTls ? { certificate: certificates.valid() } : { secureUrl: true };
    await using hostile = await startHostile(behaviour, options);
    await using sender = setup(trusting);
    expect(await sender.post(hostile.url)).toMatchObject({ outcome: 'CONNECTION_ERROR' });
    expect(hostile.connectionCount).toBe(1);
  });
});

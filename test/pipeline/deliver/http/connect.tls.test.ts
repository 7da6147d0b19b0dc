/** Secure connections: which certificates and handshakes are accepted, and how the rest end. */
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../../src/clock.ts';
import { createSender, type SenderOptions } from '../../../../src/pipeline/deliver/send.ts';
import { certificates, testAuthority } from '../../../support/certificates/certificates.ts';
import {
  answerAndReset,
  hang,
  resetOnConnect,
  startHostile,
  type Behaviour,
} from '../../../support/network/hostile.ts';
import { startReceiver } from '../../../support/receiver.ts';

/** Every name leads to 127.0.0.1, where the receivers are. */
function setup(options: Partial<SenderOptions> = {}) {
  const sender = createSender({
    policy: { allowLoopback: true, allowedNetworks: [], allowHttp: true },
    timeoutMs: 5_000,
    connectionsPerOrigin: 4,
    clock: systemClock,
    lookup: async () => [{ address: '127.0.0.1', family: 4 }],
    ca: testAuthority(),
    ...options,
  });
  const post = (url: string, body = '{}') => sender.send({ url, headers: {}, body, organizationId: 'org1' });
  return { ...sender, post, [Symbol.asyncDispose]: sender.close };
}

test('delivers to a host whose certificate is valid for its name or its address', async () => {
  await using receiver = await startReceiver(200, { certificate: certificates.valid() });
  await using sender = setup();
  expect(await sender.post(receiver.url)).toMatchObject({ status: 200 });
  expect(await sender.post(`https://localhost:${receiver.port}/`)).toMatchObject({ status: 200 });
  expect(await sender.post(`https://hooks.hookcast.test:${receiver.port}/`)).toMatchObject({ status: 200 });
});

test('keeps connections alive', async () => {
  await using receiver = await startReceiver(200, { certificate: certificates.valid() });
  await using sender = setup();
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
  await using sender = setup();
  const result = await sender.post(receiver.url);
  expect(result).toMatchObject({ kind: 'failure', outcome: 'TLS_ERROR', error: expect.stringMatching(cause) });
  expect(result).toMatchObject({ error: expect.stringContaining(`127.0.0.1:${receiver.port}`) });
  expect(receiver.requests).toEqual([]);
});

test('refuses a certificate of an unknown authority, whatever NODE_TLS_REJECT_UNAUTHORIZED says', async () => {
  await using receiver = await startReceiver(200, { certificate: certificates.valid() });
  await using sender = setup({ ca: undefined });
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  const result = await sender.post(receiver.url);
  delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  expect(result).toMatchObject({ outcome: 'TLS_ERROR', error: expect.stringMatching(/authority is not trusted/) });
  expect(receiver.requests).toEqual([]);
});

test('refuses a certificate for another name than the one in the URL', async () => {
  await using receiver = await startReceiver(200, { certificate: certificates.valid(), host: 'hooks.example.com' });
  await using sender = setup();
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
  await using sender = setup();
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
  await using sender = setup();
  expect(await sender.post(receiver.url)).toMatchObject({ outcome: 'TLS_ERROR' });
  expect(receiver.requests).toEqual([]);
});

describe('a target that asks for a client certificate', () => {
  const mutual = (maxVersion: 'TLSv1.2' | 'TLSv1.3') => ({
    ...certificates.valid(),
    requestCert: true,
    rejectUnauthorized: true,
    maxVersion,
  });

  // In TLS 1.3 the handshake is over for the sender before the target looks for its certificate.
  test.each([
    ['a small', 2],
    ['a large', 300_000],
  ])('is said to do so in TLS 1.3, after %s request', async (_size, length) => {
    await using receiver = await startReceiver(200, { certificate: mutual('TLSv1.3') });
    await using sender = setup();
    expect(await sender.post(receiver.url, 'x'.repeat(length))).toMatchObject({
      outcome: 'TLS_ERROR',
      error:
        `No secure connection to 127.0.0.1:${receiver.port}: the target asks for a client certificate, ` +
        'and the sender has none (ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED).',
      resent: false,
    });
    expect(receiver).toMatchObject({ requests: [], connectionCount: 1 });
  });

  test('may be said to do so in TLS 1.2, which has no word for it', async () => {
    await using receiver = await startReceiver(200, { certificate: mutual('TLSv1.2') });
    await using sender = setup();
    expect(await sender.post(receiver.url)).toMatchObject({
      outcome: 'TLS_ERROR',
      error: expect.stringMatching(/refused the handshake; it may ask for a client certificate.*HANDSHAKE_FAILURE/),
    });
    expect(receiver.requests).toEqual([]);
  });

  test.each([
    ['certificate_required', '74', /: the target asks for a client certificate, and the sender has none \(/],
    ['bad_certificate, as Go says it', '2a', /: the target asks for a client certificate, and the sender has none \(/],
    ['handshake_failure', '28', /it may ask for a client certificate/],
  ])('sends the alert %s', async (_alert, code, error) => {
    const alert = Buffer.from(`150303000202${code}`, 'hex');
    await using hostile = await startHostile((socket) => socket.resume().write(alert), { secureUrl: true });
    await using sender = setup();
    expect(await sender.post(hostile.url)).toMatchObject({
      outcome: 'TLS_ERROR',
      error: expect.stringMatching(error),
    });
  });
});

test('a port that speaks plain HTTP is a TLS error', async () => {
  await using receiver = await startReceiver();
  await using sender = setup();
  expect(await sender.post(receiver.url.replace('http:', 'https:'))).toMatchObject({
    outcome: 'TLS_ERROR',
    error: expect.stringContaining('does not speak TLS'),
  });
});

test.each([
  ['an SSL 3.0 alert', '15030000020228'],
  ['an SSL 3.0 hello', `160300002a020000260300${'00'.repeat(33)}000500`],
  [
    'an SSL 2.0 hello',
    '802e0100020015000000100100800200800300800400800500800600400700c0000102030405060708090a0b0c0d0e',
  ],
  ['the end of a handshake', '160303000414000000'],
  ['a record that is too long', '160303ffff' + '00'.repeat(4_096)],
  ['noise', 'deadbeef'.repeat(64)],
])('a handshake that is answered with %s is a TLS error', async (_what, hex) => {
  await using hostile = await startHostile((socket) => socket.resume().write(Buffer.from(hex, 'hex')), {
    secureUrl: true,
  });
  await using sender = setup();
  expect(await sender.post(hostile.url)).toMatchObject({ outcome: 'TLS_ERROR' });
  await hostile.whenDisconnected();
});

test('the deadline covers a handshake that drips', async () => {
  const drips: Behaviour = (socket) => {
    const hello = Buffer.from(`160303400002${'00'.repeat(200)}`, 'hex'); // Announces 16 KiB.
    let at = 0;
    const timer = setInterval(() => socket.write(hello.subarray(at, ++at)), 10);
    socket.resume().on('close', () => clearInterval(timer));
  };
  await using hostile = await startHostile(drips, { secureUrl: true });
  await using sender = setup({ timeoutMs: 250 });
  expect(await sender.post(hostile.url)).toMatchObject({ outcome: 'TIMEOUT' });
  await hostile.whenDisconnected();
});

test('the deadline covers a handshake that never ends, and leaves no socket behind', async () => {
  await using hostile = await startHostile(hang, { secureUrl: true });
  await using sender = setup({ timeoutMs: 1_000 });
  expect(await sender.post(hostile.url)).toMatchObject({
    outcome: 'TIMEOUT',
    error: `127.0.0.1:${hostile.port} did not finish the TLS handshake within 1 s.`,
  });
  await hostile.whenDisconnected();
});

test.each([
  ['before the handshake', resetOnConnect, false],
  ['after the request', answerAndReset(), true],
])('a reset %s is a connection error', async (_when, behaviour, speaksTls) => {
  const options = speaksTls ? { certificate: certificates.valid() } : { secureUrl: true };
  await using hostile = await startHostile(behaviour, options);
  await using sender = setup();
  expect(await sender.post(hostile.url)).toMatchObject({ outcome: 'CONNECTION_ERROR' });
  expect(hostile.connectionCount).toBe(1);
});

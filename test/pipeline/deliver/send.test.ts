import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import type { UrlPolicy } from '../../../src/domain/targets/target-url.ts';
import type { Lookup } from '../../../src/pipeline/deliver/http/resolve.ts';
import { createSender, type Outgoing, type SenderOptions } from '../../../src/pipeline/deliver/send.ts';
import { createManualClock } from '../../support/clock.ts';
import { startReceiver } from '../../support/receiver.ts';

const LOCAL: UrlPolicy = { allowLoopback: true, allowedNetworks: [], allowHttp: true };

function setup(options: Partial<SenderOptions> = {}) {
  const sender = createSender({
    policy: LOCAL,
    timeoutMs: 5_000,
    connectionsPerOrigin: 4,
    clock: systemClock,
    lookup: noNames,
    ...options,
  });
  const post = (url: string, request: Partial<Outgoing> = {}) =>
    sender.send({ url, headers: {}, body: '{}', organizationId: 'org1', ...request });
  return { ...sender, post, [Symbol.asyncDispose]: sender.close };
}

const noNames: Lookup = (hostname) => Promise.reject(Object.assign(new Error(hostname), { code: 'ENOTFOUND' }));

const never = new Promise<never>(() => {});

describe('the request', () => {
  test('is a POST of exactly the body, with the headers named as they are given', async () => {
    await using receiver = await startReceiver();
    await using sender = setup();
    const headers = { 'Content-Type': 'application/json', 'X-Dakota-Event-ID': '2abc', 'webhook-id': '2abc' };
    await sender.post(`${receiver.url}?x=1`, { headers, body: '{"ü":"€"}' });

    const request = await receiver.next();
    expect(request).toMatchObject({ method: 'POST', url: '/hook?x=1' });
    expect(request.body).toEqual(Buffer.from('{"ü":"€"}'));
    const names = request.rawHeaders.filter((_, index) => index % 2 === 0);
    expect(names).toEqual(['host', 'connection', ...Object.keys(headers), 'content-length']);
    expect(request.headers).toMatchObject({ 'x-dakota-event-id': '2abc', host: `127.0.0.1:${receiver.port}` });
  });

  test('is not redirected', async () => {
    await using elsewhere = await startReceiver();
    await using receiver = await startReceiver({ status: 307, headers: { location: elsewhere.url } });
    await using sender = setup();
    expect(await sender.post(receiver.url)).toMatchObject({ status: 307, headers: { location: elsewhere.url } });
    expect(elsewhere.connectionCount).toBe(0);
  });

  test('takes no proxy from the environment', async () => {
    await using receiver = await startReceiver();
    await using proxy = await startReceiver(502);
    for (const name of ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'NODE_USE_ENV_PROXY']) process.env[name] = proxy.url;
    await using sender = setup();
    expect(await sender.post(receiver.url)).toMatchObject({ status: 200 });
    for (const name of ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'NODE_USE_ENV_PROXY']) delete process.env[name];
    expect(proxy.connectionCount).toBe(0);
  });

  test('that cannot be written as HTTP is a failure that names the header', async () => {
    await using receiver = await startReceiver();
    await using sender = setup();
    expect(await sender.post(receiver.url, { headers: { 'X-A': 'a\r\nX-B: b' } })).toMatchObject({
      outcome: 'CONNECTION_ERROR',
      error: expect.stringContaining('X-A'),
    });
    expect(receiver.requests).toEqual([]);
  });
});

describe('the response', () => {
  test.each([200, 201, 204, 304, 400, 404, 410, 429, 500, 503])('of status %i is a response', async (status) => {
    await using receiver = await startReceiver(status);
    await using sender = setup();
    expect(await sender.post(receiver.url)).toMatchObject({ kind: 'response', status, body: '', bodyTruncated: false });
  });

  test('carries its headers in lower case, repeated ones as a list, in readable UTF-8', async () => {
    const headers = {
      'X-Plain': 'a',
      'Set-Cookie': ['b=1', 'c=2'],
      'X-City': Buffer.from('Zürich').toString('latin1'),
    };
    await using receiver = await startReceiver({ status: 200, headers });
    await using sender = setup();
    expect(await sender.post(receiver.url)).toMatchObject({
      headers: { 'x-plain': 'a', 'set-cookie': ['b=1', 'c=2'], 'x-city': 'Zürich' },
    });
  });

  test('carries when the attempt started and how long it took, by the clock it was given', async () => {
    const clock = createManualClock('2026-01-15T10:30:00.000Z');
    await using sender = setup({ clock });
    await using receiver = await startReceiver(async () => {
      await clock.advance(1_234);
      return 200;
    });
    expect(await sender.post(receiver.url)).toMatchObject({
      startedAt: new Date('2026-01-15T10:30:00.000Z'),
      durationMs: 1_234,
    });
  });

  const bodies: [what: string, sent: string | Buffer, kept: string, truncated: boolean][] = [
    ['an empty body', '', '', false],
    ['a short body', 'thanks', 'thanks', false],
    ['a body of 16 KiB in full', 'x'.repeat(16_384), 'x'.repeat(16_384), false],
    ['16 KiB of a body that is one byte longer', 'x'.repeat(16_385), 'x'.repeat(16_384), true],
    ['16 KiB of a body of 10 MB', 'x'.repeat(10_000_000), 'x'.repeat(16_384), true],
    ['whole characters at the cut', `x${'€'.repeat(6_000)}`, `x${'€'.repeat(5_461)}`, true],
    ['whole characters of four bytes', `x${'😀'.repeat(5_000)}`, `x${'😀'.repeat(4_095)}`, true],
    ['NUL as U+FFFD', 'a\0b', 'a\ufffdb', false],
    ['invalid UTF-8 as U+FFFD', Buffer.from([0x61, 0xff, 0xc3, 0x62]), 'a\ufffd\ufffdb', false],
    ['binary data without looking for characters', Buffer.alloc(20_000, 0x80), '\ufffd'.repeat(16_384), true],
  ];
  test.each(bodies)('keeps %s', async (_what, body, kept, bodyTruncated) => {
    await using receiver = await startReceiver({ status: 200, body });
    await using sender = setup();
    const result = await sender.post(receiver.url);
    expect(result).toMatchObject({ kind: 'response', status: 200, bodyTruncated });
    expect(result.kind === 'response' && result.body === kept).toBe(true);
  });

  test('that is longer than what is kept costs its connection, not the next request', async () => {
    await using receiver = await startReceiver({ status: 200, body: 'x'.repeat(100_000) });
    await using sender = setup();
    for (let count = 0; count < 3; count++) expect(await sender.post(receiver.url)).toMatchObject({ status: 200 });
    expect(receiver.connectionCount).toBe(3);
  });
});

describe('the deadline', () => {
  test('covers a receiver that does not answer', async () => {
    await using receiver = await startReceiver(() => never);
    await using sender = setup({ timeoutMs: 1_000 });
    const result = await sender.post(receiver.url);
    expect(result).toMatchObject({
      kind: 'failure',
      outcome: 'TIMEOUT',
      error: `127.0.0.1:${receiver.port} did not answer within 1 s.`,
    });
    expect(result.durationMs).toBeGreaterThanOrEqual(999);
    await receiver.whenDisconnected();
  });

  test('covers the resolution of the name', async () => {
    await using sender = setup({ timeoutMs: 200, lookup: () => never });
    expect(await sender.post('http://hooks.hookcast.test/')).toMatchObject({
      outcome: 'TIMEOUT',
      error: 'The name of hooks.hookcast.test was not resolved within 200 ms.',
    });
  });

  test('covers the wait for a free connection', async () => {
    await using receiver = await startReceiver(() => never);
    await using sender = setup({ timeoutMs: 1_000, connectionsPerOrigin: 1 });
    const results = await Promise.all([sender.post(receiver.url), sender.post(receiver.url)]);
    expect(results).toMatchObject([
      { outcome: 'TIMEOUT', error: expect.stringContaining('did not answer within 1 s.') },
      { outcome: 'TIMEOUT', error: expect.stringContaining('busy with other requests.') },
    ]);
  });

  test('leaves the requests that wait behind a hung one their own deadline', async () => {
    await using receiver = await startReceiver(({ body }) => (`${body}` === 'hang' ? never : 200));
    await using sender = setup({ timeoutMs: 4_000, connectionsPerOrigin: 1 });
    await using quicker = setup({ timeoutMs: 2_000 });
    const hung = sender.post(receiver.url, { body: 'hang' });
    await quicker.post(receiver.url, { body: 'hang' });
    const waiting = sender.post(receiver.url, { body: 'wait' }); // Has 2 s left when the first gives up.
    expect(await hung).toMatchObject({ outcome: 'TIMEOUT' });
    expect(await waiting).toMatchObject({ kind: 'response', status: 200 });
  });
});

test('a slow response on a connection that has carried many is no flood', async () => {
  await using receiver = await startReceiver({ status: 200, body: 'x'.repeat(16_000) });
  await using sender = setup();
  await using quicker = setup({ timeoutMs: 250 });
  for (let count = 0; count < 20; count++) await sender.post(receiver.url);
  receiver.respondWith(async ({ body }) => {
    if (`${body}` === 'hang') return never;
    await quicker.post(receiver.url, { body: 'hang' });
    return 200;
  });
  expect(await sender.post(receiver.url)).toMatchObject({ kind: 'response', status: 200 });
  expect(receiver.connectionCount).toBe(2);
});

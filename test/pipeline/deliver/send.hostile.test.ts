/** Receivers that misbehave below HTTP: each ends by the deadline, in the right class, in bounded memory. */
import { expect, test } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { createSender, type SenderOptions, type SendResult } from '../../../src/pipeline/deliver/send.ts';
import {
  answer,
  answerAndClose,
  answerAndReset,
  drip,
  flood,
  gzipBomb,
  hang,
  resetOnConnect,
  startHostile,
  type Behaviour,
} from '../../support/network/hostile.ts';
import { startReceiver } from '../../support/receiver.ts';

const TIMEOUT_MS = 1_000;
const OK = 'HTTP/1.1 200 OK\r\n';

function setup(options: Partial<SenderOptions> = {}) {
  const sender = createSender({
    policy: { allowLoopback: true, allowedNetworks: [], allowHttp: true },
    timeoutMs: TIMEOUT_MS,
    connectionsPerOrigin: 8,
    clock: systemClock,
    ...options,
  });
  const post = (url: string) => sender.send({ url, headers: {}, body: '{}', organizationId: 'org1' });
  return { ...sender, post, [Symbol.asyncDispose]: sender.close };
}

type Expected = {
  readonly kind: 'response' | 'failure';
  readonly status?: number;
  readonly body?: string;
  readonly bodyTruncated?: boolean;
  readonly outcome?: string;
  readonly error?: unknown;
};

const response = (status: number, body: string, bodyTruncated = false): Expected => ({
  kind: 'response',
  status,
  body,
  bodyTruncated,
});
const failure = (outcome: string, error: RegExp): Expected => ({
  kind: 'failure',
  outcome,
  error: expect.stringMatching(error),
});
const timeout = (error: RegExp) => failure('TIMEOUT', error);
const broken = (error: RegExp) => failure('CONNECTION_ERROR', error);

const RECEIVERS: [what: string, behaviour: Behaviour, expected: Expected][] = [
  ['says nothing', hang, timeout(/did not answer within 1 s\.$/)],
  ['resets at once', resetOnConnect, broken(/reset the connection|closed the connection/)],
  ['resets after the request', answerAndReset(), broken(/reset the connection|without an answer/)],
  ['closes after the request', answerAndClose(''), broken(/closed the connection without an answer\.$/)],
  ['resets inside the headers', answerAndReset(`${OK}content-le`), broken(/reset the connection|closed/)],
  ['closes inside the headers', answerAndClose(`${OK}content-le`), broken(/closed the connection/)],
  [
    'resets inside the body',
    answerAndReset(`${OK}content-length: 10\r\n\r\nabc`),
    broken(/reset|before its response was/),
  ],
  [
    'closes inside the body',
    answerAndClose(`${OK}content-length: 10\r\n\r\nabc`),
    broken(/before its response was complete/),
  ],
  [
    'closes inside a chunked body',
    answerAndClose(`${OK}transfer-encoding: chunked\r\n\r\n5\r\nab`),
    broken(/before its response was complete/),
  ],

  ['sends part of the headers', answer(`${OK}content-le`), timeout(/did not answer within/)],
  ['sends part of the body', answer(`${OK}content-length: 9\r\n\r\nabc`), timeout(/answered 200, but did not finish/)],
  ['drips its status line', drip('', 'H'), broken(/not valid HTTP/)],
  ['drips its headers', drip(OK, 'x'), timeout(/did not answer within/)],
  ['drips header after header', drip(OK, 'a: b\r\n'), timeout(/did not answer within/)],
  ['drips its body', drip(`${OK}content-length: 9999\r\n\r\n`, 'x'), timeout(/answered 200, but did not finish/)],
  [
    'drips chunks',
    drip(`${OK}transfer-encoding: chunked\r\n\r\n`, '1\r\nx\r\n'),
    timeout(/did not finish its response/),
  ],
  ['drips a body of unknown length', drip(`${OK}\r\n`, 'x'), timeout(/did not finish its response/)],
  ['drips interim responses', drip('', 'HTTP/1.1 102 Processing\r\n\r\n', 100), timeout(/did not answer within/)],

  ['floods with headers', flood(OK, 'a: b\r\n'), broken(/more than 16 KiB of response headers/)],
  ['floods with one header', flood(`${OK}a: `, 'b'), broken(/more than 16 KiB of response headers/)],
  ['floods with a header name', flood(OK, 'a'), broken(/more than 16 KiB of response headers/)],
  ['floods with interim responses', flood('', 'HTTP/1.1 103 Early Hints\r\na: b\r\n\r\n'), broken(/interim \(1xx\)/)],
  ['floods with a body', flood(`${OK}\r\n`, 'x'), response(200, 'x'.repeat(16_384), true)],
  [
    'floods with chunks',
    flood(`${OK}transfer-encoding: chunked\r\n\r\n`, '1\r\nx\r\n'),
    response(200, 'x'.repeat(16_384), true),
  ],
  ['floods with a failure', flood('HTTP/1.1 503 No\r\n\r\n', 'x'), response(503, 'x'.repeat(16_384), true)],
  ['floods with a status text', flood('HTTP/1.1 200 ', 'x'), broken(/more than 256 KiB without a complete/)],
  ['floods with spaces', flood('', '\r\n'), broken(/more than 256 KiB without a complete/)],
  [
    'floods with a chunk extension',
    flood(`${OK}transfer-encoding: chunked\r\n\r\n1;`, 'x'),
    broken(/more than 256 KiB without a complete/),
  ],
  [
    'floods with trailers',
    flood(`${OK}transfer-encoding: chunked\r\n\r\n0\r\n`, 'a: b\r\n'),
    broken(/more than 16 KiB of response headers/),
  ],

  ['answers with garbage', answer('\x16\x03\x01\x02\x00\x01\x00'), broken(/not valid HTTP/)],
  ['answers in another protocol', answer('220 mail.example.com ESMTP\r\n'), broken(/not valid HTTP/)],
  ['answers with an impossible version', answer('HTTP/9.9 200 OK\r\n\r\n'), broken(/not valid HTTP/)],
  ['answers with a status of 99', answer('HTTP/1.1 99 What\r\n\r\n'), broken(/not valid HTTP/)],
  ['answers with NUL in a header', answer(`${OK}a: b\0c\r\n\r\n`), broken(/not valid HTTP/)],
  [
    'answers with two lengths',
    answer(`${OK}content-length: 1\r\ncontent-length: 2\r\n\r\nab`),
    broken(/sent the header Content-Length more than once: send it once\.$/),
  ],
  [
    'answers with the same length twice',
    answer(`${OK}content-length: 2\r\nContent-Length: 2\r\n\r\nok`),
    broken(/sent the header Content-Length more than once: send it once\.$/),
  ],
  [
    'answers with an impossible length',
    answer(`${OK}content-length: -1\r\n\r\n`),
    broken(/Content-Length that is not one number/),
  ],
  [
    'answers with an impossible chunk',
    answer(`${OK}transfer-encoding: chunked\r\n\r\nzz\r\n`),
    broken(/not valid HTTP/),
  ],
  ['speaks HTTP/0.9', answerAndClose('<html>thanks</html>'), broken(/not valid HTTP/)],
  ['speaks HTTP/2', answer(Buffer.from('00000004000000000000', 'hex')), broken(/not valid HTTP/)],
  ['sends a request itself', answer('GET / HTTP/1.1\r\nhost: a\r\n\r\n'), broken(/not valid HTTP/)],
  ['answers with a status of 1000', answer('HTTP/1.1 1000 OK\r\n\r\n'), broken(/not valid HTTP/)],
  ['answers with a status of 000', answer('HTTP/1.1 000 OK\r\n\r\n'), broken(/not valid HTTP/)],
  ['ends lines with LF alone', answer('HTTP/1.1 200 OK\ncontent-length: 0\n\n'), broken(/not valid HTTP/)],
  ['ends lines with CR alone', answer('HTTP/1.1 200 OK\rcontent-length: 0\r\r'), broken(/not valid HTTP/)],
  ['folds a header', answer(`${OK}a: b\r\n c\r\ncontent-length: 0\r\n\r\n`), broken(/not valid HTTP/)],
  ['folds its length', answer(`${OK}content-length:\r\n 2\r\n\r\nok`), broken(/not one number of bytes \(""\)/)],
  ['puts a space before a colon', answer(`${OK}content-length : 2\r\n\r\nok`), broken(/not valid HTTP/)],
  ['has a header without a colon', answer(`${OK}nonsense\r\n\r\n`), broken(/not valid HTTP/)],
  [
    'answers with a signed length',
    answer(`${OK}content-length: +2\r\n\r\nok`),
    broken(/Content-Length that is not one/),
  ],
  [
    'answers with a hexadecimal length',
    answer(`${OK}content-length: 0x2\r\n\r\nok`),
    broken(/not one number of.*"0x2"/),
  ],
  [
    'answers with no length',
    answer(`${OK}content-length: \r\n\r\nok`),
    broken(/Content-Length that is not one number/),
  ],
  [
    'answers with a list of lengths',
    answer(`${OK}content-length: 2, 2\r\n\r\nok`),
    broken(/not one number of.*"2, 2"/),
  ],
  [
    'answers with a length beyond 64 bits',
    answer(`${OK}content-length: 99999999999999999999\r\n\r\nok`),
    broken(/Content-Length that is not one number of bytes \("99999999999999999999"\)/),
  ],
  [
    'answers with a length and in chunks',
    answer(`${OK}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`),
    broken(/sent both Content-Length and Transfer-Encoding: send one of them\.$/),
  ],
  [
    'answers in chunks and with a length',
    answer(`${OK}transfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n2\r\nok\r\n0\r\n\r\n`),
    broken(/sent both Content-Length and Transfer-Encoding: send one of them\.$/),
  ],
  [
    'answers with a length, and then with what is no header',
    answer(`${OK}content-length: 2\r\nno header\r\n\r\nok`),
    broken(/not valid HTTP/),
  ],
  [
    'hides its encoding behind a control character',
    answer(`${OK}transfer-encoding: \x0bchunked\r\n\r\n0\r\n\r\n`),
    broken(/not valid HTTP/),
  ],
  [
    'answers with a chunk of more than 64 bits',
    answer(`${OK}transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\nok`),
    broken(/not valid HTTP/),
  ],
  [
    'sends more than a chunk announced',
    answer(`${OK}transfer-encoding: chunked\r\n\r\n2\r\nokX\r\n0\r\n\r\n`),
    broken(/not valid HTTP/),
  ],
  [
    'switches protocols',
    answer('HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
    broken(/protocol/),
  ],

  ['hints, then answers', answer('HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 202 OK\r\n\r\n'), timeout(/answered 202/)],
  [
    'hints, then answers with a length',
    answer('HTTP/1.1 103 Early Hints\r\na: b\r\n\r\nHTTP/1.1 202 OK\r\ncontent-length: 2\r\n\r\nok'),
    response(202, 'ok'),
  ],
  ['speaks HTTP/1.0', answerAndClose('HTTP/1.0 200 OK\r\n\r\nthanks'), response(200, 'thanks')],
  ['speaks HTTP/1.0 with a length', answer('HTTP/1.0 201 OK\r\ncontent-length: 2\r\n\r\nok'), response(201, 'ok')],
  [
    'speaks HTTP/1.0 and keeps its connection',
    answer('HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 0\r\n\r\n'),
    response(200, ''),
  ],
  [
    'has a status text of 100 KB',
    answer(`HTTP/1.1 200 ${'x'.repeat(100_000)}\r\ncontent-length: 0\r\n\r\n`),
    response(200, ''),
  ],
  [
    'has a body where there is none',
    answer('HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\nok'),
    response(204, ''),
  ],
  [
    'answers before it is asked',
    (socket) => socket.resume().write(`${OK}content-length: 0\r\n\r\n`),
    response(200, ''),
  ],
  [
    'answers without reading the request',
    (socket) => socket.pause().write(`${OK}content-length: 0\r\n\r\n`),
    response(200, ''),
  ],
  [
    'answers 413 and closes without reading',
    (socket) => socket.pause().end('HTTP/1.1 413 No\r\nconnection: close\r\ncontent-length: 0\r\n\r\n'),
    response(413, ''),
  ],
  ['has no reason phrase', answer('HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n'), response(200, '')],
  [
    'sends more than it announced',
    answer(`${OK}content-length: 2\r\n\r\nokHTTP/1.1 500 No\r\n\r\n`),
    response(200, 'ok'),
  ],
];

test.each(RECEIVERS)('a receiver that %s', { timeout: 10_000 }, async (_what, behaviour, expected) => {
  await using hostile = await startHostile(behaviour);
  await using healthy = await startReceiver();
  // Only those that are to end at the deadline come near it.
  await using sender = setup({ timeoutMs: expected.outcome === 'TIMEOUT' ? TIMEOUT_MS : 5_000 });

  const result = await sender.post(hostile.url);
  expect(result).toMatchObject(expected);
  if (result.kind === 'failure') expect(result.error).toContain(`127.0.0.1:${hostile.port}`);

  if (isUnusable(result)) await hostile.whenDisconnected();
  expect(await sender.post(healthy.url)).toMatchObject({ kind: 'response', status: 200 });
});

/** Its connection must be gone: nothing that arrives on it could be trusted, or it still pours. */
const isUnusable = (result: SendResult): boolean => result.kind === 'failure' || result.bodyTruncated;

const FLOODS: [what: string, behaviour: () => Behaviour][] = [
  ['headers', () => flood(OK, 'a: b\r\n')],
  ['interim responses', () => flood('', 'HTTP/1.1 103 Early Hints\r\na: b\r\n\r\n')],
  ['a body', () => flood(`${OK}\r\n`, 'x')],
  ['a status text', () => flood('HTTP/1.1 200 ', 'x')],
  ['line breaks', () => flood('', '\r\n')],
  ['a chunk extension', () => flood(`${OK}transfer-encoding: chunked\r\n\r\n1;`, 'x')],
  ['a gzip bomb', gzipBomb],
];

test.each(FLOODS)('eight floods of %s at once end early and in bounded memory', async (_what, behaviour) => {
  await using hostile = await startHostile(behaviour());
  await using sender = setup({ timeoutMs: 10_000 });
  const before = memory();
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, memory())), 5);
  const results = await Promise.all(Array.from({ length: 8 }, () => sender.post(hostile.url)));
  clearInterval(watch);

  for (const result of results) expect(result).not.toMatchObject({ outcome: 'TIMEOUT' });
  expect(peak - before).toBeLessThan(250_000_000);
  await hostile.whenDisconnected();
});

/** Also counts the floods' own buffers, and those that the collector has not got round to. */
function memory(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test('a gzip bomb is kept as it came', async () => {
  await using hostile = await startHostile(gzipBomb());
  await using sender = setup();
  const result = await sender.post(hostile.url);
  expect(result).toMatchObject({ headers: { 'content-encoding': 'gzip' }, bodyTruncated: true });
  expect(result.kind === 'response' && result.body.startsWith('\x1f\ufffd')).toBe(true);
});

/**
 * Interim responses (RFC 9110, 15.2): 100, 102 and 103 may come before the answer, asked for or not, at most 32 of them.
 */
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../../src/clock.ts';
import { createSender, type SenderOptions } from '../../../../src/pipeline/deliver/send.ts';
import {
  answer,
  answerAndClose,
  answerAndReset,
  drip,
  flood,
  onEachRequest,
  startHostile,
} from '../../../support/network/hostile.ts';

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
const PROCESSING = 'HTTP/1.1 102 Processing\r\n\r\n';
const HINTS = 'HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

function setup(options: Partial<SenderOptions> = {}) {
  const sender = createSender({
    policy: { allowLoopback: true, allowedNetworks: [], allowHttp: true },
    timeoutMs: 5_000,
    connectionsPerOrigin: 4,
    clock: systemClock,
    ...options,
  });
  const post = (url: string) => sender.send({ url, headers: {}, body: '{}', organizationId: 'org1' });
  return { ...sender, post, [Symbol.asyncDispose]: sender.close };
}

/** Writes one byte after another, each in a packet of its own as far as the kernel goes along. */
const inBytes = (text: string) => (socket: Socket) =>
  onEachRequest(socket.setNoDelay(), () => {
    const bytes = Buffer.from(text);
    const write = (at: number) => {
      if (at < bytes.length) socket.write(bytes.subarray(at, at + 1), () => setImmediate(write, at + 1));
    };
    write(0);
  });

const accepted: [what: string, before: string][] = [
  ['100 Continue', CONTINUE],
  ['several 100 Continue', CONTINUE.repeat(3)],
  ['102 and 103 among them', HINTS + CONTINUE + PROCESSING + CONTINUE + HINTS],
  ['32 of them', CONTINUE.repeat(32)],
  ['100 without a reason', 'HTTP/1.1 100\r\n\r\n'],
  ['100 with headers', `HTTP/1.1 100 Continue\r\nserver: x\r\nset-cookie: a=b\r\n\r\n${CONTINUE}`],
  ['100 with a head of 15 KiB', `HTTP/1.1 100 Continue\r\na: ${'b'.repeat(15_000)}\r\n\r\n`],
  ['100 after line breaks', `\r\n\r\n${CONTINUE}\r\n`],
  ['100 with Connection: close', 'HTTP/1.1 100 Continue\r\nconnection: close\r\n\r\n'],
  ['102 with Connection: close', 'HTTP/1.1 102 Processing\r\nConnection: close\r\n\r\n'],
  ['100 with Connection: keep-alive', 'HTTP/1.1 100 Continue\r\nconnection: keep-alive\r\n\r\n'],
];

describe('before the answer', () => {
  test.each(accepted)('%s is accepted', async (_what, before) => {
    await using hostile = await startHostile(answer(before + OK));
    await using sender = setup();
    const result = await sender.post(hostile.url);
    expect(result).toMatchObject({ kind: 'response', status: 200, body: 'ok', resent: false });
    expect(result).toMatchObject({ headers: { 'content-length': '2' } });
  });

  test.each(accepted)('%s is accepted byte by byte', async (_what, before) => {
    await using hostile = await startHostile(inBytes(before + OK));
    await using sender = setup({ timeoutMs: 20_000 });
    expect(await sender.post(hostile.url)).toMatchObject({ kind: 'response', status: 200, body: 'ok' });
  });

  test('100 Continue is accepted from each request to the next on one connection', async () => {
    await using hostile = await startHostile(answer(CONTINUE + OK));
    await using sender = setup();
    for (let count = 0; count < 5; count++) {
      expect(await sender.post(hostile.url)).toMatchObject({ kind: 'response', status: 200, resent: false });
    }
    expect(hostile.connectionCount).toBe(1);
  });

  test('100 Continue comes at once, and the answer when it is ready', async () => {
    const gate = Promise.withResolvers<void>();
    await using hostile = await startHostile((socket) => {
      socket.write(CONTINUE);
      onEachRequest(socket, () => void gate.promise.then(() => socket.write(OK)));
    });
    await using sender = setup();
    const sent = sender.post(hostile.url);
    gate.resolve();
    expect(await sent).toMatchObject({ kind: 'response', status: 200, body: 'ok' });
  });
});

describe('100 Continue in another place is left as it is', () => {
  test.each([
    ['in the body', 'HTTP/1.1 200 OK\r\ncontent-length: 25\r\n\r\n', CONTINUE],
    ['in a chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n19\r\n', `${CONTINUE}`],
  ])('%s', async (_where, head, body) => {
    await using hostile = await startHostile(answer(`${CONTINUE}${head}${body}\r\n0\r\n\r\n`));
    await using sender = setup();
    expect(await sender.post(hostile.url)).toMatchObject({ status: 200, body });
  });

  test('in a header and in a reason', async () => {
    await using hostile = await startHostile(
      answer('HTTP/1.1 200 HTTP/1.1 100\r\na: HTTP/1.1 100 Continue\r\ncontent-length: 0\r\n\r\n'),
    );
    await using sender = setup();
    expect(await sender.post(hostile.url)).toMatchObject({ status: 200, headers: { a: 'HTTP/1.1 100 Continue' } });
  });
});

const failed = (error: RegExp) => ({ outcome: 'CONNECTION_ERROR', error: expect.stringMatching(error) });

describe('a receiver that', () => {
  test.each([
    ['sends 33 of them and then an answer', answer(CONTINUE.repeat(33) + OK), /more than 32 interim \(1xx\)/],
    ['floods with them', flood('', CONTINUE), /more than 32 interim \(1xx\)/],
    ['has a huge head in one', flood('HTTP/1.1 100 Continue\r\n', 'a: b\r\n'), /more than 16 KiB of response headers/],
    ['has a huge header in one', flood('HTTP/1.1 100 Continue\r\na: ', 'b'), /more than 16 KiB of response headers/],
    ['has a huge reason in one', flood('HTTP/1.1 100 ', 'x'), /more than 256 KiB without a complete/],
    ['has what looks like a body after one', answer(`${CONTINUE}<html>${OK}`), /not valid HTTP/],
    [
      'announces a body for one',
      answer(`HTTP/1.1 100 Continue\r\ncontent-length: 5\r\n\r\nhello${OK}`),
      /not valid HTTP/,
    ],
    ['folds a header of one', answer(`HTTP/1.1 100 Continue\r\na: b\r\n c: d\r\n\r\n${OK}`), /not valid HTTP/],
    ['has no colon in a header of one', answer(`HTTP/1.1 100 Continue\r\nnone\r\n\r\n${OK}`), /not valid HTTP/],
    ['sends 33 of them with headers', answer(HINTS.repeat(33) + OK), /more than 32 interim \(1xx\)/],
    [
      'chunks one',
      answer(`HTTP/1.1 100 Continue\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`),
      /not valid HTTP/,
    ],
    ['answers 1000', answer('HTTP/1.1 1000 Continue\r\n\r\n'), /not valid HTTP/],
    ['drips the beginning of one again and again', drip('', CONTINUE.slice(0, 5)), /not valid HTTP/],
    ['ends the lines of one with LF alone', answer(`HTTP/1.1 100 Continue\n\n${OK}`), /not valid HTTP/],
    [
      'switches protocols after one',
      answer(`${CONTINUE}HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n`),
      /another protocol/,
    ],
    [
      'switches protocols at once',
      answer('HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
      /another protocol/,
    ],
    ['closes after one', answerAndClose(CONTINUE), /closed the connection without an answer/],
    ['resets after one', answerAndReset(CONTINUE), /reset the connection|closed the connection without/],
    ['closes inside one', answerAndClose('HTTP/1.1 100 Con'), /closed the connection without an answer/],
    [
      'has two lengths in the answer after one',
      answer(`${CONTINUE}HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\nok`),
      /Content-Length more than once/,
    ],
  ])('%s fails', { timeout: 10_000 }, async (_what, behaviour, error) => {
    await using hostile = await startHostile(behaviour);
    await using sender = setup();
    const result = await sender.post(hostile.url);
    expect(result).toMatchObject(failed(error));
    await hostile.whenDisconnected();
    expect(hostile.connectionCount).toBe(1);
  });

  test.each([
    ['drips the head of one', drip('HTTP/1.1 100 Continue\r\n', 'a: b\r\n'), /did not answer within/],
    ['drips its reason', drip('HTTP/1.1 100 ', 'x'), /did not answer within/],
    ['sends one and nothing more', answer(CONTINUE), /did not answer within/],
    ['drips a body after one', drip(`${CONTINUE}HTTP/1.1 200 OK\r\n\r\n`, 'x'), /answered 200, but did not finish/],
  ])('%s ends by the deadline of the attempt', async (_what, behaviour, error) => {
    await using hostile = await startHostile(behaviour);
    await using sender = setup({ timeoutMs: 1_000 });
    const result = await sender.post(hostile.url);
    expect(result).toMatchObject({ outcome: 'TIMEOUT', error: expect.stringMatching(error) });
    await hostile.whenDisconnected();
  });

  test.each([
    ['another answer', OK],
    ['another 100 and another answer', CONTINUE + OK],
    ['another 100', CONTINUE],
    ['part of another 100', CONTINUE.slice(0, 12)],
  ])('sends %s behind its answer is heard once, and its connection is not used again', async (_what, more) => {
    await using hostile = await startHostile({
      numbered: (count) => answer(count === 1 ? CONTINUE + OK + more : OK.replace('200', '201')),
    });
    await using sender = setup();
    expect(await sender.post(hostile.url)).toMatchObject({ status: 200, body: 'ok' });
    expect(await sender.post(hostile.url)).toMatchObject({ status: 201, resent: false });
    expect(hostile.connectionCount).toBe(2);
  });

  test('sends a 100 on a kept connection and closes it has seen the request: it is not sent again', async () => {
    await using hostile = await startHostile((socket) =>
      onEachRequest(socket, (request) => (request === 1 ? socket.write(OK) : socket.end(CONTINUE))),
    );
    await using sender = setup();
    await sender.post(hostile.url);
    expect(await sender.post(hostile.url)).toMatchObject({ outcome: 'CONNECTION_ERROR', resent: false });
    expect(hostile.connectionCount).toBe(1);
  });
});

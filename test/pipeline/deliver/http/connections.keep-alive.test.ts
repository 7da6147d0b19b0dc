/** Connections that break between two requests: never a failure of the receiver, and never an answer to the wrong one. */
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../../src/clock.ts';
import { createSender, type SenderOptions } from '../../../../src/pipeline/deliver/send.ts';
import {
  answer,
  answerAndClose,
  onEachRequest,
  startHostile,
  type Behaviour,
} from '../../../support/network/hostile.ts';

function setup(options: Partial<SenderOptions> = {}) {
  const sender = createSender({
    policy: { allowLoopback: true, allowedNetworks: [], allowHttp: true },
    timeoutMs: 5_000,
    connectionsPerOrigin: 4,
    clock: systemClock,
    ...options,
  });
  const post = (url: string, body = '{}') => sender.send({ url, headers: {}, body, organizationId: 'org1' });
  return { ...sender, post, [Symbol.asyncDispose]: sender.close };
}

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';

describe('a kept connection that the receiver closes as it is reused', () => {
  /** Answers its first request, and then, when it has received the next one, does otherwise. */
  const answersOnce =
    (then: (socket: Socket) => void): Behaviour =>
    (socket) =>
      onEachRequest(socket, (request) => (request === 1 ? socket.write(OK) : then(socket)));

  const closes = (socket: Socket) => socket.end();

  test.each([
    ['closes', closes],
    ['resets', (socket: Socket) => socket.resetAndDestroy()],
  ])('is replaced by a fresh one within the same attempt: it %s', async (_how, then) => {
    await using hostile = await startHostile({ numbered: (count) => (count === 1 ? answersOnce(then) : answer(OK)) });
    await using sender = setup();
    expect(await sender.post(hostile.url)).toMatchObject({ status: 200, resent: false });
    expect(await sender.post(hostile.url)).toMatchObject({ kind: 'response', status: 200, resent: true });
    expect(hostile.connectionCount).toBe(2);
  });

  test('is replaced once: when the fresh one is closed too, the attempt has failed', async () => {
    const behaviours = [answersOnce(closes), answerAndClose('')];
    await using hostile = await startHostile({ numbered: (count) => behaviours[count - 1] ?? answer(OK) });
    await using sender = setup();
    await sender.post(hostile.url);
    expect(await sender.post(hostile.url)).toMatchObject({ outcome: 'CONNECTION_ERROR', resent: true });
    expect(hostile.connectionCount).toBe(2);
  });

  test('is not replaced once an answer has begun: the receiver has seen the request', async () => {
    await using hostile = await startHostile(answersOnce((socket) => socket.end('HTTP/1.1 20')));
    await using sender = setup();
    await sender.post(hostile.url);
    expect(await sender.post(hostile.url)).toMatchObject({ outcome: 'CONNECTION_ERROR', resent: false });
    expect(hostile.connectionCount).toBe(1);
  });

  test('is replaced within the deadline of the attempt', async () => {
    const behaviours = [answersOnce(closes)];
    await using hostile = await startHostile({ numbered: (count) => behaviours[count - 1] ?? answer('') });
    await using sender = setup({ timeoutMs: 1_000 });
    await sender.post(hostile.url);
    const result = await sender.post(hostile.url);
    expect(result).toMatchObject({ outcome: 'TIMEOUT', error: expect.stringContaining('did not answer') });
  });

  test('while it is idle is dropped without a trace', async () => {
    await using hostile = await startHostile({
      numbered: () => (socket) => {
        onEachRequest(socket, () => {
          socket.write(OK);
          setImmediate(() => socket.end());
        });
      },
    });
    await using sender = setup();
    await sender.post(hostile.url);
    await hostile.whenDisconnected();
    expect(await sender.post(hostile.url)).toMatchObject({ status: 200, resent: false });
    expect(hostile.connectionCount).toBe(2);
  });

  test('a fresh connection that is closed without an answer is not tried again', async () => {
    await using hostile = await startHostile(answerAndClose(''));
    await using sender = setup();
    expect(await sender.post(hostile.url)).toMatchObject({ outcome: 'CONNECTION_ERROR' });
    expect(hostile.connectionCount).toBe(1);
  });

  test('a receiver that closes after every few answers never causes a failure', async () => {
    await using hostile = await startHostile({
      numbered: () => (socket) => {
        onEachRequest(socket, (request) => {
          socket.write(OK);
          if (request === 3) socket.end();
        });
      },
    });
    await using sender = setup();
    const results = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const statuses: unknown[] = [];
        for (let count = 0; count < 20; count++) statuses.push((await sender.post(hostile.url)).kind);
        return statuses;
      }),
    );
    expect(new Set(results.flat())).toEqual(new Set(['response']));
    expect(hostile.connectionCount).toBeGreaterThan(8);
  });
});

describe('a kept connection', () => {
  const FORGED = 'HTTP/1.1 500 Forged\r\ncontent-length: 0\r\n\r\n';
  test.each([
    ['a second answer', FORGED],
    ['a second answer after line breaks', `\r\n\r\n${FORGED}`],
    ['two more answers', FORGED + FORGED],
    ['part of an answer', 'HTTP/1.1 500 For'],
    ['an interim answer', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
    ['a body that was not announced', '<html>'],
    ['a single byte', 'H'],
  ])('that carries %s without a request is not used again', async (_what, more) => {
    await using hostile = await startHostile({ numbered: (count) => answer(count === 1 ? OK + more : OK) });
    await using sender = setup();
    expect(await sender.post(hostile.url)).toMatchObject({ status: 200 });
    expect(await sender.post(hostile.url)).toMatchObject({ kind: 'response', status: 200, resent: false });
    expect(hostile.connectionCount).toBe(2);
  });

  test('that carries a second answer later, while it is idle, is not used again', async () => {
    const forgesLater: Behaviour = (socket) =>
      onEachRequest(socket, () => socket.write(OK, () => setImmediate(() => socket.write(FORGED))));
    await using hostile = await startHostile({ numbered: (count) => (count === 1 ? forgesLater : answer(OK)) });
    await using sender = setup();
    expect(await sender.post(hostile.url)).toMatchObject({ status: 200 });
    await hostile.whenDisconnected();
    expect(await sender.post(hostile.url)).toMatchObject({ kind: 'response', status: 200 });
    expect(hostile.connectionCount).toBe(2);
  });

  test('that was answered before it had taken the whole request is not used again', async () => {
    const answersAtOnce: Behaviour = (socket) => {
      socket.once('data', () => socket.pause().write(OK));
    };
    await using hostile = await startHostile({ numbered: (count) => (count === 1 ? answersAtOnce : answer(OK)) });
    await using sender = setup();
    const body = 'x'.repeat(16_000_000); // More than the kernel takes of what nobody reads.
    expect(await sender.post(hostile.url, body)).toMatchObject({ status: 200 });
    expect(await sender.post(hostile.url)).toMatchObject({ kind: 'response', status: 200, resent: false });
    expect(hostile.connectionCount).toBe(2);
  });
});

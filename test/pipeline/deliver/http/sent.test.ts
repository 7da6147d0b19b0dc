/** Whether a request had left when its answer ended: only then may another one follow on its connection. */
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../../src/clock.ts';
import { createSent } from '../../../../src/pipeline/deliver/http/sent.ts';
import { createSender } from '../../../../src/pipeline/deliver/send.ts';
import { certificates, testAuthority } from '../../../support/certificates/certificates.ts';
import { answer, startHostile, type Behaviour } from '../../../support/network/hostile.ts';
import { startReceiverThread } from '../../../support/receiver-thread.ts';

function setup() {
  const sender = createSender({
    policy: { allowLoopback: true, allowedNetworks: [], allowHttp: true },
    timeoutMs: 20_000,
    connectionsPerOrigin: 16,
    clock: systemClock,
    ca: testAuthority(),
  });
  const post = (url: string, body = '{}') => sender.send({ url, headers: {}, body, organizationId: 'org1' });
  return { ...sender, post, [Symbol.asyncDispose]: sender.close };
}

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';

test(
  'over TLS without a distance, fewer than one connection is opened for 20 deliveries',
  { timeout: 60_000 },
  async () => {
    await using receiver = await startReceiverThread();
    await using sender = setup();
    let left = 2_000;
    const kinds = new Set<string>();
    const sendOneByOne = async () => {
      while (left-- > 0) kinds.add((await sender.post(receiver.url, 'x'.repeat(1_000))).kind);
    };
    await Promise.all(Array.from({ length: 16 }, sendOneByOne));
    const { connections, requests } = await receiver.counts();
    expect([...kinds]).toEqual(['response']);
    expect(requests).toBe(2_000);
    expect(connections).toBeLessThan(requests / 20);
  },
);

describe('a receiver that answers before the whole request was sent', () => {
  const body = 'x'.repeat(16_000_000); // More than the kernel takes of what nobody reads.
  const readsNoMore: Behaviour = (socket) => void socket.once('data', () => socket.pause().write(OK));
  const readsOn: Behaviour = (socket) => {
    socket.resume().once('data', () => socket.write(OK));
  };
  const over = { TCP: {}, TLS: { certificate: certificates.valid() } };

  test.each([
    ['TCP', 'reads no more', readsNoMore],
    ['TCP', 'reads on', readsOn],
    ['TLS', 'reads no more', readsNoMore],
    ['TLS', 'reads on', readsOn],
  ] as const)('over %s and %s never gets its connection reused', async (protocol, _how, early) => {
    const numbered = (connection: number) => (connection === 1 ? early : answer(OK));
    await using hostile = await startHostile({ numbered }, over[protocol]);
    await using sender = setup();
    expect(await sender.post(hostile.url, body)).toMatchObject({ status: 200 });
    expect(await sender.post(hostile.url)).toMatchObject({ kind: 'response', status: 200, resent: false });
    expect(hostile.connectionCount).toBe(2);
  });
});

describe('the verdict over TLS', () => {
  /** A socket that has `writableLength` bytes to send. */
  const socketWith = (writableLength: number) => ({ writableLength }) as Socket & { writableLength: number };
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  test.each([
    ['left in that turn', 0, true],
    ['did not', 9, false],
  ])(
    'on an answer in the turn of its request waits until the turn is over: the request %s',
    async (_how, rest, hasLeft) => {
      const socket = socketWith(10);
      const sent = createSent(() => socket, true);
      const verdicts: boolean[] = [];
      sent.begin();
      sent.judge((verdict) => verdicts.push(verdict));
      expect(verdicts).toEqual([]);
      socket.writableLength = rest;
      await turn();
      expect(verdicts).toEqual([hasLeft]);
    },
  );

  test('on an answer in a later turn is given at once', async () => {
    const socket = socketWith(10);
    const sent = createSent(() => socket, true);
    const verdicts: boolean[] = [];
    sent.begin();
    await turn();
    sent.judge((verdict) => verdicts.push(verdict));
    expect(verdicts).toEqual([false]);
    socket.writableLength = 0;
    sent.judge((verdict) => verdicts.push(verdict));
    expect(verdicts).toEqual([false, true]);
  });
});

/** A name with several addresses: how long each is tried, in which order, and what is said when none is reached. */
import { EventEmitter, getEventListeners, once } from 'node:events';
import net from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../../../../src/clock.ts';
import { connectFirst, whenConnected } from '../../../../src/pipeline/deliver/http/connect-first.ts';
import { createSender, type SenderOptions } from '../../../../src/pipeline/deliver/send.ts';
import { startDeaf, whyNotDeaf } from '../../../support/network/deaf.ts';
import { startReceiver } from '../../../support/receiver.ts';

const familyOf = (address: string) => (address.includes(':') ? 6 : 4);
const listed = (...addresses: string[]) => addresses.map((address) => ({ address, family: familyOf(address) }));

function setup(addresses: readonly string[], options: Partial<SenderOptions> = {}) {
  const sender = createSender({
    policy: { allowLoopback: true, allowedNetworks: [], allowHttp: true },
    timeoutMs: 20_000,
    connectionsPerOrigin: 4,
    clock: systemClock,
    lookup: async () => listed(...addresses),
    ...options,
  });
  const post = (url: string) => sender.send({ url, headers: {}, body: '{}', organizationId: 'org1' });
  return { ...sender, post, [Symbol.asyncDispose]: sender.close };
}

describe('a name with several addresses', () => {
  test('is reached when the SYN to its first address is lost, a quarter of a second later', async (context) => {
    if (whyNotDeaf()) context.skip(whyNotDeaf());
    await using receiver = await startReceiver(200, { host: 'two.hookcast.test' });
    await using _deaf = await startDeaf({ host: '127.0.0.2', port: receiver.port });
    await using sender = setup(['127.0.0.2', '127.0.0.1']);
    const result = await sender.post(receiver.url);
    expect(result).toMatchObject({ kind: 'response', status: 200 });
    expect(result.durationMs).toBeGreaterThanOrEqual(249);
    expect(receiver.connectionCount).toBe(1);
  });

  test('keeps every address open: one whose SYN was lost is reached when the kernel sends it again', async (context) => {
    if (whyNotDeaf()) context.skip(whyNotDeaf());
    await using first = await startDeaf({ host: '127.0.0.2', port: 0 });
    await using second = await startDeaf({ host: '127.0.0.3', port: first.port });
    await using sender = setup([first.host, second.host]);
    const sent = sender.post(`http://two.hookcast.test:${first.port}/`);
    // Still open, after the second one has begun.
    await Promise.race([sent, second.whenLost().then(first.whenLost)]);
    first.hear();
    expect(await sent).toMatchObject({ kind: 'response', status: 200 });
  });

  test('keeps its IPv4 address open when the host cannot reach its IPv6 address', async (context) => {
    if (whyNotDeaf()) context.skip(whyNotDeaf());
    await using first = await startDeaf({ host: '127.0.0.2', port: 0 });
    await using sender = setup([first.host, '::1']); // Nobody listens there: it fails at once, with or without IPv6.
    const sent = sender.post(`http://two.hookcast.test:${first.port}/`);
    await first.whenLost();
    first.hear();
    expect(await sent).toMatchObject({ kind: 'response', status: 200 });
  });

  test('is tried within the deadline of the attempt, whatever its addresses do', async (context) => {
    if (whyNotDeaf()) context.skip(whyNotDeaf());
    await using first = await startDeaf({ host: '127.0.0.2', port: 0 });
    await using second = await startDeaf({ host: '127.0.0.3', port: first.port });
    await using sender = setup([first.host, second.host, '127.0.0.4'], { timeoutMs: 1_000 });
    const result = await sender.post(`http://two.hookcast.test:${first.port}/`);
    expect(result).toMatchObject({
      outcome: 'TIMEOUT',
      error: `two.hookcast.test:${first.port} did not accept a connection within 1 s.`,
    });
    expect(result.durationMs).toBeLessThan(4_000);
    await sender.close(); // No socket is left behind.
  });

  test('that all refuse says the reason of each address', async () => {
    await using receiver = await startReceiver(200, { host: 'two.hookcast.test' });
    await receiver.close();
    await using sender = setup(['127.0.0.2', '127.0.0.1']);
    expect(await sender.post(receiver.url)).toMatchObject({
      outcome: 'CONNECTION_ERROR',
      error:
        `two.hookcast.test:${receiver.port} cannot be reached at 2 addresses: ` +
        '127.0.0.2 refused the connection (ECONNREFUSED); 127.0.0.1 refused the connection (ECONNREFUSED).',
    });
  });
});

/** Sockets that connect nowhere, and end as the test says. */
function setUpDials() {
  const dialed: { readonly address: string; readonly socket: net.Socket }[] = [];
  const events = new EventEmitter();
  const dial = ({ address }: { address: string }, signal: AbortSignal) => {
    const socket = new net.Socket();
    dialed.push({ address, socket });
    events.emit('dial');
    return whenConnected(socket, signal);
  };
  const untilDialed = async (count: number) => {
    while (dialed.length < count) await once(events, 'dial');
  };
  const failAll = async (error: Error) => {
    for (let index = 0; index < dialed.length; index++) {
      dialed[index]!.socket.destroy(error);
      await new Promise((resolve) => dialed[index]!.socket.once('close', resolve));
    }
  };
  return { dial, dialed, untilDialed, failAll, signal: new AbortController() };
}

describe('the addresses of a name', () => {
  test('are tried in turns of their families, beginning with that of the first (RFC 8305, 4)', async () => {
    const t = setUpDials();
    const mixed = listed('192.0.2.1', '192.0.2.2', '192.0.2.3', '2001:db8::1', '2001:db8::2');
    const end = connectFirst(mixed, t.dial, t.signal.signal);
    await t.failAll(new Error('refused'));
    const order = ['192.0.2.1', '2001:db8::1', '192.0.2.2', '2001:db8::2', '192.0.2.3'];
    expect(await end).toEqual(order.map((address) => ({ address, error: new Error('refused') })));
  });

  test('are tried at once where the one before has failed, and at most six of them', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }); // No quarter of a second ever passes.
    onTestFinished(() => void vi.useRealTimers());
    const t = setUpDials();
    const many = listed(...Array.from({ length: 500 }, (_, index) => `192.0.2.${index}`));
    const end = connectFirst(many, t.dial, t.signal.signal);
    await t.failAll(new Error('refused'));
    expect(await end).toHaveLength(6);
    expect(t.dialed).toHaveLength(6);
  });

  test('are left when one has connected: every other socket is destroyed, and nothing more is tried', async () => {
    const t = setUpDials();
    const end = connectFirst(listed('192.0.2.1', '192.0.2.2', '192.0.2.3'), t.dial, t.signal.signal);
    await t.untilDialed(2);
    t.dialed[1]!.socket.emit('connect');
    expect(await end).toEqual({ socket: t.dialed[1]!.socket, address: '192.0.2.2' });
    expect(t.dialed.map(({ socket }) => socket.destroyed)).toEqual([true, false]);
    t.dialed[1]!.socket.emit('error', new Error('later')); // Heard: it does not end the process.
    expect(getEventListeners(t.signal.signal, 'abort')).toEqual([]);
  });

  test('are all left when the attempt is over', async () => {
    const t = setUpDials();
    const end = connectFirst(listed('192.0.2.1', '192.0.2.2', '192.0.2.3'), t.dial, t.signal.signal);
    await t.untilDialed(2);
    t.signal.abort();
    await expect(end).rejects.toThrow(/aborted/);
    expect(t.dialed.map(({ socket }) => socket.destroyed)).toEqual([true, true]);
    expect(getEventListeners(t.signal.signal, 'abort')).toEqual([]);
  });
});

/** Connections between requests: kept, limited, shared with nobody. What happens when they break: keep-alive.test.ts. */
import type { Socket } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../../../../src/clock.ts';
import type { Lookup } from '../../../../src/pipeline/deliver/http/resolve.ts';
import type { TargetConnection } from '../../../../src/pipeline/deliver/http/connection.ts';
import { createConnections } from '../../../../src/pipeline/deliver/http/connections.ts';
import { createSender, type Outgoing, type SenderOptions } from '../../../../src/pipeline/deliver/send.ts';
import { createManualClock } from '../../../support/clock.ts';
import { answer, onEachRequest, startHostile, type Behaviour } from '../../../support/network/hostile.ts';
import { startReceiver, type ReceiverHandler } from '../../../support/receiver.ts';

function setup(options: Partial<SenderOptions> = {}) {
  const sender = createSender({
    policy: { allowLoopback: true, allowedNetworks: [], allowHttp: true },
    timeoutMs: 5_000,
    connectionsPerOrigin: 4,
    clock: systemClock,
    ...options,
  });
  const post = (url: string, request: Partial<Outgoing> = {}) =>
    sender.send({ url, headers: {}, body: '{}', organizationId: 'org1', ...request });
  return { ...sender, post, [Symbol.asyncDispose]: sender.close };
}

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';

describe('connections', () => {
  test('are kept alive and reused', async () => {
    await using receiver = await startReceiver();
    await using sender = setup();
    for (let count = 0; count < 5; count++) await sender.post(receiver.url);
    expect(receiver).toMatchObject({ connectionCount: 1, requests: { length: 5 } });
  });

  test('are never shared between organizations', async () => {
    await using receiver = await startReceiver();
    await using sender = setup();
    for (const organizationId of ['org1', 'org2', 'org1', 'org2']) await sender.post(receiver.url, { organizationId });
    expect(receiver.connectionCount).toBe(2);
  });

  test('to one origin are limited for each organization, and requests beyond the limit take their turn', async () => {
    const gates: PromiseWithResolvers<number>[] = [];
    const gated: ReceiverHandler = () => {
      gates.push(Promise.withResolvers());
      return gates.at(-1)!.promise;
    };
    await using receiver = await startReceiver(gated);
    await using sender = setup({ connectionsPerOrigin: 2 });
    const results = ['1', '2', '3', '4'].map((body) => sender.post(receiver.url, { body }));
    const other = sender.post(receiver.url, { body: 'other', organizationId: 'org2' });
    for (let count = 0; count < 3; count++) await receiver.next();
    expect(receiver.requests.map(({ body }) => `${body}`).sort()).toEqual(['1', '2', 'other']);

    gates.forEach((gate) => gate.resolve(200));
    receiver.respondWith(201);
    expect(await Promise.all([...results, other])).toMatchObject(
      [200, 200, 201, 201, 200].map((status) => ({ kind: 'response', status })),
    );
    expect(receiver.requests.slice(3).map(({ body }) => `${body}`)).toEqual(['3', '4']);
    expect(receiver.connectionCount).toBe(3);
  });

  test('close when they have been idle for nearly as long as the receiver allows', async () => {
    await using receiver = await startReceiver({ status: 200, headers: { 'keep-alive': 'timeout=2' } });
    await using sender = setup();
    await sender.post(receiver.url);
    await sender.post(receiver.url);
    expect(receiver.connectionCount).toBe(1);
    await receiver.whenDisconnected();
    await sender.post(receiver.url);
    expect(receiver.connectionCount).toBe(2);
  });

  test('are replaced after a minute of use, so that a changed name is noticed', async () => {
    const clock = createManualClock();
    let lookups = 0;
    const lookup: Lookup = async () => {
      lookups++;
      return [{ address: '127.0.0.1', family: 4 }];
    };
    const keeps = { status: 200, headers: { 'keep-alive': 'timeout=60' } };
    await using receiver = await startReceiver(keeps, { host: 'hooks.hookcast.test' });
    await using sender = setup({ clock, lookup });
    const postAfter = async (ms: number) => {
      await clock.advance(ms);
      await sender.post(receiver.url);
    };
    for (const ms of [0, 20_000, 20_000, 20_000, 1]) await postAfter(ms);
    expect(lookups).toBe(1);
    await postAfter(0);
    expect(lookups).toBe(2);
  });

  test('are used only while the receiver allows them to be idle', async () => {
    const clock = createManualClock();
    await using receiver = await startReceiver({ status: 200, headers: { 'keep-alive': 'timeout=30' } });
    await using sender = setup({ clock });
    for (const ms of [0, 28_999, 29_000]) {
      await clock.advance(ms);
      await sender.post(receiver.url);
    }
    expect(receiver.connectionCount).toBe(2);
  });

  test('of a receiver that says nothing of it are kept longer as it proves to allow that', async () => {
    const clock = createManualClock();
    await using hostile = await startHostile(answer(OK));
    await using sender = setup({ clock });
    for (const ms of [0, 3_999, 7_999, 15_999, 31_999]) {
      await clock.advance(ms);
      await sender.post(hostile.url);
    }
    expect(hostile.connectionCount).toBe(1);
    await clock.advance(60_000);
    await sender.post(hostile.url);
    expect(hostile.connectionCount).toBe(2);
  });

  test('are kept shorter when the receiver has closed one that was idle', async () => {
    const clock = createManualClock();
    let close = () => {};
    const closable: Behaviour = (socket) => {
      close = () => socket.end();
      answer(OK)(socket);
    };
    await using hostile = await startHostile(closable);
    await using sender = setup({ clock });
    const postAfter = async (ms: number) => {
      await clock.advance(ms);
      return sender.post(hostile.url);
    };
    await postAfter(0);
    await clock.advance(3_000);
    close();
    await hostile.whenDisconnected();
    for (const ms of [0, 1_999]) expect(await postAfter(ms)).toMatchObject({ status: 200, resent: false });
    expect(hostile.connectionCount).toBe(2);
    await postAfter(2_000);
    expect(hostile.connectionCount).toBe(3);
  });

  test.each([
    ['has closed as it was reused', (socket: Socket) => void socket.end(), { status: 200, resent: true }],
    ['was silent on it', () => {}, { outcome: 'TIMEOUT' }],
  ])('are kept shorter when one had been idle and the receiver %s', async (_what, then, result) => {
    const clock = createManualClock();
    const keeps = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\nkeep-alive: timeout=60\r\n\r\n';
    const answersOnce: Behaviour = (socket) =>
      onEachRequest(socket, (request) => (request === 1 ? void socket.write(keeps) : then(socket)));
    await using hostile = await startHostile({ numbered: (count) => (count === 1 ? answersOnce : answer(keeps)) });
    await using sender = setup({ clock, timeoutMs: 1_000 });
    const postAfter = async (ms: number) => {
      await clock.advance(ms);
      return await sender.post(hostile.url);
    };
    await postAfter(0);
    expect(await postAfter(20_000)).toMatchObject(result);
    for (const ms of [0, 18_999]) expect(await postAfter(ms)).toMatchObject({ status: 200, resent: false });
    expect(hostile.connectionCount).toBe(2);
    await postAfter(19_000);
    expect(hostile.connectionCount).toBe(3);
  });

  test('are not kept when the receiver says so', async () => {
    await using receiver = await startReceiver({ status: 200, headers: { connection: 'close' } });
    await using sender = setup();
    for (let count = 0; count < 3; count++) expect(await sender.post(receiver.url)).toMatchObject({ status: 200 });
    expect(receiver.connectionCount).toBe(3);
  });
});

describe('the queue for a connection', () => {
  function queue(perOrigin: number) {
    const neverConnected = () => new Promise<never>(() => {});
    const clock = createManualClock();
    const connections = createConnections({ connect: neverConnected, perOrigin, clock });
    const endpoint = { origin: 'http://a.test', host: 'a.test', hostname: 'a.test', port: 80, secure: false };
    const served: string[] = [];
    const given: TargetConnection[] = [];
    const arrive = (name: string, organizationId = 'org1') => {
      const waiter = { use: (connection: TargetConnection) => void (served.push(name), given.push(connection)) };
      const place = { organizationId, endpoint, identity: null };
      connections.acquire(place, waiter);
      return { leave: () => connections.leave(place, waiter) };
    };
    return { ...connections, clock, arrive, served, given };
  }
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  test('is served in order, without those who left', async () => {
    const { arrive, served, given, release } = queue(1);
    arrive('first');
    const second = arrive('second');
    arrive('third');
    arrive('fourth');
    second.leave();
    release(given[0]!);
    await turn();
    expect(served).toEqual(['first', 'third']);
    release(given[1]!);
    await turn();
    expect(served).toEqual(['first', 'third', 'fourth']);
    expect(new Set(given).size).toBe(1);
  });

  test('gets a new connection for each one that broke, but not for who leaves in the same turn', async () => {
    const { arrive, served, given, discard } = queue(1);
    arrive('first');
    const second = arrive('second');
    arrive('third');
    discard(given[0]!);
    second.leave();
    await turn();
    expect(served).toEqual(['first', 'third']);
    expect(new Set(given).size).toBe(2);
  });

  test('is not needed while a connection is idle: the one used last is used next', () => {
    const { arrive, given, release } = queue(2);
    arrive('first');
    arrive('second');
    release(given[0]!);
    release(given[1]!);
    arrive('third');
    expect(given[2]).toBe(given[1]);
  });

  test('leaves no more idle connections than were in use within the last minute', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const { clock, arrive, given, release } = queue(20);
    for (let count = 0; count < 20; count++) arrive(`${count}`);
    for (const connection of given) release(connection, 'timeout=3600');
    const isOpen = () => given.slice(0, 20).filter(({ client }) => !client.destroyed);
    for (let seconds = 2; seconds <= 60; seconds += 2) {
      expect(isOpen()).toHaveLength(20);
      await clock.advance(2_000);
      arrive('now and then');
      release(given.at(-1)!, 'timeout=3600');
      vi.advanceTimersByTime(2_000);
    }
    expect(isOpen()).toEqual([given[19]]);
  });

  test('does not hand out an idle connection that has lost its socket', () => {
    const { arrive, given, release } = queue(1);
    arrive('first');
    release(given[0]!);
    given[0]!.client.emit('disconnect', new URL('http://a.test'), [], new Error('closed') as never);
    expect(given[0]!.client.destroyed).toBe(true);
    arrive('second');
    expect(given[1]).not.toBe(given[0]);
  });

  test('keeps the service from closing until it is empty', async () => {
    const { arrive, given, discard, close } = queue(1);
    let isClosed = false;
    arrive('first');
    arrive('second');
    const closed = close().then(() => (isClosed = true));
    discard(given[0]!);
    for (let count = 0; count < 5; count++) await turn();
    expect(isClosed).toBe(false);
    discard(given[1]!);
    await closed;
  });

  test('at most 1,000 connections are kept idle: the one that was idle longest goes', () => {
    const { arrive, given, release } = queue(1);
    for (let count = 0; count < 1_001; count++) arrive(`${count}`, `org${count}`);
    for (const connection of given) release(connection);
    expect(given.flatMap(({ client }, index) => (client.destroyed ? [index] : []))).toEqual([0]);
  });
});

/** The receiver itself ends a connection that was idle for 5 s. */
const ENDS_WITHIN_MS = 4_000;

describe('close', () => {
  test('lets the request under way finish, then closes every connection', { timeout: ENDS_WITHIN_MS }, async () => {
    const gate = Promise.withResolvers<number>();
    await using receiver = await startReceiver();
    const sender = setup();
    await sender.post(receiver.url);
    receiver.respondWith(() => gate.promise);
    const result = sender.post(receiver.url);
    await receiver.next(({ body }) => body.length > 0);
    const closed = sender.close();
    gate.resolve(202);
    expect(await result).toMatchObject({ status: 202 });
    await closed;
    await receiver.whenDisconnected();
  });

  test('resolves at once when nothing was sent, and every time it is called', async () => {
    const sender = setup();
    await sender.close();
    await sender.close();
  });

  test('leaves later requests working, on connections that are not kept', { timeout: ENDS_WITHIN_MS }, async () => {
    await using receiver = await startReceiver();
    const sender = setup();
    await sender.close();
    expect(await sender.post(receiver.url)).toMatchObject({ status: 200 });
    await receiver.whenDisconnected();
  });
});

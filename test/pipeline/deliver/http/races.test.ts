/** Receivers that close kept connections without saying so: after two races on an origin, it gets a connection per request. */
import net from 'node:net';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../../src/clock.ts';
import { createRaces } from '../../../../src/pipeline/deliver/http/races.ts';
import { createSender, type SenderOptions } from '../../../../src/pipeline/deliver/send.ts';
import { createManualClock } from '../../../support/clock.ts';
import { onEachRequest, startHostile } from '../../../support/network/hostile.ts';

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';
const MINUTE_MS = 60_000;

function setup(options: Partial<SenderOptions> = {}) {
  const sender = createSender({
    policy: { allowLoopback: true, allowedNetworks: [], allowHttp: true },
    timeoutMs: 20_000,
    connectionsPerOrigin: 16,
    clock: systemClock,
    ...options,
  });
  const post = (url: string, organizationId = 'org1') =>
    sender.send({ url, headers: { 'X-A': 'b' }, body: '{}', organizationId });
  return { ...sender, post, [Symbol.asyncDispose]: sender.close };
}

/** Ends its half after every answer and says nothing of it; goes on reading what the sender sends. */
async function startHalfCloser() {
  const requests: string[] = [];
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.on('end', () => socket.end());
    onEachRequest(socket, (request, head) => {
      requests.push(head);
      if (request === 1) socket.write(OK, () => setImmediate(() => socket.end()));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}/hook`,
    requests,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('a receiver that half-closes after every answer without saying so', () => {
  test.each([
    [1, 502],
    [4, 505],
  ])('gets 500 deliveries, %i at a time, in at most %i requests', { timeout: 60_000 }, async (atOnce, most) => {
    await using receiver = await startHalfCloser();
    await using sender = setup();
    let left = 500;
    const kinds = new Set<string>();
    const sendOneByOne = async () => {
      while (left-- > 0) kinds.add((await sender.post(receiver.url)).kind);
    };
    await Promise.all(Array.from({ length: atOnce }, sendOneByOne));
    expect([...kinds]).toEqual(['response']);
    expect(receiver.requests.length).toBeLessThanOrEqual(most);
    expect(receiver.requests.length).toBeGreaterThanOrEqual(500);
  });
});

/** Answers the first request of a connection, and closes it when it has received the second. */
const startRacer = () =>
  startHostile((socket) => onEachRequest(socket, (request) => (request === 1 ? socket.write(OK) : socket.end())));

describe('after two races on an origin', () => {
  test('its connections are not reused, and it is told so, for ten minutes after the last race', async () => {
    const clock = createManualClock();
    await using receiver = await startHalfCloser();
    await using racer = await startRacer();
    await using sender = setup({ clock });
    const resents = async (count: number) => {
      const resent: boolean[] = [];
      for (let index = 0; index < count; index++) resent.push((await sender.post(racer.url)).resent);
      return resent;
    };
    expect(await resents(6)).toEqual([false, true, true, false, false, false]);
    expect(racer.connectionCount).toBe(6);

    await clock.advance(10 * MINUTE_MS);
    expect(await resents(3)).toEqual([false, true, true]);
    expect(await sender.post(receiver.url)).toMatchObject({ status: 200 });
    expect(receiver.requests[0]).toMatch(/^connection: keep-alive\r$/m);
  });

  test('each of its requests says Connection: close', async () => {
    const heads: string[] = [];
    await using racer = await startHostile((socket) =>
      onEachRequest(socket, (request, head) => {
        heads.push(/^connection: (.*)\r$/m.exec(head)![1]!);
        if (request === 1) socket.write(OK);
        else socket.end();
      }),
    );
    await using sender = setup();
    for (let count = 0; count < 4; count++) await sender.post(racer.url);
    const raced = ['keep-alive', 'keep-alive', 'keep-alive', 'keep-alive', 'close', 'close'];
    expect(heads).toEqual(raced);
    await racer.whenDisconnected();
  });

  test('those of another organization and of another origin are reused', async () => {
    await using racer = await startRacer();
    await using other = await startHostile((socket) => onEachRequest(socket, () => socket.write(OK)));
    await using sender = setup();
    for (let count = 0; count < 3; count++) await sender.post(racer.url);
    for (let count = 0; count < 3; count++) await sender.post(other.url);
    expect(other.connectionCount).toBe(1);
    await sender.post(racer.url, 'org2');
    expect(await sender.post(racer.url, 'org2')).toMatchObject({ resent: true });
  });

  test('those that are idle are closed', async () => {
    const gate = Promise.withResolvers<void>();
    let requests = 0;
    await using racer = await startHostile((socket) =>
      onEachRequest(socket, (request) => {
        if (request > 1) socket.end();
        else if (++requests > 4) socket.write(OK);
        else void gate.promise.then(() => socket.write(OK));
        if (requests === 4) gate.resolve();
      }),
    );
    await using sender = setup();
    await Promise.all(Array.from({ length: 4 }, () => sender.post(racer.url))); // Four connections, all of them idle now.
    await sender.post(racer.url);
    await sender.post(racer.url);
    await racer.whenDisconnected();
    expect(racer.connectionCount).toBe(6);
  });
});

test('a path that ends every request without an answer takes the kept connections from no other path', async () => {
  await using receiver = await startHostile((socket) =>
    onEachRequest(socket, (_request, head) => (head.startsWith('POST /reset') ? socket.destroy() : socket.write(OK))),
  );
  await using sender = setup();
  const url = (path: string) => new URL(path, receiver.url).href;
  for (let count = 0; count < 4; count++) {
    expect(await sender.post(url('/ok'))).toMatchObject({ kind: 'response' });
    expect(await sender.post(url('/reset'))).toMatchObject({ kind: 'failure', resent: true });
  }
  const before = receiver.connectionCount;
  for (let count = 0; count < 10; count++) await sender.post(url('/ok'));
  expect(receiver.connectionCount).toBe(before + 1);
});

describe('races', () => {
  test('that are more than ten minutes apart are chance', async () => {
    const clock = createManualClock();
    const races = createRaces(clock);
    for (let count = 0; count < 5; count++) {
      races.note('a');
      expect(races.mayKeep('a')).toBe(true);
      await clock.advance(10 * MINUTE_MS);
    }
    races.note('a');
    await clock.advance(10 * MINUTE_MS - 1);
    races.note('a');
    expect(races.mayKeep('a')).toBe(false);
    await clock.advance(10 * MINUTE_MS - 1);
    expect(races.mayKeep('a')).toBe(false);
    await clock.advance(1);
    expect(races.mayKeep('a')).toBe(true);
  });

  test('of 1,000 origins are remembered: the one whose race is the longest ago is forgotten', () => {
    const races = createRaces(createManualClock());
    const raceTwice = (origin: string) => [origin, origin].forEach(races.note);
    for (let index = 0; index < 1_000; index++) raceTwice(`${index}`);
    raceTwice('0'); // Again: it is no longer the oldest.
    raceTwice('one more');
    const forgotten = Array.from({ length: 1_000 }, (_, index) => `${index}`).filter((origin) => races.mayKeep(origin));
    expect(forgotten).toEqual(['1']);
  });
});

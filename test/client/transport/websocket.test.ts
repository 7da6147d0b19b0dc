import type { WebSocket as Socket } from 'ws';
import { afterEach, expect, test, vi } from 'vitest';
import { overWebSocket } from '../../../src/client/transport/websocket.ts';
import { resultOf, startScripted } from '../scripted.ts';

type Message = { type: string; id?: string; payload?: unknown };

/** Acknowledges, and hands the rest of the conversation to `answer`. */
const speak = (socket: Socket, answer: (message: Message, send: (message: Message) => void) => void) => {
  const send = (message: Message) => socket.send(JSON.stringify(message));
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as Message;
    if (message.type === 'connection_init') send({ type: 'connection_ack' });
    answer(message, send);
  });
};

const connect = (url: string, stop = new AbortController()) => {
  const payload = { query: 'subscription', variables: { after: 'here' } };
  return { stop, results: overWebSocket({ url, apiKey: 'hk', payload, signal: stop.signal, onOpen: () => {} }) };
};

async function collect(results: ReturnType<typeof overWebSocket>) {
  const taken: unknown[] = [];
  try {
    for await (const result of results) taken.push(result);
  } catch (error) {
    return { taken, error };
  }
  throw new Error('It ended without a reason');
}

afterEach(() => vi.useRealTimers());

test('it sends its key and its subscription, answers pings, and takes results until an error', async () => {
  const said: Message[] = [];
  const slow = { message: 'slow', extensions: { code: 'SLOW_CONSUMER' } };
  await using service = await startScripted({
    onSocket: (socket) =>
      speak(socket, (message, send) => {
        said.push(message);
        if (message.type === 'subscribe') send({ type: 'ping' });
        if (message.type !== 'pong') return;
        send({ type: 'next', id: '1', payload: resultOf('a') });
        send({ type: 'error', id: '1', payload: [slow] });
      }),
  });
  const { taken, error } = await collect(connect(service.url).results);
  expect(taken).toEqual([resultOf('a')]);
  expect(error).toMatchObject({ code: 'SLOW_CONSUMER', errors: [slow] });
  expect(said).toEqual([
    { type: 'connection_init', payload: { apiKey: 'hk' } },
    { type: 'subscribe', id: '1', payload: { query: 'subscription', variables: { after: 'here' } } },
    { type: 'pong' },
  ]);
});

test('the end says why: completed, closed, refused, nobody there', async () => {
  await using service = await startScripted({
    onSocket(socket, nth) {
      if (nth === 1)
        speak(socket, ({ type }, send) => void (type === 'subscribe' && send({ type: 'complete', id: '1' })));
      if (nth === 2) speak(socket, ({ type }) => void (type === 'subscribe' && socket.close(1001, 'Going away')));
      if (nth === 3) socket.close(4403, 'Forbidden');
    },
  });
  const end = async () => (await collect(connect(service.url).results)).error;
  expect(await end()).toMatchObject({ code: 'CLOSED' });
  expect(await end()).toMatchObject({ code: 'CLOSED', closeCode: 1001 });
  expect(await end()).toMatchObject({ code: 'UNAUTHENTICATED', closeCode: 4403 });
  const nobody = await collect(connect('http://127.0.0.1:1/graphql').results);
  expect(nobody.error).toMatchObject({ code: 'NO_CONTACT' });
});

test('a socket that is not acknowledged, or has gone silent, is given up; one that answers pings is kept', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  const heard: string[] = [];
  await using service = await startScripted({
    onSocket: (socket, nth) =>
      nth > 1 &&
      speak(socket, ({ type }, send) => {
        heard.push(type);
        if (type === 'ping' && heard.filter((each) => each === 'ping').length === 1) send({ type: 'pong' });
      }),
  });
  const mute = collect(connect(service.url).results);
  await vi.advanceTimersByTimeAsync(10_000);
  expect((await mute).error).toMatchObject({ code: 'NO_CONTACT' });

  const ended = collect(connect(service.url).results);
  await expect.poll(() => heard).toContain('subscribe');
  let error: unknown;
  void ended.then((end) => (error = end.error));
  for (const pings of [1, 2]) {
    await vi.advanceTimersByTimeAsync(10_000);
    await expect.poll(() => heard.filter((type) => type === 'ping')).toHaveLength(pings);
    expect(error).toBeUndefined();
  }
  await vi.advanceTimersByTimeAsync(10_000);
  expect((await ended).error).toMatchObject({ code: 'NO_CONTACT' });
});

test('a reader that leaves 10,000 results waiting is cut off, and still gets these', { timeout: 180_000 }, async () => {
  await using service = await startScripted({
    onSocket: (socket) =>
      speak(socket, ({ type }, send) => {
        for (let nth = 0; type === 'subscribe' && nth < 12_000; nth++)
          send({ type: 'next', id: '1', payload: resultOf(`${nth}`) });
      }),
  });
  const { results } = connect(service.url);
  const { value: first } = await results.next();
  await expect.poll(service.open, { timeout: 100_000 }).toBe(0);
  const { taken, error } = await collect(results);
  expect([first, ...taken]).toEqual(Array.from({ length: taken.length + 1 }, (_, nth) => resultOf(`${nth}`)));
  expect(taken.length).toBeGreaterThanOrEqual(9_999);
  expect(taken.length).toBeLessThan(11_999);
  expect(error).toMatchObject({ code: 'CLOSED', message: expect.stringContaining('wait to be taken') });
});

test('a socket that is left before it is open says nothing to the service, and is closed as soon as it is open', async () => {
  const heard: Message[] = [];
  const closed = Promise.withResolvers<number>();
  await using service = await startScripted({
    onSocket(socket) {
      speak(socket, (message) => heard.push(message));
      socket.on('close', closed.resolve);
    },
  });
  const { stop, results } = connect(service.url);
  const ended = collect(results);
  stop.abort(new Error('left'));
  expect((await ended).error).toMatchObject({ message: 'left' });
  expect(await closed.promise).toBe(1005); // An orderly end: a connection that is torn down has 1006.
  expect(heard).toEqual([]);
});

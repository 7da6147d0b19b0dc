import { afterEach, expect, test, vi } from 'vitest';
import { overSse } from '../../../src/client/transport/sse.ts';
import { nextEvent, resultOf, startScripted, STREAM } from '../scripted.ts';

const connect = (url: string, stop = new AbortController()) => {
  const opened = vi.fn();
  const payload = { query: 'subscription', variables: {} };
  return { opened, stop, results: overSse({ url, apiKey: 'hk', payload, signal: stop.signal, onOpen: opened }) };
};

async function collect(results: ReturnType<typeof overSse>) {
  const taken: unknown[] = [];
  try {
    for await (const result of results) taken.push(result);
  } catch (error) {
    return { taken, error };
  }
  throw new Error('It ended without a reason');
}

afterEach(() => vi.useRealTimers());

test('events arrive whole, however their bytes are cut and their lines end', async () => {
  const [first, second] = [resultOf('a', { name: 'Zoë 🦊' }), resultOf('b')];
  const text = `:\n\nretry: 1000\n\nid: a\n${nextEvent(first)}event: next\r\nid: b\r\ndata: ${JSON.stringify(second)}\r\n\r\n`;
  await using service = await startScripted({
    async onPost(response) {
      response.writeHead(200, STREAM).flushHeaders();
      for (const byte of Buffer.from(text)) await new Promise((sent) => response.write(Buffer.of(byte), sent));
      response.end('event: complete\ndata:\n\n');
    },
  });
  const { opened, results } = connect(service.url);
  const { taken, error } = await collect(results);
  expect(taken).toEqual([first, second]);
  expect(error).toMatchObject({ code: 'CLOSED' });
  expect(opened).toHaveBeenCalledOnce();
});

test('the end says why: a cut response, an answer that is no stream, the page of a proxy, nobody there', async () => {
  const refusal = { errors: [{ message: 'no', extensions: { code: 'FORBIDDEN' } }] };
  await using service = await startScripted({
    onPost(response, _, nth) {
      if (nth === 1) response.writeHead(200, STREAM).write(nextEvent(resultOf('a')), () => response.destroy());
      if (nth === 2) response.writeHead(403, { 'content-type': 'application/json' }).end(JSON.stringify(refusal));
      if (nth === 3) response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>');
    },
  });
  expect(await collect(connect(service.url).results)).toMatchObject({ taken: [{}], error: { code: 'CLOSED' } });
  const { opened, results } = connect(service.url);
  expect(await collect(results)).toMatchObject({ taken: [], error: { code: 'FORBIDDEN', message: 'no' } });
  expect(opened).not.toHaveBeenCalled();
  const page = await collect(connect(service.url).results);
  expect(page.error).toMatchObject({ code: 'BAD_ANSWER', message: expect.stringContaining('HTTP 502') });
  const nobody = await collect(connect('http://127.0.0.1:1/graphql').results);
  expect(nobody.error).toMatchObject({ code: 'NO_CONTACT' });
});

test('a connection that has gone silent is given up', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  await using service = await startScripted({
    onPost: (response) => void response.writeHead(200, STREAM).write(nextEvent(resultOf('a'))),
  });
  const { results } = connect(service.url);
  expect((await results.next()).value).toEqual(resultOf('a'));
  const ended = collect(results);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(await ended).toMatchObject({ taken: [], error: { code: 'NO_CONTACT' } });
});

test('it stops while it waits, and lets the connection go', async () => {
  const closed = Promise.withResolvers<void>();
  await using service = await startScripted({
    onPost: (response) => void response.on('close', closed.resolve).writeHead(200, STREAM).flushHeaders(),
  });
  const { results, stop } = connect(service.url);
  const ended = collect(results);
  await expect.poll(() => service.asked).toHaveLength(1);
  stop.abort();
  expect((await ended).error).toBe(stop.signal.reason);
  await closed.promise;
});

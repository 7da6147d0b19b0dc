/** What an answer over server-sent events looks like on the wire, to clients that read it by the standard. */
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { subscribeSse } from '../../support/client.ts';
import { createManualClock } from '../../support/clock.ts';
import { API_KEY, setup } from '../setup.ts';

const TICKS = { query: 'subscription Watch { ticks { number } }' };
const KEYED = { apiKey: API_KEY };

/** The lines of the body, as they come. */
function linesOf({ response }: Awaited<ReturnType<typeof subscribeSse>>) {
  const lines = createInterface(response)[Symbol.asyncIterator]();
  return async () => (await lines.next()).value as string;
}

test('every event carries the cursor of its change as id, although the client does not ask for it', async () => {
  await using t = await setup();
  await using stream = await subscribeSse(t.url, TICKS, KEYED);
  await t.source.opened();
  t.source.emit(1, { cursor: 'c1' });
  t.source.emit(2, { cursor: 'c2' });
  expect(await stream.next()).toEqual({ event: 'next', data: { data: { ticks: { number: 1 } } }, id: 'c1' });
  expect(await stream.next()).toEqual({ event: 'next', data: { data: { ticks: { number: 2 } } }, id: 'c2' });
});

test('clients that expect data right behind event, as the documents of 0.1.0 do, find it there', async () => {
  await using t = await setup();
  await using stream = await subscribeSse(t.url, TICKS, KEYED);
  const nextLine = linesOf(stream);
  await t.source.opened();
  t.source.emit(1, { cursor: 'c1' });
  while ((await nextLine()) !== 'event: next');
  expect(await nextLine()).toBe('data: {"data":{"ticks":{"number":1}}}');
  expect(await nextLine()).toBe('id: c1');
  expect(await nextLine()).toBe('');
});

test('the headers keep proxies from buffering, compressing and storing, and name no coding that is none', async () => {
  await using t = await setup();
  await using stream = await subscribeSse(t.url, TICKS, { ...KEYED, headers: { 'accept-encoding': 'gzip, br' } });
  const { headers, statusCode } = stream.response;
  expect(statusCode).toBe(200);
  expect(headers).toMatchObject({
    'content-type': 'text/event-stream',
    'x-accel-buffering': 'no',
    'cache-control': 'no-store, no-transform',
  });
  expect(headers).not.toHaveProperty('content-encoding');
});

test('a stream begins with a time to come back, which is not the same for all clients', async () => {
  const draws = [0, 0.5, 0.999];
  const clock = { ...createManualClock(), random: () => draws.shift()! };
  await using t = await setup({ clock, timing: { retryMs: 500 } });
  for (const ms of [500, 1_000, 1_499]) {
    await using stream = await subscribeSse(t.url, TICKS, KEYED);
    expect(await linesOf(stream)()).toBe(`retry: ${ms}`);
  }
});

test('a stream on which nothing happens is pinged with comments', async () => {
  await using t = await setup({ timing: { pingMs: 5 } });
  await using stream = await subscribeSse(t.url, TICKS, KEYED);
  const nextLine = linesOf(stream);
  await nextLine();
  for (let ping = 0; ping < 10; ping++) expect([await nextLine(), await nextLine()]).toEqual(['', ':']);
});

test.each([
  ['UNAUTHENTICATED', TICKS, { apiKey: 'hk_revoked' }],
  ['UNAUTHENTICATED', TICKS, {}],
  ['UNAUTHENTICATED', { query: '{ secret }' }, {}],
  ['CURSOR_EXPIRED', { query: 'subscription { refused { number } }' }, KEYED],
  ['BAD_USER_INPUT', { query: 'subscription { unknown }' }, KEYED],
  ['INTERNAL_SERVER_ERROR', { query: '{ boomRequired }' }, KEYED],
])('%s reaches a client that reads nothing but events', async (code, request, options) => {
  await using t = await setup();
  await using stream = await subscribeSse(t.url, request, options);
  expect(stream.response.statusCode).toBe(200);
  const event = await stream.next();
  expect(event).toMatchObject({ event: 'next', data: { errors: [{ extensions: { code } }] } });
  expect(event!.data!.errors![0]!.extensions).not.toHaveProperty('http');
  expect(await stream.next()).toEqual({ event: 'complete', data: null });
  expect(await stream.next()).toBeNull();
});

test('a client that takes JSON too is refused with the status of the error', async () => {
  await using t = await setup();
  const accept = 'application/graphql-response+json, application/json, text/event-stream';
  await using stream = await subscribeSse(t.url, TICKS, { apiKey: 'hk_revoked', headers: { accept } });
  expect(stream.response.statusCode).toBe(401);
});

test('a stream that completes says so', async () => {
  await using t = await setup();
  await using stream = await subscribeSse(t.url, TICKS, KEYED);
  await t.source.opened();
  t.source.end();
  expect(await stream.next()).toEqual({ event: 'complete', data: null });
  expect(await stream.next()).toBeNull();
});

test('a stream that ends because the server stops says so, and does not say complete', async () => {
  await using t = await setup();
  await using stream = await subscribeSse(t.url, TICKS, KEYED);
  await t.source.opened();
  t.source.emit(1, { cursor: 'c1' });
  expect(await stream.next()).toMatchObject({ id: 'c1' });
  const closed = t.server.close({ graceMs: 60_000 });
  const last = await stream.next();
  expect(last).toMatchObject({ event: 'next', data: { errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }] } });
  expect(last).not.toHaveProperty('data.data');
  expect(last!.id).toBeUndefined(); // The last event id of an EventSource stays that of the last change.
  expect(await stream.next()).toBeNull();
  await closed;
  expect(stream.response.complete).toBe(true);
});

test('a stream that opens while the server stops ends in the same way', async () => {
  await using t = await setup();
  await using stream = await subscribeSseSlowly(t);
  const closed = t.server.close({ graceMs: 60_000 });
  t.slow.finish();
  const { events } = stream;
  const opened = await events;
  expect(await opened.next()).toMatchObject({ data: { errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }] } });
  expect(await opened.next()).toBeNull();
  await closed;
});

/** A subscription that opens when the test says so. */
async function subscribeSseSlowly(t: Awaited<ReturnType<typeof setup>>) {
  const events = subscribeSse(t.url, { query: 'subscription { slowTicks { number } }' }, KEYED);
  await t.slow.started();
  return { events, [Symbol.asyncDispose]: async () => (await events).destroy() };
}

/** Operations of the API in their organization's share of the process. */
import { expect, test } from 'vitest';
import { ALONE } from '../support/fair-share.ts';
import { openAcknowledged, postGraphql, subscribeSse } from '../support/client.ts';
import { API_KEY, callerOf, setup } from './setup.ts';

const NO_WAIT = { startReading: () => undefined, endReading() {} };

/** A share that notes which operations begin and end. */
function createShare(begins = true) {
  const log: string[] = [];
  const ended = Promise.withResolvers<void>();
  const end = () => {
    log.push('ends');
    ended.resolve();
  };
  const begin = async (organizationId: string) => {
    log.push(`${organizationId} begins`);
    return begins ? { ...NO_WAIT, end } : null;
  };
  return { log, ended: ended.promise, fairShare: { ...ALONE, begin } };
}

test('an operation begins in the share of its organization, and has ended when it is answered', async () => {
  const { log, ended, fairShare } = createShare();
  await using t = await setup({ fairShare });
  const { status } = await postGraphql(t.url, { query: '{ hello }' }, { apiKey: API_KEY });
  await ended;
  expect([status, log]).toEqual([200, [`${callerOf('key1').organizationId} begins`, 'ends']]);
});

test('when too many operations of the organization wait, the answer is SERVICE_UNAVAILABLE', async () => {
  await using t = await setup({ fairShare: createShare(false).fairShare });
  const response = await fetch(`${t.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': API_KEY },
    body: JSON.stringify({ query: '{ hello }' }),
  });
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
  expect(await response.text()).toContain('Too many operations of this organization are waiting');
});

test('a platform admin acts for all organizations, and never waits', async () => {
  const { log, fairShare } = createShare(false);
  await using t = await setup({ fairShare });
  t.keys.set(API_KEY, { ...callerOf('key1'), isPlatformAdmin: true });
  const { status } = await postGraphql(t.url, { query: '{ hello }' }, { apiKey: API_KEY });
  expect([status, log]).toEqual([200, []]);
});

test('a subscription over SSE is under way until its stream is there, and no longer', async () => {
  const { log, ended, fairShare } = createShare();
  await using t = await setup({ fairShare });
  const opening = subscribeSse(t.url, { query: 'subscription { slowTicks { number } }' }, { apiKey: API_KEY });
  await t.slow.started();
  expect(log).toEqual([`${callerOf('key1').organizationId} begins`]);
  t.slow.finish();
  await using _stream = await opening;
  await ended;
  expect(log.at(-1)).toBe('ends');
});

test('a query whose answer is an event stream is under way until it is answered', async () => {
  const { log, ended, fairShare } = createShare();
  await using t = await setup({ fairShare });
  const answering = subscribeSse(t.url, { query: '{ slow }' }, { apiKey: API_KEY });
  await t.slow.started();
  expect(log).toEqual([`${callerOf('key1').organizationId} begins`]);
  t.slow.finish();
  await using _answer = await answering;
  await ended;
});

/** A share in which queries read when the test says so. */
function createReadingShare() {
  const [waits, left] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const turn = Promise.withResolvers<boolean>();
  const log: string[] = [];
  const startReading = () => {
    log.push('waits');
    waits.resolve();
    return turn.promise;
  };
  const endReading = () => void log.push('has read');
  const end = () => {
    turn.resolve(false);
    left.resolve();
  };
  const fairShare = { ...ALONE, begin: async () => ({ startReading, endReading, end }) };
  return { fairShare, log, waits: waits.promise, left: left.promise, letRead: () => turn.resolve(true) };
}

const viaHttp = (url: string, query: string) => postGraphql(url, { query }, { apiKey: API_KEY });

test('a query is executed when it may read, and has read everything when its answer is there', async () => {
  const share = createReadingShare();
  await using t = await setup({ fairShare: share.fairShare });
  const answer = viaHttp(t.url, '{ slow }');
  await share.waits;
  share.letRead();
  await t.slow.started();
  expect(share.log).toEqual(['waits']);
  t.slow.finish();
  expect((await answer).status).toBe(200);
  expect(share.log).toEqual(['waits', 'has read']);
});

test('a query that fails has read everything, too', async () => {
  const share = createReadingShare();
  await using t = await setup({ fairShare: share.fairShare });
  share.letRead();
  await viaHttp(t.url, '{ boomRequired }');
  expect(share.log).toEqual(['waits', 'has read']);
});

test('a large query that waits to read does not keep other large bodies waiting', async () => {
  const waits = Promise.withResolvers<void>();
  const mayRead = Promise.withResolvers<boolean>();
  const startReading = () => (waits.resolve(), mayRead.promise);
  const begin = async () => ({ startReading, endReading() {}, end() {} });
  await using t = await setup({ fairShare: { ...ALONE, begin } });
  t.keys.set(API_KEY, { ...callerOf('key1'), scopes: new Set(['EVENTS_PUBLISH'] as const) }); // May send large bodies.
  const variables = { text: 'x'.repeat(1_200_000) };
  const post = (query: string) => postGraphql(t.url, { query, variables }, { apiKey: API_KEY });
  const answer = post('{ hello }');
  await waits.promise;
  expect((await post('mutation { bump }')).status).toBe(200);
  mayRead.resolve(true);
  expect((await answer).status).toBe(200);
});

test('mutations and subscriptions never wait for queries', async () => {
  const share = createReadingShare();
  await using t = await setup({ fairShare: share.fairShare });
  expect((await viaHttp(t.url, 'mutation { bump }')).status).toBe(200);
  await using _stream = await subscribeSse(t.url, { query: 'subscription { ticks { number } }' }, { apiKey: API_KEY });
  expect(share.log).toEqual([]);
});

test('a query whose client leaves while it waits is not executed', async () => {
  const share = createReadingShare();
  await using t = await setup({ fairShare: share.fairShare });
  const leaving = new AbortController();
  const answer = fetch(`${t.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': API_KEY },
    body: JSON.stringify({ query: '{ slow }' }),
    signal: leaving.signal,
  });
  await share.waits;
  leaving.abort();
  await expect(answer).rejects.toThrow();
  await share.left;
  await viaHttp(t.url, 'mutation { bump }'); // By then the query would have begun.
  expect(t.slow.count).toBe(0);
  expect(share.log).toEqual(['waits']);
});

test('a query over a WebSocket that closes while it waits is not executed', async () => {
  const share = createReadingShare();
  await using t = await setup({ fairShare: share.fairShare });
  await using socket = await openAcknowledged(t.url, API_KEY);
  socket.send({ id: '1', type: 'subscribe', payload: { query: '{ slow }' } });
  await share.waits;
  socket.socket.close();
  await share.left;
  await viaHttp(t.url, 'mutation { bump }');
  expect(t.slow.count).toBe(0);
  expect(share.log).toEqual(['waits']);
});

test('a query over a WebSocket that closes while it waits for its turn is not executed', async () => {
  const asked = Promise.withResolvers<void>();
  const mayBegin = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const begin = async () => {
    asked.resolve();
    await mayBegin.promise;
    return { ...NO_WAIT, end: ended.resolve };
  };
  await using t = await setup({ fairShare: { ...ALONE, begin } });
  await using socket = await openAcknowledged(t.url, API_KEY);
  socket.send({ id: '1', type: 'subscribe', payload: { query: '{ slow }' } });
  await asked.promise;
  socket.socket.close();
  await socket.closed;
  mayBegin.resolve();
  await ended.promise;
  expect(t.slow.count).toBe(0);
});

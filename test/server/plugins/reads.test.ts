/** What an operation reads through is let go of when it has its answer, whatever transport it came by. */
import { GraphQLSchema, parse } from 'graphql';
import { expect, test } from 'vitest';
import type { OperationReads } from '../../../src/server/request-record.ts';
import { startRecord } from '../../../src/server/request-record.ts';
import { createSubscribe } from '../../../src/server/streams/subscribe.ts';
import { createManualClock } from '../../support/clock.ts';
import { ALONE } from '../../support/fair-share.ts';
import { openAcknowledged, postGraphql } from '../../support/client.ts';
import { API_KEY, setup } from '../setup.ts';

/** Notes what the server does with the reads of each operation, and of each result of a stream. */
async function setupReads() {
  const calls: string[] = [];
  const readsOf = (name: string): OperationReads => ({
    end: () => void calls.push(`${name} ends`),
    readAlone: () => void calls.push(`${name} alone`),
    fork: () => readsOf('result'),
  });
  const t = await setup({
    createContext: (caller, requestId) => ({ caller, requestId, reads: readsOf('operation') }),
  });
  return { ...t, calls, [Symbol.asyncDispose]: () => t[Symbol.asyncDispose]() };
}

test('a query and a mutation end their reads once, with an answer or with an error', async () => {
  await using t = await setupReads();
  for (const query of ['{ hello }', '{ boomRequired }', 'mutation { bump }']) {
    await postGraphql(t.url, { query }, { apiKey: API_KEY });
    expect(t.calls.splice(0)).toEqual(['operation ends']);
  }
});

test('an operation keeps its reads until it has its answer', async () => {
  await using t = await setupReads();
  const answer = postGraphql(t.url, { query: '{ hello slow }' }, { apiKey: API_KEY });
  await t.slow.started();
  expect(t.calls).toEqual([]);
  t.slow.finish();
  await answer;
  expect(t.calls).toEqual(['operation ends']);
});

test('each result of a stream has reads of its own, and ends them', async () => {
  await using t = await setupReads();
  await using socket = await openAcknowledged(t.url, API_KEY);
  socket.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { ticks { number boom } }' } });
  await t.source.opened();
  expect(t.calls.splice(0)).toEqual(['operation ends']);
  for (const number of [1, 2]) {
    t.source.emit(number);
    expect((await socket.next()).payload).toMatchObject({ data: { ticks: { number } } });
    expect(t.calls.splice(0)).toEqual(['result ends']);
  }
});

test.each([
  ['whose variables are wrong', 'subscription ($size: Int) { ticks(size: $size) { number } }', { size: 'ten' }],
  ['that its field refuses', 'subscription { refused { number } }', {}],
])('a subscription %s ends its reads', async (_, query, variables) => {
  await using t = await setupReads();
  await using socket = await openAcknowledged(t.url, API_KEY);
  socket.send({ id: '1', type: 'subscribe', payload: { query, variables } });
  expect(await socket.next()).toMatchObject({ id: '1', payload: { errors: [{}] } });
  expect(t.calls).toEqual(['operation ends']);
});

test('a subscription that cannot even be opened ends its reads', async () => {
  const calls: string[] = [];
  const reads = { end: () => void calls.push('ends'), readAlone: () => {}, fork: () => reads };
  const record = startRecord(createManualClock(), 'request-1', 'websocket');
  // A schema without a root type: graphql throws before anything is validated.
  const args = { schema: new GraphQLSchema({}), document: parse('subscription { ticks }') };
  const clock = createManualClock();
  const subscribe = createSubscribe({ present: () => expect.unreachable(), fairShare: ALONE, clock });
  const opening = subscribe({ ...args, contextValue: { record, params: {}, reads } }, () => {});
  await expect(opening).rejects.toThrow('Query root type must be provided');
  expect(calls).toEqual(['ends']);
});

test('a query over a WebSocket ends its reads, too', async () => {
  await using t = await setupReads();
  await using socket = await openAcknowledged(t.url, API_KEY);
  socket.send({ id: '1', type: 'subscribe', payload: { query: '{ hello }' } });
  expect((await socket.next()).payload).toEqual({ data: { hello: 'Hello, world' } });
  expect(t.calls).toEqual(['operation ends']);
});

test('an operation that asks for much reads alone', async () => {
  await using t = await setupReads();
  // Introspection costs what it answers.
  const fields = 'fields { name args { name type { name } } }';
  await postGraphql(t.url, { query: `{ __schema { types { ${fields} } } }` }, { apiKey: API_KEY });
  expect(t.calls.splice(0)).toEqual(['operation ends']);
  const copies = Array.from({ length: 5 }, (_, nth) => `a${nth}: __schema { types { ${fields} } }`).join(' ');
  await postGraphql(t.url, { query: `{ ${copies} }` }, { apiKey: API_KEY });
  expect(t.calls).toEqual(['operation alone', 'operation ends']);
});

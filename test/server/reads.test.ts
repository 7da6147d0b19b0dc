/** What an operation reads through is let go of when it has its answer, whatever transport it came by. */
import { expect, test } from 'vitest';
import type { OperationReads } from '../../src/server/reads.ts';
import { openAcknowledged, postGraphql } from '../support/client.ts';
import { API_KEY, setup } from './setup.ts';

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

/** A change that cannot be shown is never skipped in silence: the stream ends before it, and its client resumes there. */
import { expect, test } from 'vitest';
import { openAcknowledged, subscribeSse } from '../../support/client.ts';
import { API_KEY, setup } from '../setup.ts';

const TICKS = { query: 'subscription { ticks { number boom } }' };
const UNSHOWABLE = 'three' as unknown as number; // Not an Int, and the field may not be null: no data remains.
const masked = {
  extensions: { code: 'INTERNAL_SERVER_ERROR' },
  message: expect.stringContaining('Internal error, id '),
};

test('over WebSocket, a result that has no data ends its operation with an error, and no other', async () => {
  await using t = await setup();
  await using socket = await openAcknowledged(t.url, API_KEY);
  socket.send({ id: 'bad', type: 'subscribe', payload: TICKS });
  socket.send({ id: 'good', type: 'subscribe', payload: { query: 'subscription { ticks { text } }' } });
  await t.source.opened(2);
  t.source.emit(UNSHOWABLE);
  const messages = [await socket.next(), await socket.next()];
  expect(messages).toContainEqual({ id: 'bad', type: 'error', payload: [masked] });
  expect(messages).toContainEqual({ id: 'good', type: 'next', payload: { data: { ticks: { text: 'tick three' } } } });
  t.source.emit(4);
  expect(await socket.next()).toMatchObject({ id: 'good', type: 'next' });
  expect(t.source.openCount).toBe(1);
  expect(await t.nextLine('graphql.request')).toMatchObject({ errorCodes: ['INTERNAL_SERVER_ERROR'] });
});

test('over SSE, a result that has no data is the last of its stream', async () => {
  await using t = await setup();
  await using stream = await subscribeSse(t.url, TICKS, { apiKey: API_KEY });
  await t.source.opened();
  t.source.emit(UNSHOWABLE);
  expect(await stream.next()).toMatchObject({ event: 'next', data: { errors: [masked] } });
  expect(await stream.next()).toEqual({ event: 'complete', data: null });
  await t.source.released();
});

test('a hundred subscribers to what cannot be shown write one line in the log', async () => {
  await using t = await setup();
  await using socket = await openAcknowledged(t.url, API_KEY);
  for (let id = 0; id < 100; id++) socket.send({ id: String(id), type: 'subscribe', payload: TICKS });
  await t.source.opened(100);
  t.source.emitShared({ number: UNSHOWABLE, text: '' });
  for (let id = 0; id < 100; id++) expect(await socket.next()).toMatchObject({ type: 'error', payload: [masked] });
  expect(t.lines.filter(({ msg }) => msg === 'graphql.internal_error')).toHaveLength(1);
});

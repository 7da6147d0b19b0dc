import { expect, test } from 'vitest';
import { fillIn, standInFor, answerText } from '../../../src/server/streams/answer-text.ts';

/** What graphql-ws does. */
const stringify = (id: string, payload: unknown): string => JSON.stringify({ id, type: 'next', payload });

const MARKED = stringify('1', 'answer');

test.each([
  ['with an answer', { data: { ticks: { number: 1 } } }],
  ['with the mark in an answer', { data: { text: MARKED, payload: 'answer' } }],
  ['with letters of all kinds', { data: { text: '"\\\u0000é\u2028😀' } }],
  ['with no data', { data: null }],
])('a message is what it would be without a stand-in: %s', (_, answer) => {
  for (const id of ['1', '"payload":"answer"}', MARKED]) {
    expect(fillIn(stringify(id, standInFor(answer)))).toBe(stringify(id, answer));
  }
});

test('all who are sent an answer are sent one text of it', () => {
  let times = 0;
  const answer = { data: { toJSON: () => ++times } };
  const messages = ['1', '2'].map((id) => fillIn(stringify(id, standInFor(answer))));
  expect(messages).toEqual([stringify('1', { data: 1 }), stringify('2', { data: 1 })]);
  expect(answerText(answer)).toBe('{"data":1}');
});

test('a changed copy of an answer has a text of its own', () => {
  const answer = { data: { number: 1 } };
  const changed = () => ({ ...answer, data: { number: 2 } });
  expect(answerText(answer)).toBe('{"data":{"number":1}}');
  expect(answerText(changed())).toBe('{"data":{"number":2}}');
});

test('other messages stay as they are', () => {
  expect(fillIn(MARKED)).toBe(MARKED);
  fillIn(stringify('1', standInFor({ data: null })));
  expect(fillIn(MARKED)).toBe(MARKED);
});

import { expect, test } from 'vitest';
import { withoutEvents } from '../../src/domain/held-answer.ts';

const HELD = [
  { eventId: 'a', path: ['publish', 'events', 0, 'data'], erased: {} },
  { eventId: 'b', path: ['publish', 'events', 1, 'body'], erased: '' },
];
const answer = () => ({ data: { publish: { events: [{ data: { secret: 1 } }, { body: 'secret' }] } }, held: HELD });

test('takes the data of an event out where the answer shows them, and nothing else', () => {
  expect(JSON.parse(withoutEvents(JSON.stringify(answer()), new Set(['a'])))).toEqual({
    ...answer(),
    data: { publish: { events: [{ data: {} }, { body: 'secret' }] } },
  });
});

test('leaves an answer alone whose field an error has taken away', () => {
  const failed = JSON.stringify({ data: { publish: null }, held: HELD });
  expect(withoutEvents(failed, new Set(['a', 'b']))).toBe(failed);
});

import { expect, test } from 'vitest';
import {
  readEventFilter,
  toEventFilter,
  toEventStreamFilter,
  writeEventFilter,
} from '../../../src/console/events/event-filter.ts';

const WHOLE = 'eventType=wallet.*&customerId=c+7&tag=order%3A7&from=2026-11-28T00%3A00%3A00.000Z';
const read = (query: string) => readEventFilter(new URLSearchParams(query));

test('a filter goes into the address and comes back', () => {
  expect(writeEventFilter(read(WHOLE)).toString()).toBe(WHOLE);
  expect(writeEventFilter(read('')).toString()).toBe('');
});

test('the stream is asked for the same events as the list, without the time', () => {
  const always = { eventType: ['wallet.*'], customerId: 'c 7', tags: ['order:7'] };
  const range = { gte: '2026-11-28T00:00:00.000Z' };
  expect(toEventStreamFilter(read(WHOLE))).toEqual(always);
  expect(toEventFilter(read(WHOLE), range)).toEqual({ ...always, createdAt: range });
  expect(toEventFilter(read(''), null)).toEqual({});
});

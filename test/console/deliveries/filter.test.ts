import { expect, test } from 'vitest';
import {
  fits,
  isFiltered,
  readFilter,
  toListFilter,
  toStreamFilter,
  writeFilter,
} from '../../../src/console/deliveries/filter.ts';

const read = (query: string) => readFilter(new URLSearchParams(query));
const WHOLE = 'status=RETRYING&status=FAILED&eventType=wallet.*&targetId=t&eventId=e&tag=order%3A7+%26&time=24h';

test('a filter goes into the address and comes back', () => {
  expect(writeFilter(read(WHOLE)).toString()).toBe(new URLSearchParams(WHOLE).toString());
  expect(isFiltered(read(WHOLE))).toBe(true);
  expect(isFiltered(read(''))).toBe(false);
});

test('a status that does not exist is left out of the address', () => {
  expect(read('status=LOST&status=FAILED').status).toEqual(['FAILED']);
});

test('the list is asked for everything that is chosen, the stream for what does not change', () => {
  const range = { gte: '2026-11-28T12:00:00.000Z' };
  const always = { eventType: ['wallet.*'], targetId: 't', eventId: 'e', tags: ['order:7 &'] };
  expect(toListFilter(read(WHOLE), range)).toEqual({ status: ['RETRYING', 'FAILED'], createdAt: range, ...always });
  expect(toStreamFilter(read(WHOLE))).toEqual(always);
  expect(toListFilter(read(''), null)).toEqual({});
});

test('a delivery leaves the list by its status, and does not enter it outside of the chosen time', () => {
  const range = { gte: '2026-11-29T00:00:00Z' };
  const row = { status: 'FAILED', createdAt: '2026-11-29T00:00:01Z' } as const;
  expect(fits(read('status=FAILED'), range, row)).toBe(true);
  expect(fits(read('status=FAILED'), range, { ...row, status: 'RETRYING' })).toBe(false);
  expect(fits(read(''), range, { ...row, createdAt: '2026-11-28T23:59:59Z' })).toBe(false);
});

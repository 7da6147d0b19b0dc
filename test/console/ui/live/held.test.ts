import { expect, test } from 'vitest';
import { holdBack } from '../../../../src/console/ui/live/held.ts';

const items = (...ids: string[]) => ids.map((id) => ({ id }));

test('rows above the newest one that is read wait, and are counted', () => {
  expect(holdBack(items('e', 'd', 'c', 'b'), 'c')).toEqual({ rows: items('c', 'b'), waiting: 2 });
});

test('when nobody reads, every row is shown', () => {
  expect(holdBack(items('e', 'd'), null)).toEqual({ rows: items('e', 'd'), waiting: 0 });
});

test('when the newest row that is read has left, the next one stands first', () => {
  expect(holdBack(items('e', 'd', 'b'), 'c')).toEqual({ rows: items('b'), waiting: 2 });
});

test('when all rows that were read have left, the new ones still wait', () => {
  expect(holdBack(items('e', 'd'), 'c')).toEqual({ rows: [], waiting: 2 });
});

test('without new rows the same list is given, so that nothing is drawn', () => {
  const all = items('c', 'b');
  expect(holdBack(all, 'c').rows).toBe(all);
});

import { expect, test } from 'vitest';
import { FIRST_ROWS, nextRows, rowsAfterFailure } from '../../../src/pipeline/replay/step-rows.ts';

const quick = 10;

test('while its rate ends the steps, a replay looks at no more rows than at first', () => {
  const paced = { made: 25, waitMs: 20 };
  expect(nextRows(FIRST_ROWS, paced, quick)).toBe(FIRST_ROWS);
  let rows = 1_000;
  for (let step = 0; step < 5; step++) rows = nextRows(rows, paced, quick);
  expect(rows).toBeLessThanOrEqual(FIRST_ROWS);
});

test('a replay that has passed all rows of a step looks at more, up to 1,000, unless that takes long', () => {
  const searching = { made: 1, waitMs: 0 };
  let rows = FIRST_ROWS;
  for (let step = 0; step < 5; step++) rows = nextRows(rows, searching, quick);
  expect(rows).toBe(1_000);
  expect(nextRows(rows, searching, 100)).toBe(1_000);
  expect(nextRows(rows, searching, 501)).toBe(500);
});

test('a replay that waits for its target, or for events that are not committed, looks at as many as before', () => {
  expect(nextRows(400, { made: 0, waitMs: 1_000 }, quick)).toBe(400);
});

test('after a step that failed it looks at a quarter, at least at 10', () => {
  expect(rowsAfterFailure(1_000)).toBe(250);
  expect(rowsAfterFailure(20)).toBe(10);
  expect(nextRows(10, { made: 0, waitMs: 0 }, 501)).toBe(10);
});

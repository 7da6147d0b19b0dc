import { expect, test } from 'vitest';
import { DELIVERY_CHANGES, recordDeliveryChanges } from '../../src/live/changes/delivery-changes.ts';
import { forgetChanges } from '../../src/live/forget.ts';
import { newChange, newChanges, openTransaction, tableHistory, untilFinal } from '../support/changes.ts';
import { createTestDatabase } from '../support/database.ts';

const day = (day: number) => new Date(Date.UTC(2026, 0, day));
const FLOOR = "select value from settings where name = 'stream_floor'";

test('the oldest changes are forgotten, in steps, and the floor is the last one that went', async () => {
  await using database = await createTestDatabase();
  for (const date of [1, 2, 3, 4]) await recordDeliveryChanges(database.pool, [newChange({ occurredAt: day(date) })]);
  await untilFinal(database);
  const all = await tableHistory(database);

  expect(await forgetChanges(database.pool, DELIVERY_CHANGES, day(4), 2)).toBe(2);
  expect(await tableHistory(database)).toEqual(all.slice(2));
  expect((await database.pool.query(FLOOR)).rows).toEqual([{ value: all[1] }]);

  expect(await forgetChanges(database.pool, DELIVERY_CHANGES, day(4), 2)).toBe(1);
  expect(await forgetChanges(database.pool, DELIVERY_CHANGES, day(4), 2)).toBe(0);
  expect(await tableHistory(database)).toEqual(all.slice(3));
  expect((await database.pool.query(FLOOR)).rows).toEqual([{ value: all[2] }]);
});

test('an old change after a young one is kept, so that what is kept has no gaps', async () => {
  await using database = await createTestDatabase();
  for (const date of [1, 5, 2]) await recordDeliveryChanges(database.pool, [newChange({ occurredAt: day(date) })]);
  await untilFinal(database);
  expect(await forgetChanges(database.pool, DELIVERY_CHANGES, day(4), 100)).toBe(1);
  expect(await tableHistory(database)).toHaveLength(2);
});

test('changes that are not final yet are kept', async () => {
  await using database = await createTestDatabase();
  await using older = await openTransaction(database.pool, newChange({ occurredAt: day(1) }));
  await recordDeliveryChanges(database.pool, newChanges(3, 'd', { occurredAt: day(1) }));
  expect(await forgetChanges(database.pool, DELIVERY_CHANGES, day(4), 100)).toBe(0);
  await older.commit();
  await untilFinal(database);
  expect(await forgetChanges(database.pool, DELIVERY_CHANGES, day(4), 100)).toBe(4);
});

import { expect, test } from 'vitest';
import { DELIVERY_CHANGES, recordDeliveryChanges } from '../../src/live/delivery-changes.ts';
import { ORIGIN } from '../../src/live/cursor.ts';
import { createHistory } from '../../src/live/history.ts';
import { newChange, newChanges, openTransaction, untilFinal } from '../support/changes.ts';
import { createTestDatabase } from '../support/database.ts';

const FILTER = { organizationId: 'acme' };
const ids = (facts: readonly { deliveryId: string }[]) => facts.map(({ deliveryId }) => deliveryId);

/** One final change, then a committed one that waits for an older transaction. */
async function setup() {
  const database = await createTestDatabase();
  await recordDeliveryChanges(database.pool, [newChange({ deliveryId: 'final' })]);
  await untilFinal(database);
  const older = await openTransaction(database.pool, newChange({ deliveryId: 'older' }));
  await recordDeliveryChanges(database.pool, [newChange({ deliveryId: 'younger' })]);
  const dispose = async () => {
    await older.rollback();
    await database.close();
  };
  return { database, history: createHistory(database, DELIVERY_CHANGES), older, [Symbol.asyncDispose]: dispose };
}

test('what is committed but not final is neither the newest, nor read on to, nor part of a page', async () => {
  await using t = await setup();
  const newest = await t.history.latest(10);
  expect(newest.facts).toEqual([]);
  const upTo = newest.before;
  expect(await t.history.readAfter(upTo)).toEqual({ facts: [], isConnected: true, isWaiting: true });
  const page = await t.history.readPage(FILTER, ORIGIN, upTo);
  expect(ids(page.facts)).toEqual(['final']);
  expect(page.through).toEqual(upTo);
  expect(await t.history.readPage(FILTER, upTo, upTo)).toEqual({ facts: [], through: upTo });

  await t.older.commit();
  await untilFinal(t.database);
  const now = await t.history.latest(10);
  expect(ids(now.facts)).toEqual(['older', 'younger']);
  const { facts, isWaiting } = await t.history.readAfter(upTo);
  expect({ ids: ids(facts), isWaiting }).toEqual({ ids: ['older', 'younger'], isWaiting: false });
  expect(ids((await t.history.readPage(FILTER, upTo, now.facts.at(-1)!.position)).facts)).toEqual(['older', 'younger']);
});

test('a read knows whether the change it goes on from is still there', async () => {
  await using database = await createTestDatabase();
  const history = createHistory(database, DELIVERY_CHANGES);
  await recordDeliveryChanges(database.pool, newChanges(3, 'd'));
  await untilFinal(database);
  const { facts } = await history.latest(2);
  expect(ids(facts)).toEqual(['d1', 'd2']);
  expect(await history.readAfter(facts[0]!.position)).toMatchObject({ isConnected: true, facts: [facts[1]] });
  await database.pool.query("delete from delivery_changes where delivery_id = 'd1'");
  expect(await history.readAfter(facts[0]!.position)).toMatchObject({ isConnected: false, facts: [facts[1]] });
});

import { expect, test } from 'vitest';
import { OutcomeUnknown } from '../../src/database/commit.ts';
import type { Database } from '../../src/database/client.ts';
import type { Statement } from '../../src/database/statement.ts';
import { ORIGIN } from '../../src/live/cursors/cursor.ts';
import { DELIVERY_CHANGES, recordDeliveryChanges } from '../../src/live/changes/delivery-changes.ts';
import { forgetChanges } from '../../src/live/forget.ts';
import { BATCH_CHANGES, createHistory, LARGE_BATCH_CHANGES } from '../../src/live/history.ts';
import { newChange, newChanges, openTransaction, untilFinal } from '../support/changes.ts';
import { createTestDatabase } from '../support/database.ts';

const EPOCH = 'AAAABBBBcccc';
const FILTER = { organizationId: 'acme' };
const ids = (placed: readonly { deliveryId: string }[]) => placed.map(({ deliveryId }) => deliveryId);

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
  return { database, history: createHistory(database, DELIVERY_CHANGES, EPOCH), older, [Symbol.asyncDispose]: dispose };
}

test('what is committed but not final is neither the newest, nor read on to, nor part of a page', async () => {
  await using t = await setup();
  const newest = await t.history.latest(10);
  expect(newest.placed).toEqual([]);
  const upTo = newest.before;
  expect(await t.history.readAfter(upTo, BATCH_CHANGES)).toMatchObject({
    placed: [],
    isConnected: true,
    isWaiting: true,
  });
  const page = await t.history.readPage(FILTER, ORIGIN, upTo);
  expect(ids(page.placed)).toEqual(['final']);
  expect(page.through).toEqual(upTo);
  expect(await t.history.readPage(FILTER, upTo, upTo)).toEqual({ placed: [], through: upTo });

  await t.older.commit();
  await untilFinal(t.database);
  const now = await t.history.latest(10);
  expect(ids(now.placed)).toEqual(['older', 'younger']);
  const { placed, isWaiting } = await t.history.readAfter(upTo, BATCH_CHANGES);
  expect({ ids: ids(placed), isWaiting }).toEqual({ ids: ['older', 'younger'], isWaiting: false });
  expect(ids((await t.history.readPage(FILTER, upTo, now.placed.at(-1)!.position)).placed)).toEqual([
    'older',
    'younger',
  ]);
});

/** Final changes of these deliveries. */
async function setupFinal(...deliveryIds: string[]) {
  const database = await createTestDatabase();
  await recordDeliveryChanges(
    database.pool,
    deliveryIds.map((deliveryId) => newChange({ deliveryId })),
  );
  await untilFinal(database);
  const history = createHistory(database, DELIVERY_CHANGES, EPOCH);
  const placed = (await history.latest(deliveryIds.length - 1)).placed;
  const alter = (sql: string) => database.pool.query(sql);
  return { database, history, placed, alter, [Symbol.asyncDispose]: () => database.close() };
}

test('a read knows whether the change it goes on from is still there', async () => {
  await using t = await setupFinal('d0', 'd1', 'd2');
  const [first, second] = t.placed;
  expect(ids(t.placed)).toEqual(['d1', 'd2']);
  expect(await t.history.readAfter(first!.position, BATCH_CHANGES)).toMatchObject({
    isConnected: true,
    placed: [second],
  });
  await t.alter("delete from delivery_changes where delivery_id = 'd1'");
  expect(await t.history.readAfter(first!.position, BATCH_CHANGES)).toMatchObject({
    isConnected: false,
    placed: [second],
  });
});

test.each([
  ['delivery', "delivery_id = 'other'"],
  ['status', "status = 'FAILED'"],
  ['status before', 'previous_status = null'],
  ['attempt', 'attempt_number = 2'],
  ['time', "occurred_at = occurred_at + interval '1 millisecond'"],
])('a change of another %s at the same place does not connect two reads', async (_name, other) => {
  await using t = await setupFinal('d0', 'd1', 'd2');
  const { position } = t.placed[0]!;
  await t.alter(`update delivery_changes set ${other} where delivery_id = 'd1'`);
  expect(await t.history.readAfter(position, BATCH_CHANGES)).toMatchObject({ isConnected: false });
  await expect(t.history.confirm(position)).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' });
  await expect(t.history.readPage(FILTER, position, t.placed[1]!.position)).rejects.toMatchObject({
    code: 'CURSOR_EXPIRED',
  });
});

test('a history knows whether it has all of a series of changes, however long, and nothing between them', async () => {
  await using t = await setupFinal(...Array.from({ length: 2_500 }, (_, nth) => `d${nth}`));
  const { history, placed } = t;
  const has = (change: string): Promise<boolean> =>
    t.database.transaction(async (tx) => {
      await tx.query(change);
      const transact: Database['transact'] = (all) =>
        Promise.all((all as Statement[]).map((one) => tx.query({ ...one })));
      const isThere = await createHistory({ pool: t.database.pool, transact }, DELIVERY_CHANGES, EPOCH).hasAll(placed);
      await tx.query('rollback');
      return isThere;
    });
  expect(await has('select')).toBe(true);
  for (const nth of [0, 1, 1_022, 1_023, 1_024, 2_045, 2_046, 2_047, 2_498]) {
    const where = `where delivery_id = '${placed[nth]!.deliveryId}'`;
    const verdicts = {
      isMissing: await has(`delete from delivery_changes ${where}`),
      isAnother: await has(`update delivery_changes set status = 'FAILED' ${where}`),
      isMore: await history.hasAll(placed.toSpliced(nth, 1)),
    };
    const isAtAnEnd = nth === 0 || nth === placed.length - 1;
    expect({ nth, ...verdicts }).toEqual({ nth, isMissing: false, isAnother: false, isMore: isAtAnEnd });
  }
}, 20_000);

test('what retention has deleted is not missed', async () => {
  await using t = await setupFinal('d0', 'd1', 'd2', 'd3');
  await t.alter("update delivery_changes set occurred_at = '2026-01-01' where delivery_id in ('d0', 'd1', 'd2')");
  const { placed } = await t.history.latest(3);
  expect(await forgetChanges(t.database.pool, DELIVERY_CHANGES, new Date('2026-01-02'), 100)).toBe(3);
  expect(await t.history.hasAll(placed)).toBe(true);
  await t.alter("delete from delivery_changes where delivery_id = 'd3'");
  expect(await t.history.hasAll(placed)).toBe(false);
});

test('a read whose connection breaks before its end is confirmed failed, and is no answer to a subscriber', async () => {
  const cause = new Error('Connection terminated unexpectedly');
  const transact = () => Promise.reject(new OutcomeUnknown(cause, Promise.resolve()));
  const history = createHistory({ pool: {} as never, transact }, DELIVERY_CHANGES, 'deployed0000');
  await expect(history.readPage({ organizationId: 'o' }, ORIGIN, ORIGIN)).rejects.toBe(cause);
  await expect(history.confirm(ORIGIN)).rejects.toBe(cause);
});

test('a reader that is behind takes large batches, and misses nothing between them', async () => {
  await using t = await setup();
  const { before } = await t.history.latest(10);
  await t.older.commit();
  await recordDeliveryChanges(t.database.pool, newChanges(LARGE_BATCH_CHANGES, 'd'));
  await untilFinal(t.database);
  const small = await t.history.readAfter(before, BATCH_CHANGES);
  const large = await t.history.readAfter(before, LARGE_BATCH_CHANGES);
  expect(small.placed).toEqual(large.placed.slice(0, BATCH_CHANGES));
  expect(large.placed).toHaveLength(LARGE_BATCH_CHANGES);
  const rest = await t.history.readAfter(large.placed.at(-1)!.position, LARGE_BATCH_CHANGES);
  expect(ids(rest.placed)).toEqual([`d${LARGE_BATCH_CHANGES - 2}`, `d${LARGE_BATCH_CHANGES - 1}`]);
});

import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { isAfter, markOf } from '../../../src/live/cursors/cursor.ts';
import { newChange } from '../../support/changes.ts';
import { createManualClock } from '../../support/clock.ts';
import { createTestDatabase } from '../../support/database.ts';
import { recordDeliveryChanges } from '../../../src/live/changes/delivery-changes.ts';
import { loadEpoch } from '../../../src/live/cursors/epoch.ts';
import { systemClock } from '../../../src/clock.ts';

const EPOCH = 'AAAABBBBcccc';

test.each(['cccc', 'Accc'])(
  'the mark of a change is never the numbering, which says that there is none: %s',
  (numbering) => {
    const epoch = `AAAABBBB${numbering}`;
    const content = { cccc: '6445671', Accc: '4022889' }[numbering]!; // Found by trying: its hash begins with the numbering.
    expect(hash('sha256', `${numbering} ${content}`, 'base64url').slice(0, 4)).toBe(numbering);
    expect(markOf(content, epoch)).toMatch(/^[\w-]{4}$/);
    expect(markOf(content, epoch)).not.toBe(numbering);
    expect(markOf(`${content}0`, epoch)).not.toBe(markOf(content, epoch));
  },
);

test('the mark of a change depends on its content and on the numbering', () => {
  const marks = ['a', 'b', 'c'].flatMap((content) => [markOf(content, EPOCH), markOf(content, 'AAAABBBBdddd')]);
  expect(new Set(marks).size).toBe(6);
  expect(markOf('a', EPOCH)).toBe(markOf('a', 'CCCCDDDDcccc')); // Not on the deployment, which the cursor has anyway.
});

test('positions are ordered by transaction, then by sequence', () => {
  expect(isAfter({ xid: 2n, seq: 1n }, { xid: 1n, seq: 9n })).toBe(true);
  expect(isAfter({ xid: 1n, seq: 9n }, { xid: 2n, seq: 1n })).toBe(false);
  expect(isAfter({ xid: 2n, seq: 2n }, { xid: 2n, seq: 1n })).toBe(true);
  expect(isAfter({ xid: 2n, seq: 2n }, { xid: 2n, seq: 2n })).toBe(false);
});

test('every process of a deployment has the same epoch, also when they start at once', async () => {
  await using database = await createTestDatabase();
  const epochs = await Promise.all(Array.from({ length: 5 }, () => loadEpoch(database, systemClock)));
  expect(epochs[0]).toMatch(/^[\w-]{12}$/);
  expect(new Set(epochs).size).toBe(1);
  await using other = await createTestDatabase();
  expect((await loadEpoch(other, systemClock)).slice(0, 8)).not.toBe(epochs[0]!.slice(0, 8));
});

test('a restored dump is numbered anew: same deployment, old cursors expired, its changes beyond the horizon gone', async () => {
  await using database = await createTestDatabase();
  await using restored = await createTestDatabase();
  const clock = createManualClock();
  const epoch = await loadEpoch(database, clock);
  await restored.pool.query(`insert into settings values ('stream_epoch', $1), ('stream_floor', '900000000000.1')`, [
    epoch,
  ]);
  await recordDeliveryChanges(restored.pool, [newChange({ deliveryId: 'below' }), newChange({ deliveryId: 'beyond' })]);
  await restored.pool.query("update delivery_changes set xid = '900000000000' where delivery_id = 'beyond'");

  const anew = await loadEpoch(restored, clock);
  expect(anew.slice(0, 8)).toBe(epoch.slice(0, 8));
  expect(anew).not.toBe(epoch);
  expect(await loadEpoch(restored, clock)).toBe(anew);
  const { rows } = await restored.pool.query('select delivery_id from delivery_changes');
  expect(rows).toEqual([{ delivery_id: 'below' }]);
  const floor = await restored.pool.query("select 1 from settings where name = 'stream_floor'");
  expect(floor.rowCount).toBe(0);
});

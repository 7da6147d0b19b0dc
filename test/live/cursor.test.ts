import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor, isAfter, markOf, ORIGIN } from '../../src/live/cursor.ts';
import { newChange } from '../support/changes.ts';
import { createManualClock } from '../support/clock.ts';
import { createTestDatabase } from '../support/database.ts';
import { DELIVERY_CHANGES, recordDeliveryChanges } from '../../src/live/delivery-changes.ts';
import { loadEpoch } from '../../src/live/epoch.ts';
import { TARGET_CHANGES } from '../../src/live/target-changes.ts';
import { systemClock } from '../../src/clock.ts';
import { encodeCursor as encodeListCursor } from '../../src/schema/cursor.ts';

const EPOCH = 'AAAABBBBcccc';
const KIND = DELIVERY_CHANGES.cursors;

test.each([
  ['the origin', ORIGIN],
  ['a change', { xid: 760n, seq: 34n }],
  ['the greatest there can be', { xid: 2n ** 64n - 1n, seq: 2n ** 63n - 1n }],
])('a cursor gives its position back: %s', (_name, position) => {
  const cursor = encodeCursor(position, EPOCH, KIND);
  expect(cursor).toMatch(/^[\w-]{38}$/);
  expect(decodeCursor(cursor, EPOCH, KIND)).toEqual(position);
});

test('a cursor gives back the mark of its change, and none where no change is named', () => {
  const position = { xid: 760n, seq: 34n, mark: markOf('content', EPOCH) };
  expect(decodeCursor(encodeCursor(position, EPOCH, KIND), EPOCH, KIND)).toEqual(position);
  expect(decodeCursor(encodeCursor(ORIGIN, EPOCH, KIND), EPOCH, KIND)).not.toHaveProperty('mark');
});

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

const good = encodeCursor({ xid: 760n, seq: 34n }, EPOCH, KIND);

test.each([
  ['empty', ''],
  ['words', 'the last one'],
  ['too short', good.slice(0, -1)],
  ['too long', `${good}A`],
  ['a bit that encodes nothing', `${good.slice(0, -1)}B`],
  ['another version', `chg2${good.slice(4)}`],
  ['a cursor of the other stream', encodeCursor({ xid: 760n, seq: 34n }, EPOCH, TARGET_CHANGES.cursors)],
  ['a cursor of a list', encodeListCursor('deliveries', '0ujtsYcgvSTl8PAuAdqWYSMnLOv')],
  ['a sequence number no database gives', `${good.slice(0, 16)}${Buffer.alloc(16, 255).toString('base64url')}`],
  ['NUL', `${good}\0`],
])('a malformed cursor says what was expected: %s', (_name, text) => {
  expect(() => decodeCursor(text, EPOCH, KIND)).toThrow(
    expect.objectContaining({
      code: 'BAD_USER_INPUT',
      message: expect.stringMatching(/`after`: expected a cursor of the delivery stream.*deliveryStreamCursor.*; got/s),
      details: { argument: 'after' },
    }),
  );
});

test('a cursor of another deployment is refused', () => {
  expect(() => decodeCursor(encodeCursor(ORIGIN, 'ZZZZBBBBcccc', KIND), EPOCH, KIND)).toThrow(
    expect.objectContaining({ code: 'BAD_USER_INPUT', message: expect.stringContaining('another deployment') }),
  );
});

test('a cursor from before a restore is expired, and says how to go on', () => {
  expect(() => decodeCursor(encodeCursor(ORIGIN, 'AAAABBBBdddd', KIND), EPOCH, KIND)).toThrow(
    expect.objectContaining({ code: 'CURSOR_EXPIRED', message: expect.stringContaining('load the list again') }),
  );
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

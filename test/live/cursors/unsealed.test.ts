/** Cursors that do not open; and those of release 0.1.0, which are taken for one release, and no use to who writes them. */
import { expect, test } from 'vitest';
import { deploymentOf, ORIGIN, type StreamPosition } from '../../../src/live/cursors/cursor.ts';
import { createCursors, UNKNOWN_PLACE, type CursorOptions } from '../../../src/live/cursors/cursors.ts';
import { DELIVERY_CHANGES } from '../../../src/live/changes/delivery-changes.ts';
import { loadEpoch } from '../../../src/live/cursors/epoch.ts';
import { forgetChanges } from '../../../src/live/forget.ts';
import { TARGET_CHANGES } from '../../../src/live/changes/target-changes.ts';
import { loadUnsealedUntil } from '../../../src/live/cursors/unsealed.ts';
import { newChange, newChanges, take, untilFinal } from '../../support/changes.ts';
import { createManualClock } from '../../support/clock.ts';
import { codeOfRelease010, MASTER_KEYS, unsealedCursor } from '../../support/cursors.ts';
import { createTestDatabase } from '../../support/database.ts';
import { setupStream } from '../stream.ts';

const FILTER = { organizationId: 'acme' };
const BEFORE = new Date('2026-01-15T10:00:00.000Z');
const UNTIL = new Date('2026-01-15T11:00:00.000Z');
const AFTER = new Date('2026-01-15T12:00:00.000Z');
const DAY_MS = 86_400_000;

/** Five changes of before the release, the third of another organization, and one of after it. */
async function setup() {
  const t = await setupStream();
  const feed = await t.createFeed({}, { unsealedUntil: UNTIL });
  const start = await feed.currentCursor('acme');
  await t.write(...newChanges(2, 'old', { occurredAt: BEFORE }));
  await t.write(newChange({ deliveryId: 'foreign', organizationId: 'globex', occurredAt: BEFORE }));
  await t.write(...newChanges(2, 'late', { occurredAt: BEFORE }));
  await t.write(newChange({ deliveryId: 'new', occurredAt: AFTER }));
  const seen = await take(await feed.subscribe(FILTER, start), 5);
  const [foreign] = await take(
    await feed.subscribe({ organizationId: 'globex' }, t.cursors.encode(ORIGIN, 'globex')),
    1,
  );
  const old = (position: StreamPosition) => unsealedCursor(position, t.epoch, DELIVERY_CHANGES.cursors);
  const idsAfter = async (cursor: string, count: number) =>
    (await take(await feed.subscribe(FILTER, cursor), count)).map(({ deliveryId }) => deliveryId);
  return Object.assign(t, { feed, seen, foreign: foreign!.position, old, idsAfter });
}

const withoutMark = ({ xid, seq }: StreamPosition): StreamPosition => ({ xid, seq });
const EXPIRED = expect.objectContaining({ code: 'CURSOR_EXPIRED', message: expect.stringContaining(UNKNOWN_PLACE) });

test('a cursor of release 0.1.0 is taken, with and without a mark, and what follows is sealed', async () => {
  await using t = await setup();
  const { position } = t.seen[1]!;
  expect(codeOfRelease010(t.old(withoutMark(position)), t.epoch)).toBe(undefined);
  for (const old of [t.old(position), t.old(withoutMark(position))]) {
    expect(await take(await t.feed.subscribe(FILTER, old), 3)).toEqual(t.seen.slice(2));
  }
  // deliveryStreamCursor gave the newest change of everybody.
  expect(await t.idsAfter(t.old(withoutMark(t.foreign)), 3)).toEqual(['late0', 'late1', 'new']);
  expect(await t.idsAfter(t.old(ORIGIN), 5)).toEqual(['old0', 'old1', 'late0', 'late1', 'new']);
});

test('an unsealed cursor shows nothing of a change since: the nearest place and the right one are refused alike', async () => {
  await using t = await setup();
  const { xid, seq } = t.seen[4]!.position;
  const guesses = [
    t.seen[4]!.position,
    { xid, seq },
    { xid, seq: seq - 1n },
    { xid, seq: seq + 1n },
    { xid: xid - 1n, seq },
    { xid: xid + 1_000n, seq: 0n },
    { xid: 2n ** 63n, seq },
    { xid: 1n, seq: 1n },
    { ...t.seen[1]!.position, mark: 'Mark' },
    { ...t.seen[1]!.position, seq: 0n },
  ];
  const answers = await Promise.all(
    guesses.map((guess) =>
      t.feed.subscribe(FILTER, t.old(guess)).then(
        () => 'taken',
        (error: Error) => error.message,
      ),
    ),
  );
  expect(new Set(answers)).toEqual(new Set([expect.stringContaining(UNKNOWN_PLACE)]));
});

test('a cursor that does not open is expired, with the same words whatever the reason, and whatever change it names', async () => {
  await using t = await setup();
  const { position, cursor } = t.seen[1]!;
  const encode = (changed: Partial<CursorOptions>, organization = 'acme', kind = DELIVERY_CHANGES.cursors) =>
    createCursors(kind, { epoch: t.epoch, masterKeys: MASTER_KEYS, ...changed }).encode(position, organization);
  const changed = (at: number) => `${cursor.slice(0, at)}${cursor[at] === 'A' ? 'B' : 'A'}${cursor.slice(at + 1)}`;
  expect(encode({})).toBe(cursor);
  const texts = {
    'of another organization': encode({}, 'globex'),
    'of the other stream': `chg1${encode({}, 'acme', TARGET_CHANGES.cursors).slice(4)}`,
    'with another tag': changed(12),
    'with another block': changed(20),
    'cut and filled up': `${cursor.slice(0, 30)}AAAAAAAA`,
    'of a lost MASTER_KEY': encode({ masterKeys: [Buffer.alloc(32, 1)] }),
    'from before a restore': encode({ epoch: `${deploymentOf(t.epoch)}anew` }),
    'with a sequence number that no database gives': `${cursor.slice(0, 16)}${Buffer.alloc(16, 255).toString('base64url')}`,
    'unsealed, from before a restore': unsealedCursor(ORIGIN, `${deploymentOf(t.epoch)}anew`, DELIVERY_CHANGES.cursors),
    'unsealed, of another change': t.old({ ...position, mark: 'Mark' }),
  };
  for (const [what, text] of Object.entries(texts)) {
    await expect(t.feed.subscribe(FILTER, text), what).rejects.toEqual(EXPIRED);
  }
});

test('a process that takes no unsealed cursors refuses all of them', async () => {
  await using t = await setup();
  const strict = await t.createFeed();
  for (const position of [ORIGIN, t.seen[0]!.position]) {
    await expect(strict.subscribe(FILTER, t.old(position))).rejects.toEqual(EXPIRED);
  }
});

test('an unsealed cursor is expired when a change after it was deleted, with the same words', async () => {
  await using t = await setup();
  await untilFinal(t.database);
  expect(await forgetChanges(t.database.pool, DELIVERY_CHANGES, AFTER, 2)).toBe(2);
  for (const position of [ORIGIN, t.seen[0]!.position, withoutMark(t.seen[0]!.position)]) {
    await expect(t.feed.subscribe(FILTER, t.old(position))).rejects.toEqual(EXPIRED);
  }
});

test('unsealed cursors are taken of changes until a day after the first start beside the release before', async () => {
  await using database = await createTestDatabase();
  const clock = createManualClock();
  await loadEpoch(database, clock); // As the release before did.
  const until = await loadUnsealedUntil(database, clock);
  expect(until.getTime()).toBe(clock.now().getTime() + DAY_MS);
  await clock.advance(3 * DAY_MS);
  expect(await loadUnsealedUntil(database, clock)).toEqual(until);
});

test('a database that no other release has used has no unsealed cursors', async () => {
  await using database = await createTestDatabase();
  const clock = createManualClock();
  const started = clock.now();
  expect(await loadUnsealedUntil(database, clock)).toEqual(started);
  await loadEpoch(database, clock);
  await clock.advance(DAY_MS);
  expect(await loadUnsealedUntil(database, clock)).toEqual(started);
});

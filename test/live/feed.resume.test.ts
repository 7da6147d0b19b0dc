import { expect, test } from 'vitest';
import { PAGE_CHANGES } from '../../src/live/subscribers/change-page.ts';
import { ORIGIN } from '../../src/live/cursors/cursor.ts';
import { createCursors } from '../../src/live/cursors/cursors.ts';
import { DELIVERY_CHANGES, recordDeliveryChanges } from '../../src/live/changes/delivery-changes.ts';
import { forgetChanges } from '../../src/live/forget.ts';
import {
  newChange,
  newChanges,
  placeOf,
  tableHistory,
  take,
  takeUntil,
  untilFinal,
  type SeenChange,
} from '../support/changes.ts';
import { MASTER_KEYS } from '../support/cursors.ts';
import { setupStream } from './stream.ts';

const FILTER = { organizationId: 'acme' };
const OLD = new Date('2026-01-01T00:00:00.000Z');

const expectCode = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

test.each([
  ['from memory', 16_384],
  ['from the table', 1],
])('a subscriber resumes after any cursor, %s, and goes on live', async (_name, recentChanges) => {
  await using t = await setupStream({ limits: { recentChanges } });
  const start = await t.feed.currentCursor('acme');
  const stream = await t.feed.subscribe(FILTER, null);
  for (let written = 0; written < 600; written += 50) await t.write(...newChanges(50, `d${written}-`));
  const all = await take(stream, 600);
  expect(all.map(placeOf)).toEqual(await tableHistory(t.database));
  const cursors = [start, ...all.map(({ cursor }) => cursor)];
  const resumed = await Promise.all(
    [0, 1, 49, 50, 51, 255, 256, 257, 512, 599, 600].map(async (nth) => ({
      nth,
      stream: await t.feed.subscribe(FILTER, cursors[nth]!),
    })),
  );
  const read = Promise.all(resumed.map(({ stream: each }) => takeUntil(each, 'live')));
  await t.write(newChange({ deliveryId: 'live' }));
  const history = await tableHistory(t.database);
  for (const [index, changes] of (await read).entries()) {
    expect(changes.map(placeOf)).toEqual(history.slice(resumed[index]!.nth));
  }
});

test('another process, which saw nothing of it, resumes the cursor', async () => {
  await using t = await setupStream();
  const start = await t.feed.currentCursor('acme');
  await t.write(...newChanges(10, 'd'));
  const other = await t.createFeed();
  const changes = await take(await other.subscribe(FILTER, start), 10);
  const last = await take(await (await t.createFeed()).subscribe(FILTER, changes[8]!.cursor), 1);
  expect(last.map(placeOf)).toEqual((await tableHistory(t.database)).slice(-1));
});

test('a cursor ahead of this process gives nothing twice', async () => {
  await using t = await setupStream({ processes: 2, limits: { pollMs: 1_000_000 } });
  const [behind, ahead] = t.feeds as [typeof t.feed, typeof t.feed];
  const lagging = await behind.subscribe(FILTER, null); // Its tail runs, and reads when it is rung.
  await recordDeliveryChanges(t.database.pool, [newChange({ deliveryId: 'quiet' })]); // Nobody rings.
  const [seen] = await take(await ahead.subscribe(FILTER, t.cursors.encode(ORIGIN, 'acme')), 1);
  const resumed = await behind.subscribe(FILTER, seen!.cursor);
  const next = take(resumed, 1);
  await t.write(newChange({ deliveryId: 'next' }));
  expect((await next)[0]).toMatchObject({ deliveryId: 'next' });
  expect((await take(lagging, 2)).map(({ deliveryId }) => deliveryId)).toEqual(['quiet', 'next']);
});

test('the cursor of an empty history gives the first change', async () => {
  await using t = await setupStream();
  const cursor = await t.feed.currentCursor('acme');
  expect(t.cursors.decode(cursor, 'acme').position).toEqual(ORIGIN);
  await t.write(newChange({ deliveryId: 'first' }));
  expect((await take(await t.feed.subscribe(FILTER, cursor), 1))[0]).toMatchObject({ deliveryId: 'first' });
});

test('a malformed or foreign cursor is refused before anything is read', async () => {
  await using t = await setupStream();
  await expect(t.feed.subscribe(FILTER, 'nonsense')).rejects.toEqual(expectCode('BAD_USER_INPUT', /got "nonsense"/));
  const foreign = createCursors(DELIVERY_CHANGES.cursors, {
    epoch: `ZZZZZZZZ${t.epoch.slice(8)}`,
    masterKeys: MASTER_KEYS,
  }).encode(ORIGIN, 'acme');
  await expect(t.feed.subscribe(FILTER, foreign)).rejects.toEqual(expectCode('BAD_USER_INPUT', /another deployment/));
  expect(t.bell.listeners.size).toBe(0); // The tail was not even started.
});

test('a cursor is expired when, and only when, a change after it was deleted', async () => {
  await using t = await setupStream({ limits: { recentChanges: 1 } });
  const start = await t.feed.currentCursor('acme');
  const stream = await t.feed.subscribe(FILTER, null);
  await t.write(...newChanges(3, 'old', { occurredAt: OLD }));
  await t.write(...newChanges(600, 'new'));
  const all = await take(stream, 603);
  expect(await forgetChanges(t.database.pool, DELIVERY_CHANGES, new Date('2026-01-02'), 100)).toBe(3);

  for (const cursor of [start, all[0]!.cursor, all[1]!.cursor]) {
    await expect(t.feed.subscribe(FILTER, cursor)).rejects.toEqual(expectCode('CURSOR_EXPIRED', /load the list again/));
  }
  const resumed = await t.feed.subscribe(FILTER, all[2]!.cursor);
  expect((await take(resumed, 600)).map(placeOf)).toEqual(all.slice(3).map(placeOf));
});

test('the cursor of a history that was deleted as a whole is good', async () => {
  await using t = await setupStream();
  await t.write(...newChanges(3, 'old', { occurredAt: OLD }));
  await untilFinal(t.database);
  expect(await forgetChanges(t.database.pool, DELIVERY_CHANGES, new Date('2026-01-02'), 100)).toBe(3);
  const stream = await t.feed.subscribe(FILTER, await t.feed.currentCursor('acme'));
  await t.write(newChange({ deliveryId: 'next' }));
  expect((await take(stream, 1))[0]).toMatchObject({ deliveryId: 'next' });
});

test('a replay that retention overtakes ends with CURSOR_EXPIRED instead of a gap', async () => {
  await using t = await setupStream({ limits: { recentChanges: 1 } });
  const start = await t.feed.currentCursor('acme');
  await t.write(...newChanges(4 * PAGE_CHANGES, 'd', { occurredAt: OLD }));
  await untilFinal(t.database); // Else they may come live, and are in memory already when retention deletes them.
  const stream = await t.feed.subscribe(FILTER, start);
  await take(stream, PAGE_CHANGES);
  await expect.poll(() => stream.upcoming().length).toBe(PAGE_CHANGES); // The next page is read ahead.
  const forgotten = 4 * PAGE_CHANGES - 100;
  expect(await forgetChanges(t.database.pool, DELIVERY_CHANGES, new Date('2026-01-02'), forgotten)).toBe(forgotten);
  await expect(take(stream, PAGE_CHANGES + 1)).rejects.toEqual(expectCode('CURSOR_EXPIRED', /retention/));
  expect(await stream.next()).toEqual({ value: undefined, done: true });
  expect(t.feed.stats()).toMatchObject({ subscriptions: 0 });
});

test('a cursor of a change that the database does not have is expired: it was restored to an older state', async () => {
  await using t = await setupStream();
  await t.write(...newChanges(3, 'd'));
  const { xid, seq } = t.cursors.decode(await t.feed.currentCursor('acme'), 'acme').position;
  const future = t.cursors.encode({ xid: xid + 1_000n, seq }, 'acme');
  await expect(t.feed.subscribe(FILTER, future)).rejects.toEqual(expectCode('CURSOR_EXPIRED', /older state/));
});

test('a rare change is found however many others lie between', async () => {
  await using t = await setupStream({ limits: { recentChanges: 1 } });
  const start = await t.feed.currentCursor('acme');
  const warm = await t.feed.subscribe(FILTER, null);
  for (let part = 0; part < 10; part++) {
    await t.write(...newChanges(1_000, `d${part}-`), newChange({ deliveryId: `failed${part}`, status: 'FAILED' }));
  }
  await takeUntil(warm, 'failed9');
  const stream = await t.feed.subscribe({ ...FILTER, status: ['FAILED'] }, start);
  const found = await take(stream, 10);
  expect(found.map(({ deliveryId }) => deliveryId)).toEqual(Array.from({ length: 10 }, (_, part) => `failed${part}`));
});

test('at most four subscribers read from the table at a time', async () => {
  await using t = await setupStream({ limits: { recentChanges: 1 } });
  const start = await t.feed.currentCursor('acme');
  const warm = await t.feed.subscribe(FILTER, null);
  await t.write(...newChanges(700, 'd'));
  await take(warm, 700);
  const { transact } = t.database;
  let [now, most] = [0, 0];
  Object.assign(t.database, {
    transact: async (...input: Parameters<typeof transact>) => {
      most = Math.max(most, ++now);
      return transact(...input).finally(() => now--);
    },
  });
  const counted = await t.createFeed();
  const streams = await Promise.all(Array.from({ length: 40 }, () => counted.subscribe(FILTER, start)));
  const all: SeenChange[][] = await Promise.all(streams.map((stream) => take(stream, 700)));
  const history = await tableHistory(t.database);
  for (const changes of all) expect(changes.map(placeOf)).toEqual(history);
  expect(most).toBe(4);
});

test('a page from the table waits for the turn of its organization, and takes no reader before', async () => {
  await using t = await setupStream({ limits: { recentChanges: 1 } });
  const [start, startOfOther] = [await t.feed.currentCursor('acme'), await t.feed.currentCursor('other')];
  const warm = await t.feed.subscribe(FILTER, null);
  await t.write(...newChanges(700, 'o', { organizationId: 'other' }), ...newChanges(700, 'd'));
  await take(warm, 700);
  const mayRead = Promise.withResolvers<void>();
  const waits: string[] = [];
  const turnOf = (organizationId: string) => {
    waits.push(organizationId);
    return organizationId === 'acme' ? mayRead.promise : undefined;
  };
  const feed = await t.createFeed({}, { turnOf });
  const held = await Promise.all(Array.from({ length: 8 }, () => feed.subscribe(FILTER, start)));
  const taking = held.map((stream) => take(stream, 700));
  const free = await feed.subscribe({ organizationId: 'other' }, startOfOther);
  expect(await take(free, 700)).toHaveLength(700);
  expect(waits.filter((organizationId) => organizationId === 'acme')).toHaveLength(8);
  mayRead.resolve();
  for (const changes of await Promise.all(taking)) expect(changes).toHaveLength(700);
});

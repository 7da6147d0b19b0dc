/** What a failover to a server without the last commits does to a stream: their places are given to other changes. */
import { expect, test } from 'vitest';
import { PAGE_CHANGES } from '../../src/live/subscribers/change-page.ts';
import { deploymentOf, isAfter, type StreamPosition } from '../../src/live/cursors/cursor.ts';
import { DELIVERY_CHANGES, recordDeliveryChanges } from '../../src/live/changes/delivery-changes.ts';
import { createRecent } from '../../src/live/subscribers/recent.ts';
import { newChange, newChanges, placeOf, tableHistory, take, untilFinal } from '../support/changes.ts';
import { setupStream } from './stream.ts';

const FILTER = { organizationId: 'acme' };
const EXPIRED = expect.objectContaining({
  code: 'CURSOR_EXPIRED',
  message: expect.stringMatching(/load the list again/),
});

/** A stream whose first changes were kept, and whose others a failover loses. */
async function setup({ kept = 3, lost = 2, recentChanges = 16_384, processes = 1 } = {}) {
  const t = await setupStream({ processes, limits: { recentChanges, pollMs: 1_000_000 } });
  const start = await t.feed.currentCursor('acme');
  await t.write(...newChanges(kept, 'kept'));
  await t.write(...newChanges(lost, 'lost'));
  await untilFinal(t.database);
  /** The promoted server puts other deliveries at the places of the lost ones. */
  const failOver = async (pattern = 'lost%') => {
    await t.database.pool.query(
      `update delivery_changes set delivery_id = 'other ' || delivery_id where delivery_id like $1`,
      [pattern],
    );
  };
  return Object.assign(t, { start, failOver });
}

const withoutMark = ({ xid, seq }: StreamPosition): StreamPosition => ({ xid, seq });

const idsOf = (changes: readonly { deliveryId: string }[]) => changes.map(({ deliveryId }) => deliveryId);

test('a tail that passed on a lost change ends its subscribers, although another change stands at its place', async () => {
  await using t = await setup();
  const live = await t.feed.subscribe(FILTER, t.start);
  await take(live, 5);
  const waiting = live.next();
  const stalled = await t.feed.subscribe(FILTER, t.start);
  await take(stalled, 1);
  const elsewhere = await t.feed.subscribe({ organizationId: 'another' }, null);
  const others = elsewhere.next();
  const ended = Promise.all([waiting, others].map((each) => expect(each).rejects.toEqual(EXPIRED)));
  await t.failOver();
  t.bell.ring();
  await ended;
  await expect(stalled.next()).rejects.toEqual(EXPIRED);
  expect(t.errors).toMatchObject([{ message: expect.stringContaining('all subscribers start anew') }]);
  expect(t.feed.stats()).toMatchObject({ subscriptions: 0 });
});

test('after it, memory gives what the new server has and nothing that is lost', async () => {
  await using t = await setup();
  const stream = await t.feed.subscribe(FILTER, t.start);
  const seen = await take(stream, 5);
  const ended = expect(stream.next()).rejects.toEqual(EXPIRED);
  await t.failOver();
  t.bell.ring();
  await ended;
  const anew = await t.feed.subscribe(FILTER, seen[2]!.cursor);
  await t.write(newChange({ deliveryId: 'next' }));
  expect(idsOf(await take(anew, 3))).toEqual(['other lost0', 'other lost1', 'next']);
  await expect(t.feed.subscribe(FILTER, seen[4]!.cursor)).rejects.toEqual(EXPIRED);
});

test('memory gives nothing after a change that it does not have, and says so', () => {
  const [first, second, third, fourth] = [1n, 2n, 3n, 4n].map((seq) => ({ xid: 7n, seq, mark: `kept${seq}` }));
  const recent = createRecent(DELIVERY_CHANGES, { encode: String }, 100);
  recent.reset(
    first!,
    [second!, third!].map((position) => ({ ...newChange(), position })),
  );
  const after = (position: StreamPosition) =>
    recent.read(FILTER, position, 10)?.changes.map((change) => change.position.seq);
  expect([first!, second!, third!].map(after)).toEqual([[2n, 3n], [3n], []]);
  expect([first!, second!, third!].map(withoutMark).map(after)).toEqual([[2n, 3n], [3n], []]);
  expect([first!, second!, third!].map((position) => after({ ...position, mark: 'lost' }))).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(after(fourth!)).toEqual([]); // Another process has read further.
});

test('a cursor of a lost change is expired in a process that saw nothing of it', async () => {
  await using t = await setup();
  const seen = await take(await t.feed.subscribe(FILTER, t.start), 5);
  const newest = await t.feed.currentCursor('acme');
  await t.failOver();
  const fresh = await t.createFeed();
  for (const cursor of [seen[3]!.cursor, seen[4]!.cursor, newest]) {
    await expect(fresh.subscribe(FILTER, cursor)).rejects.toEqual(EXPIRED);
  }
});

test.each([
  ['memory', 16_384],
  ['the table', 1],
])('a cursor of a kept change goes on without gap or repeat, from %s', async (_name, recentChanges) => {
  await using t = await setup();
  const seen = await take(await t.feed.subscribe(FILTER, t.start), 5);
  await t.failOver();
  const fresh = await t.createFeed({ recentChanges });
  for (const nth of [0, 1, 2]) {
    const stream = await fresh.subscribe(FILTER, seen[nth]!.cursor);
    expect(idsOf(await take(stream, 4 - nth))).toEqual(['kept1', 'kept2', 'other lost0', 'other lost1'].slice(nth));
  }
});

test('a subscriber that reads from the table ends where its change was lost, and the others go on', async () => {
  const kept = 3 * PAGE_CHANGES;
  await using t = await setup({ kept, lost: 0, recentChanges: 1 });
  const [one, two] = [await t.feed.subscribe(FILTER, t.start), await t.feed.subscribe(FILTER, t.start)];
  await take(one, PAGE_CHANGES); // It has read a page ahead, and goes on from the last change of that.
  await expect.poll(() => one.upcoming().length).toBe(PAGE_CHANGES);
  await take(two, 1);
  await expect.poll(() => two.upcoming().length).toBe(2 * PAGE_CHANGES - 1);
  await t.failOver(`kept${2 * PAGE_CHANGES - 1}`);
  await expect(take(one, PAGE_CHANGES + 1)).rejects.toEqual(EXPIRED);
  await expect(take(two, 2 * PAGE_CHANGES)).rejects.toEqual(EXPIRED);
  const three = await t.feed.subscribe(FILTER, t.start);
  expect((await take(three, kept)).map(placeOf)).toEqual(await tableHistory(t.database));
});

test('a cursor ahead of this process expires when the tail comes to another change at its place', async () => {
  await using t = await setup({ lost: 0, processes: 2 });
  const [behind, ahead] = t.feeds as [typeof t.feed, typeof t.feed];
  const lagging = await behind.subscribe(FILTER, null); // Its tail runs, and reads when it is rung.
  const all = take(lagging, 3);
  await recordDeliveryChanges(t.database.pool, newChanges(2, 'lost')); // Nobody rings.
  await untilFinal(t.database);
  const [lost, last] = (await take(await ahead.subscribe(FILTER, t.start), 5)).slice(3);
  expect(isAfter(lost!.position, behind.stats().position!)).toBe(true);
  const betrayed = (await behind.subscribe(FILTER, lost!.cursor)).next();
  const trusted = take(await behind.subscribe(FILTER, last!.cursor), 1);
  const expired = expect(betrayed).rejects.toEqual(EXPIRED);
  await t.failOver('lost0');
  await t.write(newChange({ deliveryId: 'next' }));
  await expired;
  expect(idsOf(await trusted)).toEqual(['next']);
  expect(idsOf(await all)).toEqual(['other lost0', 'lost1', 'next']);
});

test('a change has the same cursor in every process, live, from memory and from the table', async () => {
  await using t = await setup({ processes: 2 });
  const live = take(await t.feed.subscribe(FILTER, null), 1);
  await t.write(newChange({ deliveryId: 'live', attemptNumber: null, occurredAt: new Date(1_768_473_000_123) }));
  const [change] = await live;
  const cursors = [await t.feeds[1]!.currentCursor('acme')];
  for (const recentChanges of [16_384, 1]) {
    const seen = await take(await (await t.createFeed({ recentChanges })).subscribe(FILTER, t.start), 6);
    cursors.push(seen.at(-1)!.cursor);
  }
  expect(new Set([change!.cursor, ...cursors]).size).toBe(1);
});

test('a cursor from before a dump is expired in the restored database, although its change is there', async () => {
  await using t = await setup();
  const [first] = await take(await t.feed.subscribe(FILTER, t.start), 1);
  const restored = await t.createFeed({}, { epoch: `${deploymentOf(t.epoch)}anew` });
  await expect(restored.subscribe(FILTER, first!.cursor)).rejects.toEqual(EXPIRED);
  await expect(restored.subscribe(FILTER, t.start)).rejects.toEqual(EXPIRED); // It names no change.
});

import { expect, test } from 'vitest';
import { PAGE_CHANGES } from '../../../src/live/subscribers/change-page.ts';
import {
  DELIVERY_CHANGES,
  type DeliveryChange,
  type DeliveryChangeFilter,
} from '../../../src/live/changes/delivery-changes.ts';
import { createHistory } from '../../../src/live/history.ts';
import { toChange } from '../../../src/live/subscribers/recent.ts';
import { createSubscription } from '../../../src/live/subscribers/subscription.ts';
import { newChange, newChanges, placeOf, tableHistory, take, untilFinal } from '../../support/changes.ts';
import { setupStream } from '../stream.ts';

const FILTER = { organizationId: 'acme' };
const DONE = { value: undefined, done: true };
const NOBODY = { subscriptions: 0, behind: 0, buffered: 0 };

test('return() ends a waiting next() at once, and nothing of the subscription is left', async () => {
  await using t = await setupStream();
  const stream = await t.feed.subscribe(FILTER, null);
  const waiting = [stream.next(), stream.next()];
  expect(await stream.return()).toEqual(DONE);
  expect(await Promise.all(waiting)).toEqual([DONE, DONE]);
  expect(t.feed.stats()).toMatchObject(NOBODY);
  await t.write(newChange());
  expect(await stream.next()).toEqual(DONE);
});

test('leaving the loop of a for await ends the subscription', async () => {
  await using t = await setupStream();
  const stream = await t.feed.subscribe(FILTER, null);
  const loop = (async () => {
    for await (const change of stream) return change.deliveryId;
    return undefined;
  })();
  await t.write(...newChanges(3, 'd'));
  expect(await loop).toBe('d0');
  expect(t.feed.stats()).toMatchObject(NOBODY);
});

test('throw() ends the subscription and rejects with its error', async () => {
  await using t = await setupStream();
  const stream = await t.feed.subscribe(FILTER, null);
  const waiting = stream.next();
  await expect(stream.throw(new Error('no more'))).rejects.toThrow('no more');
  expect(await waiting).toEqual(DONE);
  expect(t.feed.stats()).toMatchObject(NOBODY);
});

test('return() during a read from the table ends at once', async () => {
  await using t = await setupStream({ limits: { recentChanges: 1 } });
  const start = await t.feed.currentCursor('acme');
  await t.write(...newChanges(600, 'd'));
  const stream = await t.feed.subscribe(FILTER, start);
  const waiting = stream.next();
  await stream.return();
  expect(await waiting).toEqual(DONE);
  expect(t.feed.stats()).toMatchObject(NOBODY);
});

test('a subscriber that takes changes from the table finds the next page read when it comes to it', async () => {
  await using t = await setupStream({ limits: { recentChanges: 1 } });
  const start = await t.feed.currentCursor('acme');
  await t.write(...newChanges(4 * PAGE_CHANGES, 'd'));
  await untilFinal(t.database);
  const stream = await t.feed.subscribe(FILTER, start);
  expect(stream.upcoming()).toEqual([]); // It has not asked yet.
  await take(stream, 1);
  await expect.poll(() => stream.upcoming().length).toBe(2 * PAGE_CHANGES - 1);
  const next = stream.upcoming().slice();
  expect(await take(stream, next.length)).toEqual(next);
  await expect.poll(() => stream.upcoming().length).toBe(PAGE_CHANGES);
});

test('what is read ahead is read again when it was taken back during the read', async () => {
  await using t = await setupStream({ limits: { recentChanges: 1 } });
  const start = await t.feed.currentCursor('acme');
  await t.write(...newChanges(2 * PAGE_CHANGES + 10, 'd'));
  await untilFinal(t.database);
  const reading = Promise.withResolvers<void>();
  const history = createHistory(t.database, DELIVERY_CHANGES, t.epoch);
  const end = (await history.latest(0)).before;
  let reads = 0;
  const subscription = createSubscription<DeliveryChange, DeliveryChangeFilter>({
    clock: t.clock,
    filter: FILTER,
    after: t.cursors.decode(start, 'acme').position,
    bufferLimit: 2 * PAGE_CHANGES,
    readAheadBelow: PAGE_CHANGES,
    async read(after) {
      if (++reads === 2) await reading.promise;
      const { placed, through } = await history.readPage(FILTER, after, end);
      return { changes: placed.map((each) => toChange(each, t.cursors)), through, isLive: false };
    },
    onLive: () => {},
    onBehind: () => {},
    onEnd: () => {},
  });
  const [first] = await take(subscription.stream, 1);
  expect(reads).toBe(2);
  subscription.giveBack();
  reading.resolve();
  const rest = await take(subscription.stream, 2 * PAGE_CHANGES + 9);
  expect([first!, ...rest].map(placeOf)).toEqual(await tableHistory(t.database));
});

test('several next() at once are answered in order', async () => {
  await using t = await setupStream();
  const stream = await t.feed.subscribe(FILTER, null);
  const asked = Array.from({ length: 5 }, () => stream.next());
  await t.write(...newChanges(5, 'd'));
  expect((await Promise.all(asked)).map(({ value }) => placeOf(value!))).toEqual(await tableHistory(t.database));
});

test('the tail runs while somebody subscribes, and not longer than it lingers', async () => {
  await using t = await setupStream({ limits: { lingerMs: 0 } });
  expect(t.bell.listeners.size).toBe(0);
  for (let round = 0; round < 3; round++) {
    const [one, two] = await Promise.all([t.feed.subscribe(FILTER, null), t.feed.subscribe(FILTER, null)]);
    const next = take(two, 1);
    await one.return();
    await t.write(newChange({ deliveryId: `d${round}` }));
    expect((await next)[0]).toMatchObject({ deliveryId: `d${round}` });
    expect(t.bell.listeners.size).toBe(1);
    await two.return();
    await expect.poll(() => t.bell.listeners.size).toBe(0);
  }
});

test('a subscriber that comes while the tail stops misses nothing', async () => {
  await using t = await setupStream({ limits: { lingerMs: 0 } });
  let cursor = await t.feed.currentCursor('acme');
  for (let round = 0; round < 30; round++) {
    const stream = await t.feed.subscribe(FILTER, cursor);
    await t.write(newChange({ deliveryId: `d${round}` }));
    const [change] = await take(stream, 1);
    expect(change).toMatchObject({ deliveryId: `d${round}` });
    cursor = change!.cursor;
    void stream.return();
    for (let turn = 0; turn < round % 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
});

test('stopping ends every stream after what it has buffered, and refuses new ones', async () => {
  await using t = await setupStream();
  const waits = await t.feed.subscribe({ organizationId: 'quiet' }, null);
  const waiting = waits.next();
  const reads = await t.feed.subscribe(FILTER, null);
  const first = reads.next();
  await t.write(...newChanges(3, 'd'));
  await first;
  await t.feed.stop();
  expect(await waiting).toEqual(DONE);
  expect((await take(reads, 2)).map(placeOf)).toEqual((await tableHistory(t.database)).slice(1));
  expect(await reads.next()).toEqual(DONE);
  expect(t.bell.listeners.size).toBe(0);
  await expect(t.feed.subscribe(FILTER, null)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  await t.feed.stop();
});

test('a subscription that cannot start rejects, and the next one starts anew', async () => {
  await using t = await setupStream();
  const { query } = t.database.pool;
  t.database.pool.query = () => Promise.reject(new Error('Postgres is away')) as never;
  await expect(t.feed.subscribe(FILTER, null)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  expect(t.errors).toMatchObject([{ message: 'Postgres is away' }]);
  expect(t.feed.stats()).toMatchObject(NOBODY);
  t.database.pool.query = query;
  const stream = await t.feed.subscribe(FILTER, null);
  await t.write(newChange());
  expect(await take(stream, 1)).toHaveLength(1);
});

test('how far a subscriber is behind: the age of the oldest change that waits for it, and 0 when none does', async () => {
  await using t = await setupStream();
  const lagsMs = () => t.feed.stats().lagsMs;
  const stream = await t.feed.subscribe(FILTER, null);
  expect(lagsMs()).toEqual([]); // It has not asked: nobody knows whether it is behind.
  const first = stream.next();
  await t.write(newChange({ occurredAt: t.clock.now() }));
  await first;
  expect(lagsMs()).toEqual([0]);
  await t.write(newChange({ occurredAt: t.clock.now() }), newChange({ occurredAt: t.clock.now() }));
  await expect.poll(() => t.feed.stats().buffered).toBe(2);
  await t.clock.advance(7_000);
  expect(lagsMs()).toEqual([7_000]);
  expect(stream.lag()).toEqual({ nowMs: 7_000, worstMs: 0 });
  await take(stream, 2);
  expect(lagsMs()).toEqual([0]);
  expect(stream.lag()).toEqual({ nowMs: 0, worstMs: 7_000 });
});

import { expect, test } from 'vitest';
import type { DeliveryFeed } from '../../src/live/feed.ts';
import {
  newChange,
  placeOf,
  tableHistory,
  take,
  takeUntil,
  untilFinal,
  writeOutOfOrder,
  type SeenChange,
} from '../support/changes.ts';
import { connectDatabase } from '../../src/database/client.ts';
import { setupStream } from './stream.ts';

const WRITERS = 4;
const CHANGES_PER_WRITER = 800;
const TOTAL = WRITERS * CHANGES_PER_WRITER;
const FILTER = { organizationId: 'acme' };

/** Four writers on connections of their own, whose transactions overlap and commit in any order. */
async function setup() {
  // Small buffers and a short memory, so that every way from the table to a subscriber is taken.
  const limits = { bufferChanges: 32, recentChanges: 200 };
  const t = await setupStream({ processes: 2, limits });
  const writing = connectDatabase({ databaseUrl: t.database.databaseUrl, connections: 16, onConnectionLost: () => {} });
  const milestones: { commits: number; reached: () => void }[] = [];
  let commits = 0;
  const onCommit = () => {
    t.bell.ring();
    commits++;
    for (const milestone of milestones) if (commits >= milestone.commits) milestone.reached();
  };
  const afterCommits = (count: number) =>
    new Promise<void>((reached) => void milestones.push({ commits: count, reached }));
  const fields = (_nth: number, random: () => number) => ({ deliveryId: `d${Math.floor(random() * 100)}` });
  const writeAll = async () => {
    const writers = Array.from({ length: WRITERS }, (_, seed) =>
      writeOutOfOrder({ pool: writing.pool, name: `w${seed}`, changes: CHANGES_PER_WRITER, seed, onCommit, fields }),
    );
    await Promise.all(writers);
    await t.write(newChange({ deliveryId: 'last' }));
  };
  const dispose = async () => {
    await t[Symbol.asyncDispose]();
    await writing.close();
  };
  return { ...t, afterCommits, writeAll, [Symbol.asyncDispose]: dispose };
}

test('every subscriber is given exactly the history of the table, whatever order transactions commit in', async () => {
  await using t = await setup();
  const [one, two] = t.feeds as [DeliveryFeed, DeliveryFeed];
  const start = await one.currentCursor('acme');
  const steady = await one.subscribe(FILTER, null);
  const resumed = await two.subscribe(FILTER, start);

  const [seen, alsoSeen, reconnected] = await Promise.all([
    takeUntil(steady, 'last'),
    takeUntil(resumed, 'last'),
    reconnectEvery(100, t.feeds, start),
    t.writeAll(),
  ]);
  const history = await tableHistory(t.database);
  expect(history).toHaveLength(TOTAL + 1);
  expect(seen.map(placeOf)).toEqual(history);
  expect(alsoSeen.map(placeOf)).toEqual(history);
  expect(reconnected.map(placeOf)).toEqual(history);
  expect(t.errors).toEqual([]);
});

/** A client that takes a while to notice each break: it comes back to the other process with its last cursor. */
async function reconnectEvery(count: number, feeds: readonly DeliveryFeed[], start: string): Promise<SeenChange[]> {
  const seen: SeenChange[] = [];
  for (let round = 0; seen.at(-1)?.deliveryId !== 'last'; round++) {
    const stream = await feeds[round % feeds.length]!.subscribe(FILTER, seen.at(-1)?.cursor ?? start);
    for await (const change of stream) {
      seen.push(change);
      if (change.deliveryId === 'last' || seen.length % count === 0) break;
    }
  }
  return seen;
}

test('a list joins the stream without a gap while writers run', async () => {
  await using t = await setup();
  const joins = Array.from({ length: 8 }, async (_, nth) => {
    await t.afterCommits(1 + nth * 100);
    const cursor = await t.feed.currentCursor('acme');
    const listed = new Set(await tableHistory(t.database));
    const followed = await takeUntil(await t.feed.subscribe(FILTER, cursor), 'last');
    return { listed, followed: followed.map(placeOf) };
  });
  await t.writeAll();
  const history = await tableHistory(t.database);
  for (const { listed, followed } of await Promise.all(joins)) {
    expect(followed).toEqual(history.slice(-followed.length));
    const seen = new Set([...listed, ...followed]);
    expect(history.filter((place) => !seen.has(place))).toEqual([]);
  }
});

test('all subscribers are given the same object, also those who come a moment later', async () => {
  await using t = await setupStream();
  const start = await t.feed.currentCursor('acme');
  const streams = await Promise.all(Array.from({ length: 3 }, () => t.feed.subscribe(FILTER, null)));
  const next = streams.map((stream) => take(stream, 2));
  await t.write(newChange({ deliveryId: 'd1' }), newChange({ deliveryId: 'd2' }));
  const [[first, second] = [], ...others] = await Promise.all(next);
  others.push(await take(await t.feed.subscribe(FILTER, start), 2));
  for (const [otherFirst, otherSecond] of others) {
    expect(otherFirst).toBe(first);
    expect(otherSecond).toBe(second);
  }
});

test('without a cursor the stream starts now', async () => {
  await using t = await setupStream();
  await t.write(newChange({ deliveryId: 'before' }));
  await untilFinal(t.database);
  const stream = await t.feed.subscribe(FILTER, null);
  await t.write(newChange({ deliveryId: 'after' }));
  expect((await take(stream, 1))[0]).toMatchObject({ deliveryId: 'after' });
});

test('a change carries what was recorded, its place and its cursor', async () => {
  await using t = await setupStream();
  const stream = await t.feed.subscribe(FILTER, null);
  const written = newChange({ previousStatus: null, status: 'PENDING', attemptNumber: null });
  await t.write(written);
  const [change] = await take(stream, 1);
  const { position, cursor, ...facts } = change!;
  expect(facts).toEqual(written);
  expect(`${position.xid}.${position.seq}`).toBe((await tableHistory(t.database))[0]);
  expect(cursor).toBe(await t.feed.currentCursor('acme'));
});

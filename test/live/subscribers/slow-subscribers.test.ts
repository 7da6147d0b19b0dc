import { expect, test } from 'vitest';
import type { RequestError } from '../../../src/errors.ts';
import { PAGE_CHANGES } from '../../../src/live/subscribers/change-page.ts';
import {
  newChange,
  newChanges,
  placeOf,
  tableHistory,
  take,
  takeUntil,
  type SeenChange,
} from '../../support/changes.ts';
import { setupStream } from '../stream.ts';

const FILTER = { organizationId: 'acme' };
const SLOW_CHECK_MS = 5;

/** Moves the clock, then lets every subscriber be looked at twice: what was not taken in between is stalled. */
async function checkSlow({ clock, feed }: Awaited<ReturnType<typeof setupStream>>, ms: number) {
  await clock.advance(ms);
  const { monotonicMs } = clock;
  let looks = 0;
  const counted = () => {
    looks++;
    return monotonicMs();
  };
  Object.assign(clock, { monotonicMs: counted });
  await expect.poll(() => looks >= 2 * feed.stats().subscriptions, { interval: SLOW_CHECK_MS }).toBe(true);
  Object.assign(clock, { monotonicMs });
}

test.each([
  ['from memory', 16_384],
  ['from the table', 1],
])(
  'a subscriber that reads slowly loses nothing, repeats nothing and holds no more than its buffer, %s',
  async (_name, recentChanges) => {
    await using t = await setupStream({ limits: { bufferChanges: 16, recentChanges } });
    const slow = await t.feed.subscribe(FILTER, null);
    const fast = await t.feed.subscribe(FILTER, null);
    const seen: SeenChange[] = [];
    const first = take(slow, 1);
    for (let round = 0; round < 40; round++) {
      const following = take(fast, 50);
      await t.write(...newChanges(50, `d${round}-`));
      await following;
      if (round === 0) seen.push(...(await first));
      seen.push(...(await take(slow, round % 7))); // Live, behind, and live again, at one time or another.
      expect(t.feed.stats().buffered).toBeLessThan(2 * PAGE_CHANGES);
    }
    await t.write(newChange({ deliveryId: 'last' }));
    seen.push(...(await takeUntil(slow, 'last')));
    expect(seen.map(placeOf)).toEqual(await tableHistory(t.database));

    const [next] = [take(slow, 1), take(fast, 2)];
    await t.write(newChange({ deliveryId: 'live again' }));
    expect((await next)[0]).toMatchObject({ deliveryId: 'live again' });
    expect(t.feed.stats()).toMatchObject({ subscriptions: 2, behind: 0, buffered: 0 });
  },
);

test('a subscriber that stopped reading holds at most its buffer while thousands of changes pass', async () => {
  await using t = await setupStream({ limits: { bufferChanges: 16 } });
  const stopped = await t.feed.subscribe(FILTER, null);
  const first = stopped.next();
  const reader = await t.feed.subscribe(FILTER, null);
  const reading = take(reader, 3_000);
  for (let round = 0; round < 30; round++) await t.write(...newChanges(100, `d${round}-`));
  await reading;
  expect(t.feed.stats()).toMatchObject({ subscriptions: 2, behind: 1, buffered: 16 });
  const rest = await take(stopped, 2_999);
  expect([(await first).value as SeenChange, ...rest].map(placeOf)).toEqual(await tableHistory(t.database));
});

test('what a stalled subscriber leaves is taken back, and read again when it asks', async () => {
  await using t = await setupStream({ limits: { slowCheckMs: SLOW_CHECK_MS } });
  const stalled = await t.feed.subscribe(FILTER, null);
  const first = stalled.next();
  const reader = await t.feed.subscribe(FILTER, null);
  const reading = take(reader, 10);
  await t.write(...newChanges(10, 'd'));
  await reading;
  await first;
  await expect.poll(() => t.feed.stats()).toMatchObject({ behind: 1, buffered: 0 });
  expect((await take(stalled, 9)).map(placeOf)).toEqual((await tableHistory(t.database)).slice(1));
});

const slowLimits = { slowCheckMs: SLOW_CHECK_MS, bufferChanges: 16, slowBehindChanges: 500 };

test('a stalled subscriber that is too far behind ends with SLOW_CONSUMER, and resumes from its cursor', async () => {
  await using t = await setupStream({ limits: slowLimits });
  const told: RequestError[] = [];
  const stalled = await t.feed.subscribe(FILTER, null, (error) => told.push(error));
  const first = stalled.next();
  const reader = await t.feed.subscribe(FILTER, null);
  const reading = take(reader, 600);
  await t.write(...newChanges(600, 'd'));
  await reading;
  const seen = [(await first).value as SeenChange, ...(await take(stalled, 4))];
  await checkSlow(t, 0);
  await checkSlow(t, 60_000);
  await expect.poll(() => told).toHaveLength(1);
  expect(told[0]).toMatchObject({ code: 'SLOW_CONSUMER', details: { cursor: seen.at(-1)!.cursor } });
  await expect(stalled.next()).rejects.toBe(told[0]);
  expect(await stalled.next()).toEqual({ value: undefined, done: true });
  expect(t.feed.stats()).toMatchObject({ subscriptions: 1 });

  const resumed = await t.feed.subscribe(FILTER, told[0]!.details['cursor'] as string);
  seen.push(...(await take(resumed, 595)));
  expect(seen.map(placeOf)).toEqual(await tableHistory(t.database));
});

test('a stalled subscriber with little to read is left alone for ten minutes, then ended', async () => {
  await using t = await setupStream({ limits: slowLimits });
  const told: RequestError[] = [];
  const stalled = await t.feed.subscribe(FILTER, null, (error) => told.push(error));
  const first = stalled.next();
  await t.write(...newChanges(2, 'd'));
  await first;
  await checkSlow(t, 0);
  await checkSlow(t, 599_999);
  expect(told).toEqual([]);
  await checkSlow(t, 1);
  await expect.poll(() => told).toMatchObject([{ code: 'SLOW_CONSUMER' }]);
});

test('a subscriber that waits, or reads however slowly, is never too slow', async () => {
  await using t = await setupStream({ limits: slowLimits });
  const waits = await t.feed.subscribe({ ...FILTER, status: ['FAILED'] }, null);
  const waiting = waits.next();
  const crawls = await t.feed.subscribe(FILTER, null);
  const crawled = take(crawls, 1);
  await t.write(...newChanges(600, 'd'));
  const seen = await crawled;
  for (let minute = 0; minute < 20; minute++) {
    await checkSlow(t, 59_000);
    seen.push(...(await take(crawls, 1)));
  }
  expect(seen.map(placeOf)).toEqual((await tableHistory(t.database)).slice(0, 21));
  await t.write(newChange({ deliveryId: 'd', status: 'FAILED' }));
  expect((await waiting).value).toMatchObject({ status: 'FAILED' });
});

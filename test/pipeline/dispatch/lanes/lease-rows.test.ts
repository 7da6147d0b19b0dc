/** Leases in PostgreSQL: who has one, when it is free, and what the next holder waits for. */
import { expect, test } from 'vitest';
import { systemClock } from '../../../../src/clock.ts';
import { createLeaseRows, TERM_MS } from '../../../../src/pipeline/dispatch/lanes/lease-rows.ts';
import { WAITING } from '../../control-setup.ts';
import { createTestDatabase } from '../../../support/database.ts';

const TIMEOUT_MS = 20_000;

async function setup() {
  const database = await createTestDatabase();
  const rows = createLeaseRows(database, TIMEOUT_MS);
  const want = (targetIds: readonly string[], hasOpenLimit = false) =>
    targetIds.map((targetId) => ({ targetId, hasOpenLimit }));
  return {
    ...rows,
    database,
    async term() {
      const id = systemClock.uuid();
      await rows.begin(id);
      return id;
    },
    take: (termId: string, ...targetIds: string[]) => rows.take(termId, want(targetIds)),
    takeOpenLimited: async (termId: string, targetId: string) => (await rows.take(termId, want([targetId], true)))[0]!,
    /** As if its process had not been heard of for so long. */
    lapse: (termId: string, agoMs = 1) =>
      database.pool.query(`update lease_terms set ends_at = clock_timestamp() - $2 * interval '1 ms' where id = $1`, [
        termId,
        agoMs,
      ]),
    [Symbol.asyncDispose]: () => database.close(),
  };
}

test('a lease belongs to the process that takes it first, until that gives it up', async () => {
  await using t = await setup();
  const [one, other] = [await t.term(), await t.term()];
  expect(await t.take(one, 'a')).toEqual([{ targetId: 'a', isMine: true, waitMs: 0, othersMs: 0 }]);
  const [refused] = await t.take(other, 'a');
  expect(refused).toMatchObject({ isMine: false });
  expect(refused!.othersMs).toBeGreaterThan(0);
  expect(refused!.othersMs).toBeLessThanOrEqual(TERM_MS);
  await t.giveUp(other, [{ targetId: 'a', waitMs: 0 }]); // It has none.
  expect(await t.take(other, 'a')).toMatchObject([{ isMine: false }]);
  await t.giveUp(one, [{ targetId: 'a', waitMs: 0 }]);
  expect(await t.take(other, 'a')).toMatchObject([{ isMine: true, waitMs: 0 }]);
});

test('the next holder waits for what the one before says', async () => {
  await using t = await setup();
  const [one, other] = [await t.term(), await t.term()];
  await t.take(one, 'a');
  await t.giveUp(one, [{ targetId: 'a', waitMs: 60_000 }]);
  const [taken] = await t.take(other, 'a');
  expect(taken!.waitMs).toBeGreaterThan(50_000);
});

test('of processes that take the same leases at once, each lease goes to one', async () => {
  await using t = await setup();
  const terms = [await t.term(), await t.term(), await t.term()];
  const targetIds = Array.from({ length: 200 }, (_, index) => `target-${index}`);
  for (let round = 0; round < 5; round++) {
    const answers = await Promise.all(
      terms.map((term, index) => t.take(term, ...(index ? targetIds.toReversed() : targetIds))),
    );
    const mine = answers.map((each) => each.filter(({ isMine }) => isMine).map(({ targetId }) => targetId));
    expect(mine.flat().toSorted()).toEqual(targetIds.toSorted());
    for (const [index, term] of terms.entries()) {
      expect([...(await t.leasesOf(term))].toSorted()).toEqual(mine[index]!.toSorted());
      await t.giveUp(
        term,
        mine[index]!.map((targetId) => ({ targetId, waitMs: 0 })),
      );
    }
  }
});

test('a term that is extended does not end; one that has lapsed is over as soon as another process asks, and for good', async () => {
  await using t = await setup();
  const [one, other] = [await t.term(), await t.term()];
  await t.take(one, 'a', 'b');
  await t.lapse(one);
  expect(await t.extend(one)).toBe(2); // Nobody asked.
  expect(await t.take(other, 'a')).toMatchObject([{ isMine: false }]);
  await t.lapse(one);
  expect(await t.take(other, 'a')).toMatchObject([{ isMine: true, waitMs: 0 }]);
  expect(await t.extend(one)).toBeUndefined();
  expect(await t.take(one, 'c')).toMatchObject([{ isMine: false }]);
});

test('a process that asks while a term is being extended waits, and finds it extended', async () => {
  await using t = await setup();
  const [one, other] = [await t.term(), await t.term()];
  await t.take(one, 'a');
  await t.lapse(one);
  const client = await t.database.pool.connect();
  await client.query('begin');
  await client.query(`update lease_terms set ends_at = clock_timestamp() + interval '1 minute' where id = $1`, [one]);
  const taking = t.take(other, 'a');
  await expect.poll(async () => (await t.database.reads.query(WAITING)).rowCount).toBeGreaterThan(0);
  await client.query('commit');
  client.release();
  expect(await taking).toMatchObject([{ isMine: false }]);
});

test('requests of a process that died may be open for their timeout: a limit of those counts from its end', async () => {
  await using t = await setup();
  const [one, other, third] = [await t.term(), await t.term(), await t.term()];
  await t.take(one, 'a', 'b', 'c');
  await t.lapse(one, 5_000);
  const taken = await t.takeOpenLimited(other, 'a');
  expect(taken.isMine).toBe(true);
  expect(taken.waitMs).toBeGreaterThan(TIMEOUT_MS - 10_000);
  expect(taken.waitMs).toBeLessThanOrEqual(TIMEOUT_MS - 5_000);
  expect(await t.take(other, 'b')).toMatchObject([{ isMine: true, waitMs: 0 }]); // Only its rate is limited.
  await t.giveUp(other, [{ targetId: 'a', waitMs: 0 }]);
  expect((await t.takeOpenLimited(third, 'a')).waitMs).toBeGreaterThan(TIMEOUT_MS - 10_000);
  await t.lapse(one, TIMEOUT_MS + 1);
  expect(await t.takeOpenLimited(third, 'c')).toMatchObject({ isMine: true, waitMs: 0 });
});

test('a process that ends its term leaves its leases free', async () => {
  await using t = await setup();
  const [one, other] = [await t.term(), await t.term()];
  await t.take(one, 'a');
  await t.end(one);
  expect(await t.takeOpenLimited(other, 'a')).toMatchObject({ isMine: true, waitMs: 0 });
});

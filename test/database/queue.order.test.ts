/** In which order due jobs are claimed. */
import { PgBoss } from 'pg-boss';
import { expect, test } from 'vitest';
import { dueRange, dueRetries, freshPriority, urgentPriority } from '../../src/database/priority.ts';
import { QUEUE, wasInterrupted } from '../../src/database/job.ts';
import { createQueue } from '../../src/database/queue.ts';
import { createManualClock } from '../support/clock.ts';
import { createTestDatabase } from '../support/database.ts';

const fail = (error: Error) => {
  throw error;
};

async function setup() {
  const database = await createTestDatabase();
  const clock = createManualClock();
  const options = { database, supervise: false, attemptTimeoutMs: 20_000, onError: fail, clock: clock.boss };
  const queue = createQueue(options);
  await queue.start();
  const later = (ms: number) => new Date(clock.now().getTime() + ms);
  const job = (deliveryId: string, startAfter = clock.now(), priority?: number) => ({
    id: clock.uuid(),
    deliveryId,
    startAfter,
    ...(priority !== undefined && { priority }),
  });
  const names = (jobs: readonly { deliveryId: string }[]) => jobs.map(({ deliveryId }) => deliveryId);
  const dispose = async () => {
    await queue.stop();
    await database.close();
  };
  return { database, clock, queue, later, job, names, [Symbol.asyncDispose]: dispose };
}

test('fresh jobs come first, by their turns; then retries, by the time at which they were due', async () => {
  await using t = await setup();
  const now = t.clock.now();
  const jobs = [
    t.job('retry 2', t.later(20_000)),
    t.job('retry 1', t.later(10_000)),
    t.job('ahead', now, freshPriority(t.later(600_000))),
    t.job('fresh', now, freshPriority(now)),
    t.job('urgent', now, urgentPriority(now)),
  ];
  for (const one of jobs) await t.queue.insert(t.database.pool, [one]);
  await t.clock.advance(30_000);
  const claimed: string[] = [];
  for (let [next] = await t.queue.fetch(1); next; [next] = await t.queue.fetch(1)) claimed.push(next.deliveryId);
  expect(claimed).toEqual(['urgent', 'fresh', 'ahead', 'retry 1', 'retry 2']);
});

test('jobs of one turn are claimed in the order in which they were inserted', async () => {
  await using t = await setup();
  const names = Array.from({ length: 20 }, (_, index) => `d${index}`);
  for (const name of names) {
    await t.queue.insert(t.database.pool, [t.job(name, t.clock.now(), 7)]);
    await t.clock.advance(1);
  }
  expect(t.names(await t.queue.fetch(20)).sort()).toEqual(names.slice(0, 16).sort());
});

test('a claim of retries leaves the fresh jobs, and a claim of everything due misses none', async () => {
  await using t = await setup();
  const now = t.clock.now();
  await t.queue.insert(t.database.pool, [t.job('fresh', now, freshPriority(t.later(3_600_000))), t.job('retry', now)]);
  await t.queue.insert(t.database.pool, [t.job('not due', t.later(1))]);
  expect(t.names(await t.queue.fetch(10, dueRetries(now)))).toEqual(['retry']);
  expect(t.names(await t.queue.fetch(10, dueRange(now)))).toEqual(['fresh']);
  await t.clock.advance(1);
  expect(t.names(await t.queue.fetch(10, dueRange(t.clock.now())))).toEqual(['not due']);
});

test.each([1, 15, 16, 17, 100])('%i jobs are inserted and claimed at once, before anybody sees them', async (count) => {
  await using t = await setup();
  const jobs = Array.from({ length: count }, (_, index) => t.job(`d${index}`));
  await t.database.transaction(async (tx) => {
    const claimed = await t.queue.insertClaimed(tx, jobs);
    expect(t.names(claimed).sort()).toEqual(t.names(jobs).sort());
    expect(await t.queue.fetch(100)).toEqual([]);
  });
  expect(await t.queue.fetch(100)).toEqual([]);
  expect((await t.database.pool.query("select from pgboss.job where state = 'active'")).rowCount).toBe(count);
});

test.each([0, 300_000])('a job that is due in %i ms is inserted as pg-boss inserts it', async (dueInMs) => {
  await using t = await setup();
  const { pool, connector } = t.database;
  const [ours, theirs] = [t.job('ours', t.later(dueInMs), -5), t.job('theirs', t.later(dueInMs), -5)];
  const db = { executeSql: (text: string, values: unknown[] = []) => pool.query(text, values) };
  const boss = new PgBoss({ db, schema: connector.queueSchema, schedule: false, supervise: false, migrate: false });
  const [data, startAfter] = [{ deliveryId: 'theirs' }, theirs.startAfter.toISOString()];
  await boss.start();
  await boss.insert(QUEUE, [{ id: theirs.id, data, startAfter, priority: -5 }]);
  await boss.stop({ close: false });
  await t.queue.insert(pool, [ours]);
  const { rows } = await pool.query('select * from pgboss.job order by data');
  expect(rows).toMatchObject([{ id: ours.id, data: { deliveryId: 'ours' } }, { id: theirs.id }]);
  expect({ ...rows[0], id: theirs.id, data }).toEqual(rows[1]);
});

test('a job that is inserted as a claimed one is like a job that was inserted and then claimed', async () => {
  await using t = await setup();
  const [one, other] = [t.job('one', t.clock.now(), -5), t.job('other', t.clock.now(), -5)];
  await t.queue.insert(t.database.pool, [one]);
  const fetched = await t.queue.fetch(10);
  const { rows: inserted } = await t.database.pool.query(t.queue.insertionClaimed([other]));
  expect(inserted).toEqual([{ id: other.id }]);
  const { rows } = await t.database.pool.query('select * from pgboss.job order by data');
  expect(rows.map(({ state }) => state)).toEqual(['active', 'active']);
  expect({ ...rows[1], id: one.id, data: rows[0].data }).toEqual(rows[0]);
  expect(rows[1].data).toEqual({ deliveryId: 'other' });
  expect(fetched).toEqual([{ id: one.id, deliveryId: 'one', retryCount: 0 }]);
});

test('of jobs to be claimed at once, those that are not due are only inserted', async () => {
  await using t = await setup();
  const jobs = [t.job('due'), t.job('later', t.later(1_000))];
  const claimed = await t.database.transaction((tx) => t.queue.insertClaimed(tx, jobs));
  expect(t.names(claimed)).toEqual(['due']);
  await t.clock.advance(1_000);
  expect(t.names(await t.queue.fetch(10, dueRange(t.clock.now())))).toEqual(['later']);
});

test('a job that was claimed and came back is ahead of all others, unless its workers keep dying', async () => {
  await using t = await setup();
  const now = t.clock.now();
  const lost = t.job('lost', now, freshPriority(t.later(600_000)));
  await t.queue.insert(t.database.pool, [lost]);
  const comeBack = async () => {
    expect(t.names(await t.queue.fetch(1))).toEqual(['lost']);
    await t.database.pool.query("update pgboss.job set state = 'retry'"); // What pg-boss does when the heartbeat stops.
  };
  await comeBack();
  expect(await t.queue.rescue()).toBe(1);
  expect(await t.queue.rescue()).toBe(0);
  await t.queue.insert(t.database.pool, [t.job('urgent', now, urgentPriority(now))]);
  expect(t.names(await t.queue.fetch(1))).toEqual(['lost']);

  await t.database.pool.query("update pgboss.job set state = 'retry', retry_count = 10, priority = -5 where id = $1", [
    lost.id,
  ]);
  expect(await t.queue.rescue()).toBe(0);
});

test('jobs that are given back keep their turn: nothing rescues them', async () => {
  await using t = await setup();
  const now = t.clock.now();
  const flood = Array.from({ length: 3 }, (_, index) => t.job(`flood ${index}`, now, freshPriority(t.later(60_000))));
  await t.queue.insert(t.database.pool, flood);
  const claimed = await t.queue.fetch(3);
  await t.queue.insert(t.database.pool, [t.job('other', now, freshPriority(now))]);
  await t.queue.giveBack(claimed, now);
  expect(await t.queue.rescue()).toBe(0);
  const again = await t.queue.fetch(4);
  expect(again[0]).toMatchObject({ deliveryId: 'other' });
  expect(t.names(again).slice(1).sort()).toEqual(['flood 0', 'flood 1', 'flood 2']);
  expect(again.map(wasInterrupted)).toEqual([false, false, false, false]);
});

test('a job that was given back and is then interrupted is rescued, however often it was given back before', async () => {
  await using t = await setup();
  const now = t.clock.now();
  await t.queue.insert(t.database.pool, [t.job('lost', now, freshPriority(t.later(600_000)))]);
  for (let count = 0; count < 12; count++) await t.queue.giveBack(await t.queue.fetch(1), now);
  await t.queue.fetch(1);
  await t.database.pool.query("update pgboss.job set state = 'retry'"); // What pg-boss does when the heartbeat stops.
  expect(await t.queue.rescue()).toBe(1);
  await t.queue.insert(t.database.pool, [t.job('urgent', now, urgentPriority(now))]);
  const [first] = await t.queue.fetch(1);
  expect([first!.deliveryId, wasInterrupted(first!)]).toEqual(['lost', true]);
});

test('a held job that was taken and given back is behind what was published before, not ahead of everything', async () => {
  await using t = await setup();
  const now = t.clock.now();
  const taken = await t.database.transaction((tx) => t.queue.insertClaimed(tx, [t.job('taken')]));
  await t.queue.insert(t.database.pool, [t.job('earlier', now, freshPriority(t.later(-60_000)))]);
  await t.queue.insert(t.database.pool, [t.job('far ahead', now, freshPriority(t.later(60_000)))]);
  await t.queue.giveBack(taken, now);
  expect(t.names(await t.queue.fetch(1))).toEqual(['earlier']);
  expect(t.names(await t.queue.fetch(1))).toEqual(['taken']);
});

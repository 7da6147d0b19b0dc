import { expect, test } from 'vitest';
import { createQueue } from '../../src/database/queue.ts';
import { createManualClock } from '../support/clock.ts';
import { createTestDatabase } from '../support/database.ts';

const fail = (error: Error) => {
  throw error;
};

async function setup() {
  const database = await createTestDatabase();
  const clock = createManualClock();
  const queue = createQueue({
    database,
    supervise: false,
    attemptTimeoutMs: 20_000,
    onError: fail,
    clock: clock.boss,
  });
  await queue.start();
  const dispose = async () => {
    await queue.stop();
    await database.close();
  };
  return { database, clock, queue, [Symbol.asyncDispose]: dispose };
}

test('a dated job is claimed when its time has come, not before', async () => {
  await using t = await setup();
  const dueAt = new Date(t.clock.now().getTime() + 300_000);
  await t.queue.insert(t.database.pool, [{ id: t.clock.uuid(), deliveryId: 'd1', startAfter: dueAt }]);

  await t.clock.advance(299_999);
  expect(await t.queue.fetch(10)).toEqual([]);
  await t.clock.advance(1);
  expect(await t.queue.fetch(10)).toMatchObject([{ deliveryId: 'd1', retryCount: 0 }]);
});

test('a job inserted in a transaction that rolls back does not exist', async () => {
  await using t = await setup();
  const insertAndFail = t.database.transaction(async (tx) => {
    await t.queue.insert(tx, [{ id: t.clock.uuid(), deliveryId: 'd1', startAfter: t.clock.now() }]);
    throw new Error('no');
  });
  await expect(insertAndFail).rejects.toThrow('no');
  expect(await t.queue.fetch(10)).toEqual([]);
});

test('a removed job is gone, claimed or not', async () => {
  await using t = await setup();
  const [first, second] = [t.clock.uuid(), t.clock.uuid()];
  const jobs = [first, second].map((id) => ({ id, deliveryId: `of ${id}`, startAfter: t.clock.now() }));
  await t.queue.insert(t.database.pool, jobs);
  const [claimed] = await t.queue.fetch(1);
  await t.database.transact([await t.queue.removal([claimed!])]);
  await t.queue.discard(t.database.pool, [claimed!.id === first ? second : first]);
  const { rows } = await t.database.pool.query('select count(*)::int as count from pgboss.job');
  expect(rows).toEqual([{ count: 0 }]);
});

test('jobs inserted with other statements of one round trip are due like any others', async () => {
  await using t = await setup();
  const jobs = ['d1', 'd2'].map((deliveryId) => ({ id: t.clock.uuid(), deliveryId, startAfter: t.clock.now() }));
  await t.database.transact([await t.queue.insertion(jobs)]);
  expect((await t.queue.fetch(10)).map((job) => job.deliveryId).sort()).toEqual(['d1', 'd2']);
});

test('a stale claim cannot remove the job of a newer one', async () => {
  await using t = await setup();
  await t.queue.insert(t.database.pool, [{ id: t.clock.uuid(), deliveryId: 'd1', startAfter: t.clock.now() }]);
  const [stale] = await t.queue.fetch(1);
  await t.database.pool.query("update pgboss.job set state = 'retry'"); // What pg-boss does when the heartbeat stops.
  const [fresh] = await t.queue.fetch(1);
  expect(fresh).toEqual({ ...stale!, retryCount: stale!.retryCount + 1 });

  const countJobs = async () => (await t.database.pool.query('select from pgboss.job')).rowCount;
  await t.database.transact([await t.queue.removal([stale!])]);
  expect(await countJobs()).toBe(1);
  await t.database.transact([await t.queue.removal([fresh!])]);
  expect(await countJobs()).toBe(0);
});

import { expect, test } from 'vitest';
import { wasInterrupted } from '../../src/database/job.ts';
import { createQueue } from '../../src/database/queue.ts';
import { RESCUED_PRIORITY } from '../../src/database/priority.ts';
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
  await t.database.transact([t.queue.insertion(jobs)]);
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

test('a touch keeps a claim alive, and only that claim', async () => {
  await using t = await setup();
  await t.queue.insert(t.database.pool, [{ id: t.clock.uuid(), deliveryId: 'd1', startAfter: t.clock.now() }]);
  const [stale] = await t.queue.fetch(1);
  const heartbeat = async () =>
    (await t.database.pool.query('select heartbeat_on from pgboss.job')).rows[0].heartbeat_on;
  await t.clock.advance(1_000);
  await t.queue.touch([stale!]);
  expect(await heartbeat()).toEqual(t.clock.now());
  await t.database.pool.query("update pgboss.job set state = 'retry'"); // What pg-boss does when the heartbeat stops.
  await t.queue.fetch(1);
  await t.clock.advance(1_000);
  await t.queue.touch([stale!]);
  expect(await heartbeat()).not.toEqual(t.clock.now());
});

test('touches and rescues wait for no connection that batches take, and for no lock, so that none ends in a deadlock', async () => {
  await using t = await setup();
  const jobs = ['d1', 'd2', 'd3', 'd4'].map((deliveryId) => ({
    id: t.clock.uuid(),
    deliveryId,
    startAfter: t.clock.now(),
  }));
  await t.queue.insert(t.database.pool, jobs);
  const claimed = await t.queue.fetch(4);
  const [removed, kept, lost, interrupted] = claimed.map(({ id }) => id);
  await t.database.pool.query("update pgboss.job set state = 'retry' where id = any($1)", [[lost, interrupted]]);
  await t.clock.advance(1_000);
  const clients = await Promise.all(Array.from({ length: 10 }, () => t.database.pool.connect()));
  const [client] = clients;
  await client!.query('begin');
  await client!.query('delete from pgboss.job where id = any($1)', [[removed, lost]]);
  await t.queue.touch(claimed);
  expect(await t.queue.rescue()).toBe(1);
  const { rows } = await client!.query('select id, priority, heartbeat_on from pgboss.job');
  expect(rows.find(({ id }) => id === kept)).toMatchObject({ heartbeat_on: t.clock.now() });
  expect(rows.find(({ id }) => id === interrupted)).toMatchObject({ priority: RESCUED_PRIORITY });
  await client!.query('rollback');
  for (const each of clients) each.release();
});

test('a claim that was given back can no longer touch, give back or remove the job', async () => {
  await using t = await setup();
  await t.queue.insert(t.database.pool, [{ id: t.clock.uuid(), deliveryId: 'd1', startAfter: t.clock.now() }]);
  const [stale] = await t.queue.fetch(1);
  await t.queue.giveBack([stale!], t.clock.now());
  const [fresh] = await t.queue.fetch(1);
  expect(fresh).toMatchObject({ id: stale!.id, retryCount: 1, givenBack: 1 });
  await t.clock.advance(1_000);
  await t.queue.touch([stale!]);
  await t.queue.giveBack([stale!], t.clock.now());
  await t.database.transact([await t.queue.removal([stale!])]);
  const { rows } = await t.database.pool.query('select state, heartbeat_on < $1 as untouched from pgboss.job', [
    t.clock.now(),
  ]);
  expect(rows).toEqual([{ state: 'active', untouched: true }]);
});

test('a postponed job is claimed when its time has come, and is not taken for an interrupted one', async () => {
  await using t = await setup();
  await t.queue.insert(t.database.pool, [{ id: t.clock.uuid(), deliveryId: 'd1', startAfter: t.clock.now() }]);
  const [job] = await t.queue.fetch(1);
  await t.queue.postpone(job!, new Date(t.clock.now().getTime() + 60_000));
  await t.clock.advance(59_999);
  expect([await t.queue.rescue(), await t.queue.fetch(1)]).toEqual([0, []]);
  await t.clock.advance(1);
  const [again] = await t.queue.fetch(1);
  expect(again).toMatchObject({ deliveryId: 'd1' });
  expect(wasInterrupted(again!)).toBe(false);
});

test.each([
  { waiting: 50_000, seconds: null, when: 'with the next look' },
  { waiting: 200_000, seconds: 20, when: '20 s after the last one' },
  { waiting: 5_000_000, seconds: 60, when: '60 s after the last one' },
])('with $waiting jobs that wait, the next count of them comes $when', async ({ waiting, seconds }) => {
  await using t = await setup();
  const { pool } = t.database;
  await pool.query('update pgboss.queue set monitor_on = pgboss.job_now(), queued_count = $1', [waiting]);
  const caretaker = createQueue({
    database: t.database,
    supervise: true,
    attemptTimeoutMs: 20_000,
    onError: fail,
    clock: t.clock.boss,
  });
  await caretaker.start();
  await caretaker.stop();
  const { rows } = await pool.query(
    `select round(extract(epoch from monitor_backoff_on - monitor_on))::int as seconds from pgboss.version, pgboss.queue`,
  );
  expect(rows).toEqual([{ seconds }]);
});

test('while PostgreSQL does not answer whether the count is put off, it is not asked again', async () => {
  await using t = await setup();
  let asked = 0;
  const answer = Promise.withResolvers<void>();
  const transact: typeof t.database.transact = async (statements, options) => {
    const isAsked = Array.isArray(statements) && statements.some(({ name }) => name === 'defer_job_count');
    if (isAsked && ++asked > 1) await answer.promise;
    return t.database.transact(statements, options);
  };
  const caretaker = createQueue({
    database: { ...t.database, transact },
    supervise: true,
    attemptTimeoutMs: 20_000,
    onError: fail,
    clock: t.clock.boss,
  });
  await caretaker.start();
  for (let look = 0; look < 3; look++) await t.clock.boss.tick(5_000);
  expect(asked).toBe(2);
  answer.resolve();
  await caretaker.stop();
});

test('a clock that was set back does not put the count off for longer', async () => {
  await using t = await setup();
  await t.database.pool.query(`update pgboss.version set monitor_backoff_on = pgboss.job_now() + interval '1 hour'`);
  await t.queue.catchUp();
  const { rows } = await t.database.pool.query('select monitor_backoff_on as "putOffTo" from pgboss.version');
  expect(rows).toEqual([{ putOffTo: null }]);
});

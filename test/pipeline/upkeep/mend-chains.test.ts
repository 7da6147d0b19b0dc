/** A sweep finds a chain without a head and says so as an error; it never has to. */
import { expect, test } from 'vitest';
import type { Head } from '../../../src/live/order/heads.ts';
import { createChainMender } from '../../../src/pipeline/upkeep/mend-chains.ts';
import { setup as setupOrder, type Ordering } from '../order-setup.ts';

async function setup(order: Ordering = {}, options: Parameters<typeof setupOrder>[1] = {}) {
  const t = await setupOrder(order, options);
  const lost: Head[] = [];
  let wakes = true;
  /** What is released is sent by runDue, and not before. */
  const waitForRunDue = () => void (wakes = false);
  const mender = createChainMender({
    ...t,
    onLost: (head) => void lost.push(head),
    onReleased: () => void (wakes && t.worker.dispatcher.wake()),
    onError: (error) => {
      throw error;
    },
  });
  return { ...t, lost, mender, waitForRunDue, [Symbol.asyncDispose]: () => t[Symbol.asyncDispose]() };
}

test.each([
  ['has ended in its place', `update deliveries set status = 'DELIVERED', job_id = null where id = $1`],
  ['is gone', 'delete from deliveries where id = $1'],
  ['has left its place', 'delete from ordered_deliveries where delivery_id = $1'],
])('a chain whose head %s is reported, and goes on', async (_, sql) => {
  await using t = await setup();
  t.waitForRunDue();
  const ids = await t.publishInTurn(['a', 'b', 'c']);
  await t.rows(sql, [ids[0]]);
  await t.mender.run();
  expect(t.lost).toHaveLength(1);
  expect((await t.states(ids)).slice(1)).toEqual(['PENDING', 'PENDING blocked']);
  await t.mender.run();
  expect(t.lost).toHaveLength(1);
  await t.runDue();
  expect(t.received().filter((name) => name !== 'a')).toEqual(['b', 'c']);
  expect(await t.rows('select from ordered_deliveries')).toEqual([]);
});

test('chains that wait by right are not reported: a head that is sent, is held, is retried, or has FAILED under HOLD', async () => {
  await using t = await setup({ ordering: 'KEY', afterFailure: 'HOLD' }, { maxAttempts: 1 });
  t.receiver.respondWith(500);
  await t.publishInTurn(['a', 'a'], () => 'failed');
  await t.runDue();
  await t.publishInTurn(['b', 'b'], () => 'queued');
  await t.setStatus(t.targetId, 'PAUSED');
  await t.publishInTurn(['c', 'c'], () => 'held');
  await t.mender.run();
  expect(t.lost).toEqual([]);
  expect(await t.rows('select from ordered_deliveries')).toHaveLength(6);
});

test('when a target says SKIP instead of HOLD, what a FAILED head holds up goes on, and nothing is reported', async () => {
  await using t = await setup({ ordering: 'KEY', afterFailure: 'HOLD' }, { maxAttempts: 1 });
  t.receiver.respondWith(({ body }) => (String(body).includes('1"') ? 500 : 200));
  const ids = await t.publishInTurn(['a1', 'a2', 'b1', 'b2'], (name) => name[0]!);
  await t.runDue();
  expect(await t.states(ids)).toEqual(['FAILED', 'PENDING blocked', 'FAILED', 'PENDING blocked']);
  await t.rows(`update webhook_targets set after_failure = 'SKIP' where id = $1`, [t.targetId]); // As a process does that then dies.
  await t.mender.run();
  await t.worker.dispatcher.idle();
  expect(await t.states(ids)).toEqual(['FAILED', 'DELIVERED', 'FAILED', 'DELIVERED']);
  expect(t.lost).toEqual([]);
});

test('the places of a deleted target are given up', async () => {
  await using t = await setup({ afterFailure: 'HOLD' }, { maxAttempts: 1 });
  t.receiver.respondWith(500);
  const ids = await t.publishInTurn(['a', 'b']);
  await t.runDue();
  await t.targets.remove(t.caller, { id: t.targetId });
  expect(await t.states(ids)).toEqual(['FAILED', 'CANCELLED']);
  await t.mender.run();
  expect(await t.rows('select from ordered_deliveries')).toEqual([]);
  expect(t.lost).toEqual([]);
});

test('a chain whose lock another session holds keeps the mender from no other, and is mended later', async () => {
  await using t = await setup({ ordering: 'KEY', afterFailure: 'HOLD' }, { maxAttempts: 1 });
  t.receiver.respondWith(500);
  const ids = await t.publishInTurn(['a1', 'a2', 'b1', 'b2'], (name) => name[0]!);
  await t.runDue();
  await t.rows(`update webhook_targets set after_failure = 'SKIP' where id = $1`, [t.targetId]);
  await t.setStatus(t.targetId, 'PAUSED');
  const session = await t.database.pool.connect();
  try {
    await session.query('select pg_advisory_lock(lock_number) from ordered_deliveries where delivery_id = $1', [
      ids[0],
    ]);
    await t.mender.run();
    expect(await t.states(ids)).toEqual(['FAILED', 'PENDING blocked', 'FAILED', 'PENDING held']);
    await session.query('select pg_advisory_unlock_all()');
    await t.mender.run();
    expect(await t.states(ids)).toEqual(['FAILED', 'PENDING held', 'FAILED', 'PENDING held']);
  } finally {
    session.release(true);
  }
});

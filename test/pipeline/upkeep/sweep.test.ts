/** What a process leaves behind that dies while it cancels the deliveries of a deleted target. */
import { expect, test } from 'vitest';
import { setup } from '../order-setup.ts';

test.each(['has a job', 'is held'])(
  'a deleted target whose head %s: its chain ends in batches, not one by one',
  async (head) => {
    await using t = await setup({ ordering: 'TARGET' });
    if (head === 'is held') await t.setStatus(t.targetId, 'PAUSED');
    const inputs = Array.from({ length: 1_000 }, (_, nth) => ({ eventType: 'user.created', data: nth }));
    for (let times = 0; times < 2; times++) await t.publisher.publishMany(t.caller, inputs);
    await t.rows('update webhook_targets set deleted_at = now() where id = $1', [t.targetId]);
    await t.runDue();
    for (let sweeps = 0; sweeps < 3; sweeps++) await t.worker.sweeper.run();
    const states = await t.rows('select status, count(*)::int from deliveries group by status');
    expect(states).toEqual([{ status: 'CANCELLED', count: 2_000 }]);
    expect(await t.rows('select from ordered_deliveries')).toEqual([]);
    expect(await t.rows(`select from delivery_changes where status = 'CANCELLED'`)).toHaveLength(2_000);
    expect(t.receiver.requests).toEqual([]);
  },
);

test('a deleted target whose chain another session locks keeps neither claims nor the sweep from the others', async () => {
  await using t = await setup({ ordering: 'TARGET' });
  const { id: other } = await t.target(t.receiver.url, { status: 'PAUSED' });
  await t.publishInTurn(['a', 'b']);
  const session = await t.database.pool.connect();
  try {
    await session.query('select pg_advisory_lock(lock_number) from ordered_deliveries');
    await t.rows('update webhook_targets set deleted_at = now()');
    await t.runDue(); // A claim finds the deleted target of a job, and cannot cancel its delivery now.
    await t.rows('update deliveries set held = true, job_id = null where job_id is not null');
    await t.worker.sweeper.run();
    const open = await t.rows(`select target_id from deliveries where status = 'PENDING'`);
    expect(open).toEqual([{ target_id: t.targetId }, { target_id: t.targetId }]);
    expect(await t.rows('select from deliveries where target_id = $1', [other])).toHaveLength(2);
    await session.query('select pg_advisory_unlock_all()');
    await t.worker.sweeper.run();
    expect(await t.rows(`select from deliveries where status = 'PENDING'`)).toEqual([]);
  } finally {
    session.release(true);
  }
});

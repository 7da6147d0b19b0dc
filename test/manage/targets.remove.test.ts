import { expect, test } from 'vitest';
import { setup as setupTargets } from './targets-setup.ts';

async function setup() {
  const t = await setupTargets();
  const [target, bystander] = [
    await t.fixtures.target({ organizationId: t.own.id }),
    await t.fixtures.target({ organizationId: t.own.id }),
  ];
  const delivery = (options: object) =>
    t.fixtures.delivery({ organizationId: t.own.id, targetId: target.id, ...options });
  return Object.assign(t, {
    target,
    bystander,
    delivery,
    queued: async (options: object) => {
      const jobId = t.clock.uuid();
      const nextAttemptAt = t.clock.now();
      const { id } = await delivery({ ...options, jobId, nextAttemptAt });
      await t.queue.insert(t.database.pool, [{ id: jobId, deliveryId: id, startAfter: nextAttemptAt }]);
      return { id, jobId };
    },
    /** `count` PENDING deliveries of the target with jobs, inserted at once. */
    backlog: async (count: number) => {
      await t.database.pool.query(
        `insert into deliveries (id, organization_id, event_id, target_id, event_type, status, max_attempts, job_id,
           created_at, updated_at)
         select lpad(n::text, 27, '0'), $1, 'event', $2, 'customer.created', 'PENDING', 10, gen_random_uuid(), $3, $3
           from generate_series(1, $4::int) as n`,
        [t.own.id, target.id, t.clock.now(), count],
      );
      const rows = await t.rowsOf('select id, job_id from deliveries where target_id = $1', [target.id]);
      const jobs = rows.map((row) => ({ id: row.job_id, deliveryId: row.id, startAfter: t.clock.now() }));
      await t.queue.insert(t.database.pool, jobs);
    },
    delete: (id = target.id) => t.targets.remove(t.member, { id }),
    statuses: async () =>
      t.rowsOf('select status, count(*)::int from deliveries where target_id = $1 group by 1 order by 1', [target.id]),
  });
}

test('a deleted target stays as a row, marked with the time', async () => {
  await using t = await setup();
  await t.clock.advance(1_000);
  expect(await t.delete()).toEqual({ ok: true, value: { deletedId: t.target.id } });
  const deletedAt = t.clock.now();
  const [row] = await t.rowsOf('select deleted_at, updated_at from webhook_targets where id = $1', [t.target.id]);
  expect(row).toEqual({ deleted_at: deletedAt, updated_at: deletedAt });
});

test('deleting twice is NOT_FOUND the second time', async () => {
  await using t = await setup();
  await t.delete();
  expect(await t.delete()).toMatchObject({ ok: false, userErrors: [{ code: 'NOT_FOUND', field: ['input', 'id'] }] });
});

test('its open deliveries are cancelled with a change each, their jobs are gone; others stay', async () => {
  await using t = await setup();
  const pending = await t.queued({ status: 'PENDING' });
  const retrying = await t.queued({ status: 'RETRYING', attemptCount: 3, resumeAt: t.clock.now() });
  const held = await t.delivery({ status: 'PENDING', held: true });
  for (const status of ['DELIVERED', 'FAILED', 'CANCELLED'] as const) await t.delivery({ status });
  const other = await t.queued({ status: 'PENDING', targetId: t.bystander.id });
  await t.clock.advance(1_000);
  await t.delete();

  const now = t.clock.now();
  const closed = { status: 'CANCELLED', jobId: null, nextAttemptAt: null, resumeAt: null, held: false, updatedAt: now };
  for (const { id } of [pending, retrying, held]) {
    expect(await t.database.prisma().delivery.findUnique({ where: { id } })).toMatchObject(closed);
  }
  const { changes, jobs } = await t.everything();
  const change = { organization_id: t.own.id, target_id: t.target.id, status: 'CANCELLED', attempt_number: null };
  expect(changes).toMatchObject([
    { ...change, delivery_id: pending.id, previous_status: 'PENDING', occurred_at: now },
    { ...change, delivery_id: retrying.id, previous_status: 'RETRYING', occurred_at: now },
    { ...change, delivery_id: held.id, previous_status: 'PENDING', occurred_at: now },
  ]);
  expect(jobs).toMatchObject([{ id: other.jobId }]);
  expect(await t.statuses()).toEqual([
    { status: 'DELIVERED', count: 1 },
    { status: 'FAILED', count: 1 },
    { status: 'CANCELLED', count: 4 },
  ]);
  expect(await t.database.prisma().delivery.findUnique({ where: { id: other.id } })).toMatchObject({
    status: 'PENDING',
  });
  expect(new Set(t.rings)).toEqual(new Set(['target_changes', 'changes']));
});

test('a backlog is cancelled in transactions of at most 1,000 deliveries', async () => {
  await using t = await setup();
  await t.backlog(2_001);
  await t.delete();
  expect(await t.statuses()).toEqual([{ status: 'CANCELLED', count: 2_001 }]);
  const sizes = await t.rowsOf('select count(*)::int as size from delivery_changes group by xid order by xid');
  expect(sizes).toEqual([{ size: 1_000 }, { size: 1_000 }, { size: 1 }]);
  expect(await t.rowsOf('select id from pgboss.job')).toEqual([]);
});

test('a deadlock with a worker that settles the same deliveries is overcome', async () => {
  await using t = await setup();
  await t.backlog(2);
  const [first, second] = ['1', '2'].map((number) => number.padStart(27, '0'));
  const worker = await t.database.pool.connect();
  await worker.query('begin');
  await worker.query('select from deliveries where id = $1 for update', [second]);
  const removal = t.delete();
  const waiting =
    'select count(*)::int as count from pg_stat_activity where wait_event_type = $1 and datname = current_database()';
  await expect.poll(async () => (await t.rowsOf(waiting, ['Lock']))[0].count).toBe(1);
  // The removal waits longest, so Postgres ends its transaction when the ring closes.
  await worker.query('select from deliveries where id = $1 for update', [first]);
  await worker.query('commit');
  worker.release();
  expect(await removal).toMatchObject({ ok: true });
  expect(await t.statuses()).toEqual([{ status: 'CANCELLED', count: 2 }]);
});

import { expect, test } from 'vitest';
import { dueAtOnce } from '../../src/database/priority.ts';
import type { Queue } from '../../src/database/queue.ts';
import type { Result } from '../../src/errors.ts';
import { createDeliveries } from '../../src/manage/deliveries.ts';
import { setup as setupTargets } from './targets-setup.ts';

const HOUR_MS = 3_600_000;

async function setup() {
  const t = await setupTargets();
  const { database, queue, clock, fixtures, own } = t;
  const target = await fixtures.target({ organizationId: own.id });
  const event = await fixtures.event({ organizationId: own.id });
  const delivery = (options: object = {}) =>
    fixtures.delivery({ organizationId: own.id, targetId: target.id, eventId: event.id, ...options });
  const deliveriesOn = (onQueue: Queue) =>
    createDeliveries({
      database,
      queue: onQueue,
      clock,
      ids: fixtures.ids,
      maxAttempts: 10,
      retentionDays: 30,
      ring: (channel) => void t.rings.push(channel),
    });
  const deliveries = deliveriesOn(queue);
  return Object.assign(t, {
    target,
    event,
    delivery,
    deliveries,
    deliveriesOn,
    /** A delivery with a job that is due in an hour. */
    scheduled: async (options: object = {}) => {
      const [jobId, dueAt] = [clock.uuid(), new Date(clock.now().getTime() + HOUR_MS)];
      const row = { status: 'RETRYING', attemptCount: 2, scheduleStep: 2, jobId, nextAttemptAt: dueAt, ...options };
      const { id } = await delivery(row);
      await queue.insert(database.pool, [{ id: jobId, deliveryId: id, startAfter: dueAt }]);
      return { id, jobId, dueAt };
    },
    row: async (id: string) => database.prisma().delivery.findUniqueOrThrow({ where: { id } }),
    jobs: async () =>
      t.rowsOf(`select id, data->>'deliveryId' as delivery, start_after as due from pgboss.job order by start_after`),
    changes: async (id: string) => {
      const rows = await t.rowsOf('select * from delivery_changes where delivery_id = $1 order by xid, seq', [id]);
      return rows.map((row) => [row.previous_status, row.status, row.attempt_number, row.occurred_at]);
    },
    retry: (id: string, caller = t.member) => deliveries.retry(caller, { id }),
    cancel: (id: string, caller = t.member) => deliveries.cancel(caller, { id }),
  });
}

const codes = (result: Result<unknown>) =>
  result.ok ? [] : result.userErrors.map(({ code, field }) => `${code} ${field?.join('.')}`);
const message = (result: Result<unknown>) => (result.ok ? '' : result.userErrors[0]!.message);

test('retrying a FAILED delivery queues one manual attempt for now, with nothing scheduled after it', async () => {
  await using t = await setup();
  const { id } = await t.delivery({ status: 'FAILED', attemptCount: 10, scheduleStep: 10 });
  await t.clock.advance(1_000);
  const now = t.clock.now();
  expect(await t.retry(id)).toEqual({ ok: true, value: { deliveryId: id } });
  const row = await t.row(id);
  expect(row).toMatchObject({
    status: 'RETRYING',
    nextTrigger: 'MANUAL',
    nextAttemptAt: now,
    resumeAt: null,
    held: false,
    updatedAt: now,
    attemptCount: 10,
    scheduleStep: 10,
    maxAttempts: 10,
  });
  expect(await t.jobs()).toEqual([{ id: row.jobId, delivery: id, due: dueAtOnce(now) }]);
  expect(await t.changes(id)).toEqual([['FAILED', 'RETRYING', null, now]]);
  expect(t.rings).toEqual(['jobs', 'changes']);
  expect(await t.queue.fetch(10)).toMatchObject([{ id: row.jobId, deliveryId: id }]);
});

test('retrying a RETRYING delivery replaces its job and remembers where the schedule goes on', async () => {
  await using t = await setup();
  const { id, jobId, dueAt } = await t.scheduled();
  await t.clock.advance(1_000);
  const now = t.clock.now();
  expect(await t.retry(id)).toMatchObject({ ok: true });
  const row = await t.row(id);
  expect(row).toMatchObject({ status: 'RETRYING', nextTrigger: 'MANUAL', nextAttemptAt: now, resumeAt: dueAt });
  expect(row.jobId).not.toBe(jobId);
  expect(await t.jobs()).toEqual([{ id: row.jobId, delivery: id, due: dueAtOnce(now) }]);
  expect(await t.changes(id)).toEqual([['RETRYING', 'RETRYING', null, now]]);
});

test('retrying again before the manual attempt was made succeeds and writes nothing', async () => {
  await using t = await setup();
  const { id } = await t.scheduled();
  await t.retry(id);
  const [before, rings] = [await t.everything(), [...t.rings]];
  await t.clock.advance(1_000);
  expect(await t.retry(id)).toEqual({ ok: true, value: { deliveryId: id } });
  expect(await t.everything()).toEqual(before);
  expect(t.rings).toEqual(rings);
});

test('a held delivery of an active target is retried at once', async () => {
  await using t = await setup();
  const nextAttemptAt = t.clock.now();
  const { id } = await t.delivery({ status: 'RETRYING', held: true, nextAttemptAt });
  expect(await t.retry(id)).toMatchObject({ ok: true });
  expect(await t.row(id)).toMatchObject({ held: false, nextTrigger: 'MANUAL', resumeAt: nextAttemptAt });
  expect(await t.jobs()).toHaveLength(1);
});

test.each([
  ['PENDING', 'first attempt is still to come, at the latest when its target takes requests again'],
  ['DELIVERED', 'send the event to the target once more, redeliver it'],
  ['CANCELLED', 'send the event to the target after all, redeliver it'],
])('retrying a %s delivery is INVALID_STATE and says what can be done', async (status, hint) => {
  await using t = await setup();
  const { id } = await t.delivery({ status });
  const before = await t.everything();
  const refused = await t.retry(id);
  expect(codes(refused)).toEqual(['INVALID_STATE input.id']);
  expect(message(refused)).toContain(hint);
  expect(await t.everything()).toEqual(before);
  expect(t.rings).toEqual([]);
});

test.each([
  ['PAUSED', { status: 'PAUSED' }, 'is PAUSED; set it ACTIVE first'],
  ['DISABLED', { status: 'DISABLED' }, 'is DISABLED; set it ACTIVE first'],
  ['deleted', { deletedAt: new Date('2026-01-15T10:00:00Z') }, 'is deleted'],
] as const)('retrying towards a %s target is INVALID_STATE', async (_, options, hint) => {
  await using t = await setup();
  const target = await t.fixtures.target({ organizationId: t.own.id, ...options });
  for (const state of [{ status: 'FAILED' }, { status: 'RETRYING', nextTrigger: 'MANUAL', held: true }]) {
    const { id } = await t.delivery({ ...state, targetId: target.id });
    const before = await t.everything();
    const refused = await t.retry(id);
    expect(codes(refused)).toEqual(['INVALID_STATE input.id']);
    expect(message(refused)).toContain(hint);
    expect(await t.everything()).toEqual(before);
  }
});

test.each(['PENDING', 'RETRYING'])('cancelling a %s delivery ends it and removes its job', async (status) => {
  await using t = await setup();
  const { id } = await t.scheduled({ status, resumeAt: t.clock.now() });
  await t.clock.advance(1_000);
  const now = t.clock.now();
  expect(await t.cancel(id)).toEqual({ ok: true, value: { deliveryId: id } });
  expect(await t.row(id)).toMatchObject({
    status: 'CANCELLED',
    jobId: null,
    nextAttemptAt: null,
    resumeAt: null,
    held: false,
    updatedAt: now,
    attemptCount: 2,
    deliveredAt: null,
  });
  expect(await t.jobs()).toEqual([]);
  expect(await t.changes(id)).toEqual([[status, 'CANCELLED', null, now]]);
  expect(t.rings).toEqual(['changes']);
});

test('a held delivery is cancelled, whatever the state of its target', async () => {
  await using t = await setup();
  const paused = await t.fixtures.target({ organizationId: t.own.id, status: 'PAUSED' });
  const { id } = await t.delivery({ targetId: paused.id, held: true });
  expect(await t.cancel(id)).toMatchObject({ ok: true });
  expect(await t.row(id)).toMatchObject({ status: 'CANCELLED', held: false });
});

test.each(['DELIVERED', 'FAILED', 'CANCELLED'])('cancelling a %s delivery is INVALID_STATE', async (status) => {
  await using t = await setup();
  const { id } = await t.delivery({ status });
  const before = await t.everything();
  const refused = await t.cancel(id);
  expect(codes(refused)).toEqual(['INVALID_STATE input.id']);
  expect(message(refused)).toContain(`is ${status}`);
  expect(await t.everything()).toEqual(before);
  expect(t.rings).toEqual([]);
});

test("an unknown, malformed or another organization's id is NOT_FOUND, and nothing is written", async () => {
  await using t = await setup();
  const foreignTarget = await t.fixtures.target({ organizationId: t.other.id });
  const foreign = { organizationId: t.other.id, targetId: foreignTarget.id };
  const failed = await t.fixtures.delivery({ ...foreign, status: 'FAILED' });
  const pending = await t.fixtures.delivery({ ...foreign, status: 'PENDING' });
  const before = await t.everything();
  for (const id of [failed.id, pending.id, t.fixtures.ids.next(), 'nonsense', 'a\0b', '']) {
    expect(codes(await t.retry(id))).toEqual(['NOT_FOUND input.id']);
    expect(codes(await t.cancel(id))).toEqual(['NOT_FOUND input.id']);
  }
  expect(await t.everything()).toEqual(before);
  expect(await t.retry(failed.id, t.admin)).toMatchObject({ ok: true });
  expect(await t.cancel(pending.id, t.admin)).toMatchObject({ ok: true });
});

test('many retries at once make one attempt and one change', async () => {
  await using t = await setup();
  const { id } = await t.delivery({ status: 'FAILED' });
  const results = await Promise.all(Array.from({ length: 20 }, () => t.retry(id)));
  expect(results.filter(({ ok }) => ok)).toHaveLength(20);
  expect(await t.jobs()).toHaveLength(1);
  expect(await t.changes(id)).toHaveLength(1);
});

test('many cancellations at once succeed once', async () => {
  await using t = await setup();
  const { id } = await t.scheduled();
  const results = await Promise.all(Array.from({ length: 20 }, () => t.cancel(id)));
  expect(results.filter(({ ok }) => ok)).toHaveLength(1);
  expect(results.flatMap(codes)).toEqual(Array(19).fill('INVALID_STATE input.id'));
  expect(await t.changes(id)).toHaveLength(1);
});

test('retries and cancellations at once leave CANCELLED, no job, and an unbroken history', async () => {
  await using t = await setup();
  const scheduled = await Promise.all(Array.from({ length: 8 }, () => t.scheduled()));
  await Promise.all(scheduled.flatMap(({ id }) => [t.retry(id), t.cancel(id), t.retry(id), t.cancel(id)]));
  for (const { id } of scheduled) {
    expect(await t.row(id)).toMatchObject({ status: 'CANCELLED', jobId: null });
    const changes = await t.changes(id);
    expect(changes.map(([previous]) => previous)).toEqual(['RETRYING', ...changes.slice(0, -1).map(([, to]) => to)]);
    expect(changes.at(-1)![1]).toBe('CANCELLED');
  }
  expect(await t.jobs()).toEqual([]);
});

test('a retry waits for a deletion of the target that is under way, and is then refused', async () => {
  await using t = await setup();
  const { id } = await t.delivery({ status: 'FAILED' });
  const deleting = await t.database.pool.connect();
  await deleting.query('begin');
  await deleting.query('update webhook_targets set deleted_at = now() where id = $1', [t.target.id]);
  const retrying = t.retry(id);
  const waiting = `select count(*)::int as count from pg_stat_activity
    where wait_event_type = 'Lock' and datname = current_database()`;
  await expect.poll(async () => (await t.rowsOf(waiting))[0].count).toBe(1);
  await deleting.query('commit');
  deleting.release();
  expect(codes(await retrying)).toEqual(['INVALID_STATE input.id']);
  expect(await t.jobs()).toEqual([]);
});

test('a deletion of the target cancels what was being retried at the same moment', async () => {
  await using t = await setup();
  const failed = await Promise.all(Array.from({ length: 10 }, () => t.delivery({ status: 'FAILED' })));
  await Promise.all([...failed.map(({ id }) => t.retry(id)), t.targets.remove(t.member, { id: t.target.id })]);
  const open = await t.rowsOf(`select id from deliveries where status in ('PENDING', 'RETRYING')`);
  expect(open).toEqual([]);
  expect(await t.jobs()).toEqual([]);
});

test('when the queue cannot take the job, the delivery is not changed', async () => {
  await using t = await setup();
  const { id } = await t.scheduled();
  const before = await t.everything();
  const broken = { ...t.queue, insert: () => Promise.reject(new Error('no queue')) };
  await expect(t.deliveriesOn(broken).retry(t.member, { id })).rejects.toThrow('no queue');
  expect(await t.everything()).toEqual(before);
  expect(t.rings).toEqual([]);
});

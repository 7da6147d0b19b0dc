import { expect, test } from 'vitest';
import type { Result } from '../../src/errors.ts';
import type { CancelDeliveriesInput } from '../../src/manage/cancel-deliveries.ts';
import { createDeliveries } from '../../src/manage/deliveries.ts';
import { setup as setupPipeline } from '../pipeline/control-setup.ts';
import { setup as setupTargets } from './targets-setup.ts';

const HOUR_MS = 3_600_000;

async function setup({ mostLookedAt }: { mostLookedAt?: number } = {}) {
  const t = await setupTargets();
  const { database, queue, clock, fixtures, own } = t;
  const target = await fixtures.target({ organizationId: own.id });
  const ring = (channel: string) => void t.rings.push(channel);
  const parts = { database, queue, clock, ids: fixtures.ids, maxAttempts: 10, retentionDays: 30, ring };
  const deliveries = createDeliveries({ ...parts, ...(mostLookedAt !== undefined && { mostLookedAt }) });
  return Object.assign(t, {
    target,
    /** A delivery with an event of its own, and a job while it is open and not held. */
    async delivery({ customerId, organizationId = own.id, ...options }: Options = {}) {
      const { id: eventId } = await fixtures.event({ organizationId, customerId: customerId ?? null });
      const row = { organizationId, targetId: target.id, eventId, ...options };
      const isQueued = !options.held && ['PENDING', 'RETRYING'].includes(options.status ?? 'PENDING');
      const jobId = isQueued ? clock.uuid() : null;
      const { id } = await fixtures.delivery({ ...row, jobId });
      if (jobId) await queue.insert(database.pool, [{ id: jobId, deliveryId: id, startAfter: clock.now() }]);
      return { id, eventId };
    },
    /** `count` PENDING deliveries of the target with jobs, inserted at once. */
    async backlog(count: number) {
      await database.pool.query(
        `insert into deliveries (id, organization_id, event_id, target_id, event_type, status, max_attempts, job_id,
           created_at, updated_at)
         select lpad(n::text, 27, '0'), $1, 'event', $2, 'customer.created', 'PENDING', 10, gen_random_uuid(), $3, $3
           from generate_series(1, $4::int) as n`,
        [own.id, target.id, clock.now(), count],
      );
      const rows = await t.rowsOf('select id, job_id from deliveries');
      const jobs = rows.map((row) => ({ id: row.job_id, deliveryId: row.id, startAfter: clock.now() }));
      await queue.insert(database.pool, jobs);
    },
    cancel: (input: CancelDeliveriesInput, caller = t.member) => deliveries.cancelMany(caller, input),
    cancelled: async () =>
      (await t.rowsOf(`select id from deliveries where status = 'CANCELLED' order by id`)).map(({ id }) => id),
    audited: () => t.rowsOf('select * from audit_log order by id'),
  });
}

type Options = {
  readonly customerId?: string;
  readonly organizationId?: string;
  readonly targetId?: string;
  readonly eventId?: string;
  readonly status?: 'PENDING' | 'RETRYING' | 'DELIVERED' | 'FAILED' | 'CANCELLED';
  readonly held?: boolean;
  readonly createdAt?: Date;
};

const codes = (result: Result<unknown>) =>
  result.ok ? [] : result.userErrors.map(({ code, field }) => `${code} ${field?.join('.')}`);
const done = (cancelledCount: number, hasMore = false) => ({ ok: true, value: { cancelledCount, hasMore } });

test('cancels what is open of a target: rows, jobs, one change each, and one row of the audit log', async () => {
  await using t = await setup();
  const open = [
    await t.delivery(),
    await t.delivery({ status: 'RETRYING' }),
    await t.delivery({ status: 'RETRYING', held: true }),
  ];
  for (const status of ['DELIVERED', 'FAILED'] as const) await t.delivery({ status });
  const other = await t.fixtures.target({ organizationId: t.own.id });
  const bystander = await t.delivery({ targetId: other.id });
  await t.clock.advance(1_000);
  const now = t.clock.now();
  expect(await t.cancel({ targetId: t.target.id })).toEqual(done(3));
  expect(await t.cancelled()).toEqual(open.map(({ id }) => id));
  const { changes, jobs } = await t.everything();
  expect(changes).toMatchObject([
    {
      delivery_id: open[0]!.id,
      previous_status: 'PENDING',
      status: 'CANCELLED',
      attempt_number: null,
      occurred_at: now,
    },
    { delivery_id: open[1]!.id, previous_status: 'RETRYING', status: 'CANCELLED' },
    { delivery_id: open[2]!.id, previous_status: 'RETRYING', status: 'CANCELLED' },
  ]);
  expect(jobs).toMatchObject([{ data: { deliveryId: bystander.id } }]);
  const after = { targetId: t.target.id, cancelledCount: 3 };
  const entry = { organization_id: t.own.id, subject_type: 'Delivery', subject_id: null, before: null, after };
  expect(await t.audited()).toMatchObject([entry]);
  expect(t.rings).toEqual(['changes']);
});

test('every given field must fit: event, customer, status and time', async () => {
  await using t = await setup();
  const early = await t.delivery({ customerId: 'c1' });
  await t.clock.advance(HOUR_MS);
  const later = await t.delivery({ customerId: 'c1', status: 'RETRYING' });
  const theirs = await t.delivery({ customerId: 'c2' });
  const twin = await t.fixtures.target({ organizationId: t.own.id });
  const toTwin = await t.fixtures.delivery({ organizationId: t.own.id, targetId: twin.id, eventId: theirs.eventId });
  const since = { gte: t.clock.now() };
  expect(await t.cancel({ customerId: 'c1', status: ['PENDING'], createdAt: since })).toEqual(done(0));
  expect(await t.cancel({ customerId: 'c2', eventId: early.eventId })).toEqual(done(0));
  expect(await t.cancel({ customerId: 'c1', status: [] })).toEqual(done(0));
  expect(await t.cancel({ customerId: 'c1', createdAt: since })).toEqual(done(1));
  expect(await t.cancelled()).toEqual([later.id]);
  expect(await t.cancel({ customerId: 'c1', createdAt: { lt: since.gte } })).toEqual(done(1));
  expect(await t.cancelled()).toEqual([early.id, later.id]);
  expect(await t.cancel({ eventId: theirs.eventId, targetId: twin.id })).toEqual(done(1));
  expect(await t.cancelled()).toEqual([early.id, later.id, toTwin.id]);
  expect(await t.cancel({ eventId: theirs.eventId })).toEqual(done(1));
  expect(await t.cancelled()).toEqual([early.id, later.id, theirs.id, toTwin.id]);
});

test('what is not open is never cancelled, whatever the status says, and leaves no row in the audit log', async () => {
  await using t = await setup();
  for (const status of ['DELIVERED', 'FAILED', 'CANCELLED'] as const) await t.delivery({ status });
  const before = await t.everything();
  expect(await t.cancel({ targetId: t.target.id, status: ['DELIVERED', 'FAILED', 'CANCELLED'] })).toEqual(done(0));
  expect(await t.everything()).toEqual(before);
  expect(await t.audited()).toEqual([]);
  expect(t.rings).toEqual([]);
});

test('cancels at most 10,000 a request, at most 1,000 a transaction, and says that there may be more', async () => {
  await using t = await setup();
  await t.backlog(10_001);
  expect(await t.cancel({ targetId: t.target.id })).toEqual(done(10_000, true));
  const sizes = await t.rowsOf('select count(*)::int as size from delivery_changes group by xid order by xid');
  expect(sizes).toEqual(Array(10).fill({ size: 1_000 }));
  expect(await t.audited()).toMatchObject([{ after: { cancelledCount: 10_000 } }]);
  expect(await t.cancel({ targetId: t.target.id })).toEqual(done(1));
  expect(await t.audited()).toMatchObject([{ after: { cancelledCount: 10_000 } }, { after: { cancelledCount: 1 } }]);
  expect(await t.rowsOf('select id from pgboss.job')).toEqual([]);
});

test('looks at so many open deliveries at most, and of a range of time only at those in it', async () => {
  await using t = await setup({ mostLookedAt: 2_000 });
  await t.backlog(2_000);
  const sought = await t.delivery({ customerId: 'c1' });
  expect(await t.cancel({ customerId: 'c1' })).toEqual(done(0, true));
  expect(await t.cancel({ customerId: 'c1', createdAt: { lt: new Date(0) } })).toEqual(done(0, false));
  expect(await t.cancel({ customerId: 'c1', createdAt: { gte: t.clock.now() } })).toEqual(done(1, false));
  expect(await t.cancelled()).toEqual([sought.id]);
});

test('a request that dies after a step has its row in the audit log, with what it cancelled so far', async () => {
  await using t = await setup();
  await t.backlog(1_500);
  const { database, queue, clock, fixtures } = t;
  let calls = 0;
  const dying = {
    ...database,
    transaction: (work: never) => (++calls === 2 ? Promise.reject(new Error('killed')) : database.transaction(work)),
  } as typeof database;
  const parts = { queue, clock, ids: fixtures.ids, maxAttempts: 10, retentionDays: 30, ring: () => {} };
  const deliveries = createDeliveries({ ...parts, database: dying });
  await expect(deliveries.cancelMany(t.member, { targetId: t.target.id })).rejects.toThrow('killed');
  expect(await t.cancelled()).toHaveLength(1_000);
  expect(await t.audited()).toMatchObject([{ after: { cancelledCount: 1_000 } }]);
  expect(await t.cancel({ targetId: t.target.id })).toEqual(done(500));
});

test('an attempt under way is not cut: it ends and is recorded, and the delivery stays CANCELLED', async () => {
  await using t = await setupPipeline({}, 500);
  const { targetId, id, requests } = await t.startSecondAttempt();
  expect(await t.deliveries.cancelMany(t.caller, { targetId })).toEqual(done(1));
  requests.letGo(200);
  await t.worker.dispatcher.idle();
  expect(await t.attempts(id)).toMatchObject([{ number: 1 }, { number: 2, outcome: 'DELIVERED' }]);
  expect(await t.delivery(id)).toMatchObject({ status: 'CANCELLED' });
  expect(await t.history(id)).toEqual(['>PENDING', 'PENDING>RETRYING#1', 'RETRYING>CANCELLED']);
});

test('without a target, an event or a customer: REQUIRED', async () => {
  await using t = await setup();
  await t.delivery();
  expect(codes(await t.cancel({ status: ['PENDING'] }))).toEqual(['REQUIRED undefined']);
  expect(codes(await t.cancel({ customerId: 'a\0' }))).toEqual(['INVALID input.customerId']);
  expect(await t.cancelled()).toEqual([]);
});

test('a target or an event that is unknown, deleted or of another organization: NOT_FOUND', async () => {
  await using t = await setup();
  const own = await t.delivery();
  const target = await t.fixtures.target({ organizationId: t.other.id });
  const theirs = await t.delivery({ organizationId: t.other.id, targetId: target.id, customerId: 'c' });
  const deleted = await t.fixtures.target({ organizationId: t.own.id, deletedAt: t.clock.now() });
  for (const targetId of ['x', t.fixtures.ids.next(), deleted.id, target.id]) {
    expect(codes(await t.cancel({ targetId, eventId: own.eventId }))).toEqual(['NOT_FOUND input.targetId']);
  }
  for (const eventId of ['x', t.fixtures.ids.next(), theirs.eventId]) {
    expect(codes(await t.cancel({ eventId, targetId: t.target.id }))).toEqual(['NOT_FOUND input.eventId']);
  }
  expect(await t.cancel({ customerId: 'c' })).toEqual(done(0));
  const across = { eventId: theirs.eventId, targetId: t.target.id };
  expect(codes(await t.cancel(across, t.admin))).toEqual(['NOT_FOUND input.eventId']);
  expect(await t.cancelled()).toEqual([]);
  expect(await t.cancel({ targetId: target.id }, t.admin)).toEqual(done(1));
  expect(await t.cancelled()).toEqual([theirs.id]);
  expect(await t.audited()).toMatchObject([{ organization_id: t.other.id }]);
});

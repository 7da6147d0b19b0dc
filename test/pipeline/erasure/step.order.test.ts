/** An erased event never blocks a chain, and an erasure meets publishers on the locks of the chains. */
import { expect, test } from 'vitest';
import { createReplayCount } from '../../../src/pipeline/replay/count-replay.ts';
import { createReplays } from '../../../src/manage/replays.ts';
import { createStep } from '../../../src/pipeline/replay/step.ts';
import { replayLock } from '../../../src/domain/order.ts';
import { WAITING } from '../control-setup.ts';
import { setup as setupOrder, type Ordering } from '../order-setup.ts';
import { createErasing } from './setup.ts';

async function setup(order: Ordering = {}, maxAttempts = 10) {
  const t = await setupOrder(order, { maxAttempts });
  const eventOf = async (deliveryId: string) => (await t.delivery(deliveryId)).event_id as string;
  return { ...t, ...createErasing(t), eventOf, [Symbol.asyncDispose]: () => t[Symbol.asyncDispose]() };
}

test.each([0, 1])(
  'erasing the event of delivery %i of a chain cancels it, and the others go on in order',
  async (nth) => {
    await using t = await setup();
    const ids = await t.publishInTurn(['a', 'b', 'c']);
    expect(await t.erase({ eventId: await t.eventOf(ids[nth]!) })).toMatchObject({ cancelled_count: 1 });
    expect(await t.orphans()).toEqual([]);
    await t.runDue();
    expect(t.received()).toEqual(['a', 'b', 'c'].filter((_, index) => index !== nth));
  },
);

test('a FAILED head under HOLD is cancelled, and the stream shows it before the release of the next one', async () => {
  await using t = await setup({ afterFailure: 'HOLD' }, 1);
  t.receiver.respondWith(500);
  const ids = await t.publishInTurn(['a', 'b']);
  await t.runDue();
  await t.erase({ eventId: await t.eventOf(ids[0]!) });
  const changes = await t.rows('select delivery_id as id, status from delivery_changes order by xid, seq');
  expect(changes.slice(-2)).toEqual([
    { id: ids[0], status: 'CANCELLED' },
    { id: ids[1], status: 'PENDING' },
  ]);
});

test('the ordering key is erased, and a late repeat of the publish answers the erased event', async () => {
  await using t = await setup({ ordering: 'KEY' });
  const input = { eventType: 'user.created', data: 1, idempotencyKey: 'k', orderingKey: 'secret' };
  const published = await t.publisher.publish(t.caller, input);
  if (!published.ok) throw new Error('refused');
  const { eventId } = published.value;
  await t.erase({ eventId });
  expect(await t.event(eventId)).toMatchObject({ ordering_key: null, body: '' });
  expect(await t.rows('select from ordered_deliveries')).toEqual([]);
  expect(await t.publisher.publish(t.caller, input)).toMatchObject({ ok: true, value: { eventId } });
});

test('a step waits for the locks of the chains before it writes anything', async () => {
  await using t = await setup();
  const ids = await t.publishInTurn(['a', 'b']);
  const id = await t.begin({ eventId: await t.eventOf(ids[0]!) });
  const [row] = await t.rows('select lock_number as lock from ordered_deliveries');
  const holder = await t.database.pool.connect();
  try {
    await holder.query('begin');
    await holder.query('select pg_advisory_xact_lock($1)', [row.lock]);
    const stepping = t.makeStep(id);
    await expect.poll(async () => (await t.rows(WAITING)).length, { timeout: 60_000 }).toBe(1);
    expect(await t.rows(WAITING.replace('select', 'select backend_xid'))).toEqual([{ backend_xid: null }]);
    await holder.query('commit');
    expect(await stepping).toMatchObject({ erased: 1, cancelled: 1, released: 1 });
  } finally {
    holder.release();
  }
});

test('a step that finds a delivery in a chain whose lock it has not does nothing, and the next one takes the lock', async () => {
  await using t = await setup({ ordering: 'KEY', afterFailure: 'SKIP' }, 1);
  t.receiver.respondWith(500);
  const [failed] = await t.publishInTurn(['a'], () => 'k');
  await t.runDue();
  expect(await t.states([failed!])).toEqual(['FAILED']);
  const { database, clock, ids, queue } = t;
  const count = createReplayCount({ reads: database.reads, clock, retentionDays: 30 });
  const replays = createReplays({ database, clock, ids, retentionDays: 30, count, ring: () => {} });
  await clock.advance(1);
  const createdAt = { gte: new Date(clock.now().getTime() - 60_000), lt: clock.now() };
  const created = await replays.create(t.caller, { scope: { targetId: t.targetId, mode: 'FAILED', createdAt } });
  if (!created.ok) throw new Error(JSON.stringify(created.userErrors));
  const { replayId } = created.value;
  await t.rows('update replays set runner = $1, leased_until = $2', [t.runner, clock.now()]);
  const replay = createStep({ database, queue, clock, ids, maxAttempts: 1, retentionDays: 30 });

  const id = await t.begin({ eventId: await t.eventOf(failed!) });
  const lock = replayLock(database.connector.schema, replayId);
  const late = t.stepAfterLocks(id, () => replay(replayId, t.runner, 100));
  expect(await late()).toMatchObject({ erased: 0, cancelled: 0, isOver: false, waitMs: 0 });
  expect(await t.rows('select lock_number from ordered_deliveries')).toEqual([{ lock_number: lock }]);
  expect(await t.makeStep(id)).toMatchObject({ erased: 1, cancelled: 1 });
  expect(await t.rows('select from ordered_deliveries')).toEqual([]);
});

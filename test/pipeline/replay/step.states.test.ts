/** What people and crashes do in the middle of a replay. */
import { expect, test } from 'vitest';
import { MINUTE, SECOND, setup } from './setup.ts';

const NOWHERE = 'http://127.0.0.1:9/';

/** A replay of `count` events at 10 a second, to a target that missed them. */
async function begin(count: number) {
  const t = await setup();
  const target = await t.target(NOWHERE, { status: 'DISABLED' });
  const events = await t.publishMany(count);
  await t.targets.update(t.caller, { id: target.id, status: 'ACTIVE' });
  await t.clock.advance(MINUTE);
  const id = await t.create({ targetId: target.id, mode: 'MISSED' }, { ratePerSecond: 10 });
  const setStatus = (status: 'ACTIVE' | 'PAUSED' | 'DISABLED') => t.targets.update(t.caller, { id: target.id, status });
  return Object.assign(t, { target, events, id, setStatus });
}

test('a replay waits while its target is PAUSED, and goes on when it is ACTIVE', async () => {
  await using t = await begin(8);
  expect(await t.stepAfter(t.id, 100)).toMatchObject({ status: 'RUNNING', made: 2 });
  await t.setStatus('PAUSED');
  expect(await t.stepAfter(t.id, SECOND)).toMatchObject({ status: 'WAITING', made: 0 });
  expect(await t.stepAfter(t.id, MINUTE)).toMatchObject({ status: 'WAITING', made: 0 });
  await t.setStatus('ACTIVE');
  expect(await t.stepAfter(t.id, 100)).toMatchObject({ status: 'RUNNING', made: 4 });
  expect(await t.runToEnd(t.id)).toMatchObject({ status: 'COMPLETED', replayed_count: 8 });
  expect(await t.replayed(t.id)).toEqual(t.events);
  expect(await t.told(t.id)).toEqual(['RUNNING 0 0', 'WAITING 2 0', 'RUNNING 6 0', 'COMPLETED 8 0']);
});

test.each([
  ['DISABLED', 'The target was set DISABLED. Set it ACTIVE, then create a replay that begins at `position`.'],
  ['deleted', 'The target was deleted.'],
] as const)('a replay is HALTED when its target is %s, and says why', async (what, reason) => {
  await using t = await begin(6);
  await t.stepAfter(t.id, 100);
  if (what === 'DISABLED') await t.setStatus('DISABLED');
  else await t.targets.remove(t.caller, { id: t.target.id });
  expect(await t.stepAfter(t.id, SECOND)).toMatchObject({ status: 'HALTED', made: 0 });
  expect(await t.row(t.id)).toMatchObject({ status: 'HALTED', reason, ended_at: t.clock.now(), replayed_count: 2 });
  expect(await t.stepAfter(t.id, SECOND)).toBeUndefined();
  expect(await t.replayed(t.id)).toEqual(t.events.slice(0, 2));
});

test('a replay that was halted goes on where it stood, by a new one from its position', async () => {
  await using t = await begin(6);
  await t.stepAfter(t.id, 100);
  await t.setStatus('DISABLED');
  await t.stepAfter(t.id, SECOND);
  await t.setStatus('ACTIVE');
  const { position_at: gte, published_until: lt } = await t.row(t.id);
  const next = await t.create({ targetId: t.target.id, mode: 'MISSED', createdAt: { gte, lt } });
  expect(await t.runToEnd(next)).toMatchObject({ status: 'COMPLETED', replayed_count: 4 });
  expect(await t.replayed(next)).toEqual(t.events.slice(2));
});

/** A replay of `count` FAILED deliveries of one target. */
async function beginFailed(count: number) {
  const t = await setup();
  const target = await t.target(NOWHERE);
  await t.publishMany(count);
  await t.rows(`update deliveries set status = 'FAILED', job_id = null`);
  const id = await t.create({ targetId: target.id, mode: 'FAILED' }, { ratePerSecond: 10 });
  const setStatus = (status: 'ACTIVE' | 'PAUSED' | 'DISABLED') => t.targets.update(t.caller, { id: target.id, status });
  return Object.assign(t, { target, id, setStatus });
}

test('FAILED: a replay that was halted has no position, and the same replay again takes what is still FAILED', async () => {
  await using t = await beginFailed(6);
  expect(await t.stepAfter(t.id, 100)).toMatchObject({ made: 2 });
  await t.setStatus('DISABLED');
  expect(await t.stepAfter(t.id, SECOND)).toMatchObject({ status: 'HALTED' });
  const reason = expect.stringContaining('create the same replay again');
  expect(await t.row(t.id)).toMatchObject({ position_at: null, reason });
  await t.setStatus('ACTIVE');
  const again = await t.create({ targetId: t.target.id, mode: 'FAILED' });
  expect(await t.runToEnd(again)).toMatchObject({ status: 'COMPLETED', replayed_count: 4, skipped_count: 0 });
});

test('FAILED: a target that is paused in the middle of a step has nothing passed over', async () => {
  await using t = await beginFailed(4);
  const pausing = t.stepWith({ before: 'lock_failed', do: () => t.setStatus('PAUSED') });
  await t.clock.advance(SECOND);
  expect(await pausing(t.id)).toMatchObject({ status: 'RUNNING', made: 0, skippedCount: 0 });
  expect(await t.stepAfter(t.id, SECOND)).toMatchObject({ status: 'WAITING' });
  await t.setStatus('ACTIVE');
  expect(await t.runToEnd(t.id)).toMatchObject({ status: 'COMPLETED', replayed_count: 4, skipped_count: 0 });
});

test('a cancelled replay makes nothing more, and what it has made is sent', async () => {
  await using t = await begin(6);
  await t.stepAfter(t.id, 100);
  expect(await t.replays.cancel(t.caller, { id: t.id })).toEqual({ ok: true, value: { replayId: t.id } });
  expect(await t.stepAfter(t.id, SECOND)).toBeUndefined();
  expect(await t.row(t.id)).toMatchObject({ status: 'CANCELLED', replayed_count: 2, ended_at: expect.any(Date) });
  expect(await t.rows(`select count(*)::int from deliveries where status = 'PENDING'`)).toEqual([{ count: 2 }]);
  const again = await t.replays.cancel(t.caller, { id: t.id });
  expect(again).toMatchObject({ ok: false, userErrors: [{ code: 'INVALID_STATE', field: ['input', 'id'] }] });
});

test('a publish that began before the range was read and commits after it is not missed', async () => {
  await using t = await setup();
  const target = await t.target(NOWHERE, { status: 'DISABLED' });
  const early = t.ids.next();
  const publish = await t.database.pool.connect();
  await publish.query('begin');
  await publish.query(
    `insert into events (id, organization_id, event_type, body, created_at) values ($1, $2, 'user.created', '{}', $3)`,
    [early, t.organizationId, t.clock.now()],
  );
  const [late] = await t.publishMany(1);
  await t.targets.update(t.caller, { id: target.id, status: 'ACTIVE' });
  const id = await t.create({ targetId: target.id, mode: 'MISSED' });
  // As long as the publish is open, the replay does not pass the time at which it may have begun.
  for (let nth = 0; nth < 5; nth++)
    expect(await t.stepAfter(id, 3 * SECOND)).toMatchObject({ status: 'RUNNING', made: 0 });
  await publish.query('commit');
  publish.release();
  expect(await t.runToEnd(id)).toMatchObject({ status: 'COMPLETED', replayed_count: 2 });
  expect(await t.replayed(id)).toEqual([early, late]);
});

test('of two workers, the one that has lost the lease changes nothing', async () => {
  await using t = await begin(6);
  await t.stepAfter(t.id, 100);
  const other = t.clock.uuid();
  await t.take(t.id, other);
  expect(await t.stepAfter(t.id, SECOND)).toBeUndefined();
  expect(await t.replayed(t.id)).toHaveLength(2);
  expect(await t.step(t.id, other, 100)).toMatchObject({ made: 4 });
  expect(await t.replayed(t.id)).toEqual(t.events);
});

test('two steps at once make nothing twice', async () => {
  await using t = await begin(6);
  await t.clock.advance(100);
  await Promise.all([t.step(t.id, t.runner, 100), t.step(t.id, t.runner, 100), t.step(t.id, t.runner, 100)]);
  expect(await t.replayed(t.id)).toEqual(t.events.slice(0, 2));
  expect(await t.row(t.id)).toMatchObject({ replayed_count: 2 });
});

test('a step that fails leaves nothing behind', async () => {
  await using t = await begin(3);
  await t.rows(`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$`);
  await t.rows(
    'create trigger refuse before update of replayed_count on replays for each row execute function refuse()',
  );
  await expect(t.stepAfter(t.id, SECOND)).rejects.toThrow('no');
  expect(await t.replayed(t.id)).toEqual([]);
  expect(await t.rows('select count(*)::int from pgboss.job')).toEqual([{ count: 0 }]);
  await t.rows('drop trigger refuse on replays');
  expect(await t.runToEnd(t.id)).toMatchObject({ status: 'COMPLETED', replayed_count: 3 });
  expect(await t.replayed(t.id)).toEqual(t.events);
});

test('fresh deliveries do not wait behind a replay: it makes no more while its target has 100 held ones', async () => {
  await using t = await begin(6);
  const held = { organizationId: t.organizationId, targetId: t.target.id, held: true };
  for (let nth = 0; nth < 100; nth++) await t.fixtures.delivery(held);
  expect(await t.stepAfter(t.id, SECOND)).toMatchObject({ status: 'RUNNING', made: 0 });
  await t.rows('delete from deliveries where held');
  expect(await t.stepAfter(t.id, SECOND)).toMatchObject({ status: 'RUNNING', made: 4 });
});

test('what a replay queues is claimed after everything fresh', async () => {
  await using t = await begin(2);
  await t.stepAfter(t.id, SECOND);
  const fresh = await t.publish();
  const [first, ...rest] = await t.queue.fetch(10);
  expect(first!.deliveryId).toBe(fresh.deliveryIds[0]);
  expect(rest).toHaveLength(2);
});

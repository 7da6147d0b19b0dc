import { expect, test } from 'vitest';
import { startReceiver } from '../../support/receiver.ts';
import { MINUTE, SECOND, setup } from './setup.ts';

const NOWHERE = 'http://127.0.0.1:9/';

test('MISSED: what was published while the target was disabled is delivered once, in the order of publishing', async () => {
  await using t = await setup();
  const target = await t.target(NOWHERE, { status: 'DISABLED' });
  const missed = await t.publishMany(3);
  await t.targets.update(t.caller, { id: target.id, status: 'ACTIVE' });
  const [fresh] = await t.publishMany(1);
  const id = await t.create({ targetId: target.id, mode: 'MISSED' });
  expect(await t.runToEnd(id)).toMatchObject({ status: 'COMPLETED', replayed_count: 3, skipped_count: 0 });
  expect(await t.replayed(id)).toEqual(missed);
  const delivered = await t.rows('select event_id from deliveries where target_id = $1', [target.id]);
  expect(delivered.map(({ event_id }) => event_id).sort()).toEqual([...missed, fresh].sort());
});

test('ALL: every event is delivered once more, with the same event id, as an ordinary delivery that names the replay', async () => {
  await using receiver = await startReceiver();
  await using t = await setup();
  const target = await t.target(receiver.url);
  const events = await t.publishMany(2);
  await t.runDue();
  const id = await t.create({ targetId: target.id, mode: 'ALL' });
  expect(await t.runToEnd(id)).toMatchObject({ status: 'COMPLETED', replayed_count: 2, skipped_count: 0 });
  expect(await t.replayed(id)).toEqual(events);
  receiver.respondWith(500);
  await t.runDue();
  const again = receiver.requests.slice(2).map(({ headers }) => headers);
  expect(again.map((headers) => headers['x-dakota-event-id']).sort()).toEqual(events.toSorted());
  for (const headers of again) expect(headers['x-dakota-delivery-attempt']).toBe('1');
  const [row] = await t.rows('select * from deliveries where replay_id = $1 order by id', [id]);
  expect(row).toMatchObject({ status: 'RETRYING', attempt_count: 1, schedule_step: 1, max_attempts: 10 });
  expect(await t.history(row.id)).toEqual(['>PENDING', 'PENDING>RETRYING#1']);
});

test('ALL: an event whose delivery is open is skipped and counted, until that is cancelled', async () => {
  await using t = await setup();
  const target = await t.target(NOWHERE);
  const [done] = await t.publishMany(1);
  await t.rows(`update deliveries set status = 'DELIVERED'`);
  await t.publishMany(2);
  const id = await t.create({ targetId: target.id, mode: 'ALL' });
  expect(await t.runToEnd(id)).toMatchObject({ status: 'COMPLETED', replayed_count: 1, skipped_count: 2 });
  expect(await t.replayed(id)).toEqual([done]);
  await t.rows(`update deliveries set status = 'CANCELLED', job_id = null where status = 'PENDING'`);
  const next = await t.create({ targetId: target.id, mode: 'ALL' });
  expect(await t.runToEnd(next)).toMatchObject({ status: 'COMPLETED', replayed_count: 3, skipped_count: 0 });
});

test('FAILED: each FAILED delivery gets one more attempt, whatever the target of the organization', async () => {
  await using t = await setup();
  const [one, other] = [await t.target(NOWHERE), await t.target(NOWHERE)];
  await t.publishMany(2);
  await t.rows(`update deliveries set status = 'FAILED', job_id = null, attempt_count = 10, schedule_step = 10`);
  await t.publishMany(1); // Open: not FAILED.
  const paused = await t.target(NOWHERE, { status: 'PAUSED' });
  await t.fixtures.delivery({ organizationId: t.organizationId, targetId: paused.id, status: 'FAILED' });
  const id = await t.create({ mode: 'FAILED' });
  expect(await t.runToEnd(id)).toMatchObject({ status: 'COMPLETED', replayed_count: 4, skipped_count: 1 });
  const retried = await t.rows(
    `select target_id, next_trigger, replay_id, job_id from deliveries where status = 'RETRYING'`,
  );
  expect(retried.map((row) => row.target_id).sort()).toEqual([one.id, one.id, other.id, other.id].sort());
  for (const row of retried) expect(row).toMatchObject({ next_trigger: 'MANUAL', replay_id: null });
  expect(await t.rows('select count(*)::int from replay_deliveries')).toEqual([{ count: 4 }]);
});

test('the filters of the scope restrict a replay: event types by name and by pattern, customer, time', async () => {
  await using t = await setup();
  const target = await t.target(NOWHERE, { status: 'DISABLED' });
  for (const name of ['wallet.created', 'wallet.tag.added', 'wallets.none']) await t.fixtures.eventType({ name });
  const { organizationId } = t;
  const event = (eventType: string, more: object = {}) => t.fixtures.event({ organizationId, eventType, ...more });
  await event('user.created', { customerId: 'ann' });
  const wanted = [
    await event('wallet.created', { customerId: 'ann' }),
    await event('wallet.tag.added', { customerId: 'ann' }),
  ];
  await event('wallet.created', { customerId: 'bob' });
  await event('wallets.none', { customerId: 'ann' });
  await t.clock.advance(MINUTE);
  await event('wallet.created', { customerId: 'ann' });
  await t.targets.update(t.caller, { id: target.id, status: 'ACTIVE' });
  const { gte } = t.lastHour();
  const createdAt = { gte: gte!, lt: new Date(t.clock.now().getTime() - SECOND) };
  const id = await t.create({
    targetId: target.id,
    mode: 'MISSED',
    createdAt,
    eventType: ['wallet.*', 'wallet.created'],
    customerId: 'ann',
  });
  expect(await t.runToEnd(id)).toMatchObject({ status: 'COMPLETED', replayed_count: 2 });
  expect(await t.replayed(id)).toEqual(wanted.map((each) => each.id));
});

test('a target receives by a replay what it would receive today: its types and customers, archived types too, no test events', async () => {
  await using t = await setup();
  for (const name of ['a.one', 'a.two']) await t.fixtures.eventType({ name });
  const target = await t.target(NOWHERE, { status: 'DISABLED', eventTypes: ['a.one'], customerIds: ['ann'] });
  const tested = await t.target(NOWHERE);
  const { organizationId } = t;
  const wanted = await t.fixtures.event({ organizationId, eventType: 'a.one', customerId: 'ann' });
  await t.fixtures.event({ organizationId, eventType: 'a.two', customerId: 'ann' });
  await t.fixtures.event({ organizationId, eventType: 'a.one', customerId: 'bob' });
  const test = await t.publisher.sendTest(t.caller, { targetId: tested.id, eventType: 'a.one' });
  expect(test.ok).toBe(true);
  await t.rows(`update event_types set archived_at = now() where name = 'a.one'`);
  await t.targets.update(t.caller, { id: target.id, status: 'ACTIVE', customerIds: ['ann'] });
  const id = await t.create({ targetId: target.id, mode: 'MISSED' });
  expect(await t.runToEnd(id)).toMatchObject({ replayed_count: 1 });
  expect(await t.replayed(id)).toEqual([wanted.id]);
});

test('a step reads no more bodies than it needs for what the rate allows', async () => {
  await using t = await setup();
  const target = await t.target(NOWHERE, { status: 'DISABLED' });
  await t.publishMany(90);
  const filter = JSON.stringify({ where: { path: ['data', 'nth'], atLeast: 0 } });
  await t.rows(`update webhook_targets set status = 'ACTIVE', filter = $2 where id = $1`, [target.id, filter]);
  await t.clock.advance(MINUTE);
  const id = await t.create({ targetId: target.id, mode: 'MISSED' }, { ratePerSecond: 10 });
  let bodies = 0;
  const step = t.stepWith({ before: 'find_bodies_to_replay', do: async () => bodies++ });
  await t.clock.advance(100);
  expect(await step(id)).toMatchObject({ made: 2, waitMs: expect.any(Number) });
  expect(bodies).toBe(1); // Fifty at once.
});

test('an event that does not satisfy the filter of the target is not replayed to it', async () => {
  await using t = await setup();
  const target = await t.target(NOWHERE, { status: 'DISABLED' });
  const events = await t.publishMany(3);
  const filter = JSON.stringify({ where: { path: ['data', 'nth'], atLeast: 1 } });
  await t.rows(`update webhook_targets set status = 'ACTIVE', filter = $2 where id = $1`, [target.id, filter]);
  const id = await t.create({ targetId: target.id, mode: 'MISSED' });
  expect(await t.runToEnd(id)).toMatchObject({ status: 'COMPLETED', replayed_count: 2 });
  expect(await t.replayed(id)).toEqual(events.slice(1));
});

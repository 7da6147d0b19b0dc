import { expect, test } from 'vitest';
import { dueAtOnce, freshPriority } from '../../src/database/priority.ts';
import type { Result } from '../../src/errors.ts';
import { createDeliveries } from '../../src/manage/deliveries.ts';
import { setup as setupPipeline, WAITING } from '../pipeline/control-setup.ts';
import { setup as setupTargets } from './targets-setup.ts';

const DAY_MS = 86_400_000;

async function setup() {
  const t = await setupTargets();
  const { database, queue, clock, fixtures, own } = t;
  const target = await fixtures.target({ organizationId: own.id, eventTypes: ['customer.created'] });
  const event = await fixtures.event({ organizationId: own.id, eventType: 'transaction.auto.updated' });
  const ring = (channel: string) => void t.rings.push(channel);
  const parts = { database, queue, clock, ids: fixtures.ids, maxAttempts: 7, retentionDays: 30, ring };
  const deliveries = createDeliveries(parts);
  await clock.advance(1_000);
  return Object.assign(t, {
    target,
    event,
    redeliver: (input: { eventId?: string; targetId?: string } = {}, caller = t.member) =>
      deliveries.redeliver(caller, { eventId: event.id, targetId: target.id, ...input }),
    audited: () => t.rowsOf('select * from audit_log order by id'),
  });
}

const codes = (result: Result<unknown>) =>
  result.ok ? [] : result.userErrors.map(({ code, field }) => `${code} ${field?.join('.')}`);
const messages = (result: Result<unknown>) => (result.ok ? [] : result.userErrors.map(({ message }) => message));
const idOf = (result: Result<{ deliveryId: string }>): string => {
  if (!result.ok) throw new Error(messages(result).join());
  return result.value.deliveryId;
};

test('an event goes to a target for the first time, whatever the target is subscribed to: a new delivery', async () => {
  await using t = await setup();
  const id = idOf(await t.redeliver());
  const now = t.clock.now();
  const { deliveries, changes, jobs } = await t.everything();
  expect(deliveries).toMatchObject([
    {
      id,
      organization_id: t.own.id,
      event_id: t.event.id,
      target_id: t.target.id,
      event_type: 'transaction.auto.updated',
      status: 'PENDING',
      attempt_count: 0,
      max_attempts: 7,
      next_trigger: 'SCHEDULE',
      next_attempt_at: now,
      held: false,
      created_at: now,
      updated_at: now,
    },
  ]);
  expect(changes).toMatchObject([
    { delivery_id: id, target_id: t.target.id, event_id: t.event.id, previous_status: null, status: 'PENDING' },
  ]);
  expect(jobs).toMatchObject([{ id: deliveries[0].job_id, data: { deliveryId: id }, start_after: dueAtOnce(now) }]);
  expect(t.rings).toEqual(['jobs', 'changes']);
  expect(await t.audited()).toMatchObject([
    { organization_id: t.own.id, subject_type: 'Delivery', subject_id: id, before: null },
  ]);
  expect((await t.audited())[0].after).toEqual({ eventId: t.event.id, targetId: t.target.id });
});

test('a delivery that is added to a tagged event later is listed by its tags', async () => {
  await using t = await setup();
  const { id: eventId } = await t.fixtures.event({ organizationId: t.own.id, tags: ['a', 'b'] });
  const id = idOf(await t.redeliver({ eventId }));
  idOf(await t.redeliver()); // Of an event without tags.
  expect(await t.rowsOf('select tag, delivery_id, organization_id from delivery_tags order by tag')).toEqual(
    ['a', 'b'].map((tag) => ({ tag, delivery_id: id, organization_id: t.own.id })),
  );
});

test('an event goes to a target once more: with the same id and the same bytes, from attempt 1 on', async () => {
  await using t = await setupPipeline();
  const { id: targetId } = await t.target(t.receiver.url);
  const { eventId, deliveryIds } = await t.publish({ amount: '1.00' });
  await t.runDue();
  const first = await t.receiver.next();
  await t.clock.advance(60_000);
  const id = idOf(await t.deliveries.redeliver(t.caller, { eventId, targetId }));
  await t.runDue();
  const second = await t.receiver.next();
  expect(second.body).toEqual(first.body);
  for (const { headers } of [first, second]) {
    expect(headers).toMatchObject({ 'x-dakota-event-id': eventId, 'x-dakota-delivery-attempt': '1' });
  }
  expect(id).not.toBe(deliveryIds[0]);
  expect(await t.history(id)).toEqual(['>PENDING', 'PENDING>DELIVERED#1']);
  expect(await t.history(deliveryIds[0]!)).toEqual(['>PENDING', 'PENDING>DELIVERED#1']);
});

test('what a PAUSED target holds wakes no worker', async () => {
  await using t = await setup();
  await t.rowsOf(`update webhook_targets set status = 'PAUSED'`);
  idOf(await t.redeliver());
  expect(t.rings).toEqual(['changes']);
});

test('a PAUSED target holds it, and gets it when it is ACTIVE again', async () => {
  await using t = await setupPipeline();
  const { id: targetId } = await t.target(t.receiver.url, { status: 'PAUSED' });
  const { id: eventId } = await t.fixtures.event({ organizationId: t.organizationId, eventType: 'user.created' });
  const id = idOf(await t.deliveries.redeliver(t.caller, { eventId, targetId }));
  await t.runDue();
  await t.worker.sweeper.run();
  expect(await t.delivery(id)).toMatchObject({ status: 'PENDING', held: true, job_id: null });
  expect(t.receiver.requests).toEqual([]);
  await t.targets.update(t.caller, { id: targetId, status: 'ACTIVE' });
  await t.worker.sweeper.run();
  await t.runDue();
  expect(await t.history(id)).toEqual(['>PENDING', 'PENDING>DELIVERED#1']);
});

test('a DISABLED target: INVALID_STATE, which says what to do', async () => {
  await using t = await setup();
  const { id: targetId } = await t.fixtures.target({ organizationId: t.own.id, status: 'DISABLED' });
  const before = await t.everything();
  const refused = await t.redeliver({ targetId });
  expect(codes(refused)).toEqual(['INVALID_STATE input.targetId']);
  expect(messages(refused)[0]).toContain('Set its status to ACTIVE with updateWebhookTarget');
  expect(await t.everything()).toEqual(before);
  expect(await t.audited()).toEqual([]);
  expect(t.rings).toEqual([]);
});

test('a target that is unknown, deleted, or of another organization: NOT_FOUND', async () => {
  await using t = await setup();
  const deleted = await t.fixtures.target({ organizationId: t.own.id, deletedAt: t.clock.now() });
  const theirs = await t.fixtures.target({ organizationId: t.other.id });
  const before = await t.everything();
  for (const targetId of ['x', t.fixtures.ids.next(), deleted.id, theirs.id]) {
    const refused = await t.redeliver({ targetId });
    expect(codes(refused)).toEqual(['NOT_FOUND input.targetId']);
    expect(messages(refused)).toEqual([`No webhook target has the id "${targetId}".`]);
  }
  expect(await t.everything()).toEqual(before);
});

test('an event that is unknown, expired, or of another organization: NOT_FOUND', async () => {
  await using t = await setup();
  const createdAt = new Date(t.clock.now().getTime() - 30 * DAY_MS);
  const expired = await t.fixtures.event({ organizationId: t.own.id, createdAt });
  const theirs = await t.fixtures.event({ organizationId: t.other.id });
  const before = await t.everything();
  for (const eventId of ['x', t.fixtures.ids.next(), expired.id, theirs.id]) {
    const refused = await t.redeliver({ eventId });
    expect(codes(refused)).toEqual(['NOT_FOUND input.eventId']);
    expect(messages(refused)[0]).toContain('can be redelivered for 30 days after it was published');
  }
  expect(await t.everything()).toEqual(before);
});

test('an event can be redelivered until the last millisecond of its retention', async () => {
  await using t = await setup();
  const createdAt = new Date(t.clock.now().getTime() - 30 * DAY_MS + 1);
  const event = await t.fixtures.event({ organizationId: t.own.id, createdAt });
  expect(await t.redeliver({ eventId: event.id })).toMatchObject({ ok: true });
});

test('a platform admin redelivers in any organization, but never across two', async () => {
  await using t = await setup();
  const target = await t.fixtures.target({ organizationId: t.other.id });
  const event = await t.fixtures.event({ organizationId: t.other.id });
  expect(codes(await t.redeliver({ targetId: target.id }, t.admin))).toEqual(['NOT_FOUND input.eventId']);
  expect(codes(await t.redeliver({ eventId: event.id }, t.admin))).toEqual(['NOT_FOUND input.eventId']);
  const id = idOf(await t.redeliver({ eventId: event.id, targetId: target.id }, t.admin));
  const [row] = await t.rowsOf('select organization_id from deliveries where id = $1', [id]);
  expect(row.organization_id).toBe(t.other.id);
  expect(await t.audited()).toMatchObject([{ organization_id: t.other.id }]);
});

test('it goes out ahead of everything that was published in the last minute', async () => {
  await using t = await setup();
  const published = [1, 2, 3].map(() => ({ id: t.clock.uuid(), deliveryId: t.fixtures.ids.next() }));
  const now = t.clock.now();
  const early = new Date(now.getTime() - 59_000);
  const waiting = { startAfter: dueAtOnce(early), priority: freshPriority(early) };
  await t.queue.insert(
    t.database.pool,
    published.map((job) => ({ ...job, ...waiting })),
  );
  const id = idOf(await t.redeliver());
  expect(await t.queue.fetch(1)).toMatchObject([{ deliveryId: id }]);
});

test('it waits for a deletion of the target that is under way, and is then refused', async () => {
  await using t = await setup();
  const deleting = await t.database.pool.connect();
  await deleting.query('begin');
  await deleting.query('update webhook_targets set deleted_at = now() where id = $1', [t.target.id]);
  const redelivering = t.redeliver();
  await expect.poll(async () => (await t.rowsOf(WAITING)).length).toBe(1);
  await deleting.query('commit');
  deleting.release();
  expect(codes(await redelivering)).toEqual(['NOT_FOUND input.targetId']);
  expect((await t.everything()).deliveries).toEqual([]);
});

test('a repeat of the publish counts the deliveries that the publish made, and not those that were added', async () => {
  await using t = await setupPipeline();
  const { id: targetId } = await t.target(t.receiver.url);
  const publish = () =>
    t.publisher.publish(t.caller, { eventType: 'user.created', data: {}, idempotencyKey: 'order-1' });
  const first = await publish();
  if (!first.ok) throw new Error('not published');
  await t.clock.advance(1_000);
  idOf(await t.deliveries.redeliver(t.caller, { eventId: first.value.eventId, targetId }));
  expect(await publish()).toEqual(first);
  expect(first.value.deliveryCount).toBe(1);
});

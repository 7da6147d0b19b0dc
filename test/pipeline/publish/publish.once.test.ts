/** Publishing under the idempotency key of a request: database/effect.ts in the transaction that publishers share. */
import { expect, test } from 'vitest';
import type { Effect } from '../../../src/database/effect.ts';
import { createIdempotency } from '../../../src/database/idempotency.ts';
import { createPipeline } from '../../support/pipeline.ts';

async function setup() {
  const t = await createPipeline();
  const idempotency = createIdempotency(t);
  await t.fixtures.target({ organizationId: t.organizationId });
  const lease = async (key: string) => {
    const outcome = await idempotency.acquire({ apiKeyId: 'key-1', key, hash: Buffer.from('hash') });
    if (outcome.state !== 'mine') throw new Error(`The request is ${outcome.state}`);
    return outcome.lease;
  };
  return {
    ...t,
    lease,
    publish: (effect?: Effect, idempotencyKey?: string) =>
      t.publisher.publish(t.caller, { eventType: 'user.created', data: {}, idempotencyKey }, effect),
    /** What whoever takes a request over will recall. */
    async recall(key: string, field: string) {
      await t.database.pool.query('update idempotency_requests set claimed_until = now()');
      return (await lease(key)).recall(field);
    },
    [Symbol.asyncDispose]: () => t[Symbol.asyncDispose](),
  };
}

test('what was published is remembered in the transaction that concurrent publishers share', async () => {
  await using t = await setup();
  const leases = [await t.lease('a'), await t.lease('b')];
  await t.publish(); // From here on, what comes together is one batch.
  const results = await Promise.all([
    t.publish(leases[0]!.effect('x')),
    t.publish(),
    t.publish(leases[1]!.effect('y')),
  ]);
  const [first, , third] = results.map((result) => (result.ok ? result.value : undefined));
  const transactions = await t.rows(`
    select xmin::text from events where id >= '${first!.eventId}' union all select xmin::text from idempotency_effects`);
  expect(new Set(transactions.map(({ xmin }) => xmin)).size).toBe(1);
  expect(await t.recall('a', 'x')).toEqual({ eventId: first!.eventId, deliveryCount: 1, filteredCount: 0 });
  expect(await t.recall('b', 'y')).toEqual({ eventId: third!.eventId, deliveryCount: 1, filteredCount: 0 });
});

test('events that were there before, or are twice in the request, are remembered with their deliveries', async () => {
  await using t = await setup();
  const earlier = await t.publish(undefined, 'earlier');
  if (!earlier.ok) return expect.unreachable();
  const events = ['earlier', 'new', 'new'].map((idempotencyKey) => ({
    eventType: 'user.created',
    data: {},
    idempotencyKey,
  }));
  const result = await t.publisher.publishMany(t.caller, events, (await t.lease('a')).effect('x'));
  if (!result.ok) return expect.unreachable();
  const { eventIds, deliveryCount } = result.value;
  expect([eventIds[0], new Set(eventIds).size, deliveryCount]).toEqual([earlier.value.eventId, 2, 2]);
  expect(await t.recall('a', 'x')).toEqual(result.value);
});

test('a publish whose request was taken over is refused alone, and writes nothing', async () => {
  await using t = await setup();
  const [lost, kept] = [await t.lease('lost'), await t.lease('kept')];
  await t.database.pool.query("update idempotency_requests set runner = gen_random_uuid() where key = 'lost'");
  const settled = await Promise.allSettled([t.publish(), t.publish(lost.effect('x')), t.publish(kept.effect('y'))]);
  expect(settled).toMatchObject([
    { status: 'fulfilled', value: { ok: true } },
    { status: 'rejected', reason: { code: 'IDEMPOTENCY_IN_PROGRESS' } },
    { status: 'fulfilled', value: { ok: true } },
  ]);
  expect(await t.rows('select id from events')).toHaveLength(2);
  expect(await t.rows('select from idempotency_effects')).toHaveLength(1);
});

test('a test event whose request was taken over is not sent', async () => {
  await using t = await setup();
  const lost = await t.lease('lost');
  await t.database.pool.query('update idempotency_requests set runner = gen_random_uuid()');
  const [{ id: targetId }] = await t.rows('select id from webhook_targets');
  const sending = t.publisher.sendTest(t.caller, { targetId }, lost.effect('x'));
  await expect(sending).rejects.toMatchObject({ code: 'IDEMPOTENCY_IN_PROGRESS' });
  expect(await t.rows('select id from events')).toEqual([]);
});

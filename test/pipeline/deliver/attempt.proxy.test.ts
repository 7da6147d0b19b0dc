/** An egress proxy that fails costs its targets nothing: no health, no width, no attempt of a schedule. */
import { expect, test } from 'vitest';
import { describeAttempt } from '../../../src/pipeline/deliver/attempt.ts';
import { createPipeline, SCHEDULE_MS } from '../../support/pipeline.ts';
import { startProxy } from '../../support/network/proxies.ts';
import { startReceiver } from '../../support/receiver.ts';

const CREDENTIALS = { username: 'sender', password: 'password-of-the-proxy' };

/** `afterFailures`: when a target that only fails is disabled. */
async function setup(afterFailures = 2, tells = false) {
  const proxy = await startProxy({ credentials: CREDENTIALS });
  const receiver = await startReceiver(200);
  const proxied = { proxy: proxy.settings, resolvesNames: false };
  const disable = { afterMs: 1, afterFailures };
  const pipeline = await createPipeline({ proxied, disable, tells, timeoutMs: 1_000, maxAttempts: 2 });
  const { id } = await pipeline.target(receiver.url);
  return {
    ...pipeline,
    proxy,
    receiver,
    targetId: id,
    status: async () => (await pipeline.rows('select status from webhook_targets where id = $1', [id]))[0].status,
    async [Symbol.asyncDispose]() {
      await pipeline[Symbol.asyncDispose]();
      await receiver[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

test.each(['refuse', 'hang', 'close'] as const)(
  'no target is disabled for a proxy that does this: %s',
  async (mood) => {
    await using t = await setup();
    t.proxy.behave(mood);
    const before = await t.health(t.targetId);
    const { deliveryIds } = await t.publish();
    for (let attempt = 1; attempt <= 4; attempt++) {
      await t.runDue();
      const { status, attempt_count, schedule_step, next_attempt_at } = await t.delivery(deliveryIds[0]!);
      expect({ status, attempt_count, schedule_step }).toEqual({
        status: 'RETRYING',
        attempt_count: attempt,
        schedule_step: 0,
      });
      expect(next_attempt_at.getTime() - t.clock.now().getTime()).toBe(SCHEDULE_MS[attempt - 1]);
      await t.clock.advance(SCHEDULE_MS[attempt - 1]!);
    }
    const attempts = await t.attempts(deliveryIds[0]!);
    expect(attempts.map(({ outcome }) => outcome)).toEqual(Array(4).fill('PROXY_ERROR'));
    const health = await t.health(t.targetId);
    expect({ ...health, last_attempt_at: null }).toEqual({ ...before, last_attempt_at: null });
    expect(health.last_attempt_at).toEqual(attempts.at(-1)!.started_at);
    expect([await t.status(), t.disabled]).toEqual(['ACTIVE', []]);
    t.proxy.behave('pass');
    await t.runDue();
    expect(await t.delivery(deliveryIds[0]!)).toMatchObject({ status: 'DELIVERED', attempt_count: 5 });
    expect(t.receiver.requests[0]!.headers['x-dakota-delivery-attempt']).toBe('5');
  },
);

test('failures of the target and of the proxy in turns count those of the target only', async () => {
  await using t = await setup(20);
  const { deliveryIds } = await t.publish();
  t.receiver.respondWith({ status: 500, headers: { connection: 'close' } });
  await t.runDue();
  t.proxy.behave('refuse');
  await t.clock.advance(SCHEDULE_MS[0]!);
  await t.runDue();
  expect(await t.delivery(deliveryIds[0]!)).toMatchObject({ status: 'RETRYING', schedule_step: 1, attempt_count: 2 });
  expect(await t.health(t.targetId)).toMatchObject({ failure_count: 1 });
  t.proxy.behave('pass');
  await t.clock.advance(SCHEDULE_MS[0]!);
  await t.runDue();
  expect(await t.delivery(deliveryIds[0]!)).toMatchObject({ status: 'FAILED', schedule_step: 2, attempt_count: 3 });
  t.proxy.behave('refuse');
  expect(await t.deliveries.retry(t.caller, { id: deliveryIds[0]! })).toMatchObject({ ok: true });
  await t.runDue();
  expect(await t.delivery(deliveryIds[0]!)).toMatchObject({ status: 'RETRYING', attempt_count: 4, schedule_step: 2 });
  t.receiver.respondWith(200);
  t.proxy.behave('pass');
  await t.clock.advance(SCHEDULE_MS[1]!);
  await t.runDue();
  expect(await t.delivery(deliveryIds[0]!)).toMatchObject({ status: 'DELIVERED', attempt_count: 5 });
});

test('a delivery that ends while the proxy fails is told as no failure of its target', async () => {
  await using t = await setup(20, true);
  t.proxy.behave('refuse');
  const { deliveryIds } = await t.publish();
  await t.rows('update deliveries set attempt_count = $1', [SCHEDULE_MS.length + 1]);
  await t.rows('update deliveries set schedule_step = 1');
  await t.runDue();
  expect(await t.delivery(deliveryIds[0]!)).toMatchObject({ status: 'FAILED', schedule_step: 2 });
  expect([await t.told(), (await t.health(t.targetId)).exhausted_count]).toEqual([[], 0]);
});

test('a probe that does not come through the proxy does not end the deferral of its target', async () => {
  await using t = await setup(20);
  t.receiver.respondWith({ status: 503, headers: { 'retry-after': '60', connection: 'close' } });
  await t.publish();
  await t.runDue();
  const deferredUntil = async (): Promise<Date> =>
    (await t.rows('select deferred_until from webhook_targets where id = $1', [t.targetId]))[0].deferred_until;
  const before = await deferredUntil();
  expect(before.getTime()).toBeGreaterThan(t.clock.now().getTime());
  await t.publish();
  await t.clock.advance(60_000);
  t.proxy.behave('refuse');
  await t.runDue();
  expect(t.receiver.requests).toHaveLength(1);
  expect((await deferredUntil()).getTime()).toBeGreaterThan(before.getTime());
});

test('the line of the log, the attempt and the change hold neither the proxy nor its credentials', async () => {
  await using t = await setup();
  t.proxy.behave('refuse');
  await t.publish();
  const [claim] = (await t.worker.claim.claim(1, t.clock.now(), {})).ready;
  const line = JSON.stringify(describeAttempt(await t.worker.attempt(claim!)));
  const rows = await t.rows(`select to_jsonb(a)::text as row from delivery_attempts a
    union all select to_jsonb(c)::text from delivery_changes c union all select to_jsonb(h)::text from target_health h`);
  const text = [line, ...rows.map(({ row }) => row)].join('\n');
  expect(text).toContain('PROXY_ERROR');
  const login = Buffer.from(`${CREDENTIALS.username}:${CREDENTIALS.password}`).toString('base64');
  for (const secret of [CREDENTIALS.password, login, `:${t.proxy.settings.port}`]) {
    expect(text.replaceAll(new URL(t.receiver.url).host, '')).not.toContain(secret);
  }
});

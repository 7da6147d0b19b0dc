import { expect, test } from 'vitest';
import { createTargetSecrets } from '../../../src/manage/targets/target-secrets.ts';
import { verifyWebhook } from '../../../src/verify/index.ts';
import { answer, onEachRequest, startHostile, type Behaviour } from '../../support/network/hostile.ts';
import { createPipeline, SCHEDULE_MS } from '../../support/pipeline.ts';
import { startReceiver, type ReceiverAnswer } from '../../support/receiver.ts';

async function setup(options: Parameters<typeof createPipeline>[0] = {}, answer: ReceiverAnswer = 200) {
  const pipeline = await createPipeline(options);
  const receiver = await startReceiver(() => answer);
  return {
    ...pipeline,
    receiver,
    async [Symbol.asyncDispose]() {
      await receiver[Symbol.asyncDispose]();
      await pipeline[Symbol.asyncDispose]();
    },
  };
}

test('a published event reaches its target, signed, with exactly the headers of the guide', async () => {
  await using t = await setup();
  const { secret } = await t.target(t.receiver.url);
  const { eventId, deliveryIds } = await t.publish({ hello: 'world' });
  await t.runDue();

  const [request] = t.receiver.requests;
  const timestamp = String(t.clock.now().getTime() / 1000);
  expect(request!.method).toBe('POST');
  expect(request!.body.toString()).toBe(
    `{"id":"${eventId}","event":"user.created","data":{"hello":"world"},"created_at":"2026-01-15T10:30:00.000Z"}`,
  );
  expect(request!.headers).toMatchObject({
    'content-type': 'application/json',
    'user-agent': 'Dakota-Webhooks/1.0',
    'x-webhook-timestamp': timestamp,
    'x-dakota-event-id': eventId,
    'x-dakota-event-type': 'user.created',
    'x-dakota-delivery-attempt': '1',
    'webhook-id': eventId,
    'webhook-timestamp': timestamp,
  });
  expect(request!.rawHeaders).toContain('X-Dakota-Event-ID');
  const [key] = await t.rows('select public_key from signing_keys');
  const verify = (keys: object) =>
    verifyWebhook({ headers: request!.headers, body: request!.body, now: t.clock.now(), ...keys });
  expect(await verify({ publicKeys: [key.public_key] })).toMatchObject({ ok: true });
  expect(await verify({ secrets: [secret] })).toMatchObject({ ok: true, schemes: ['v1'] });

  expect(await t.delivery(deliveryIds[0]!)).toMatchObject({
    status: 'DELIVERED',
    attempt_count: 1,
    next_attempt_at: null,
    job_id: null,
    delivered_at: t.clock.now(),
  });
  expect(await t.attempts(deliveryIds[0]!)).toMatchObject([
    { number: 1, trigger: 'SCHEDULE', outcome: 'DELIVERED', response_status: 200, error: null },
  ]);
  expect(await t.history(deliveryIds[0]!)).toEqual(['>PENDING', 'PENDING>DELIVERED#1']);
  expect(await t.rows('select from pgboss.job')).toEqual([]);
});

test('an attempt says that its request was sent twice, because the target had closed the connection it kept', async () => {
  await using t = await setup();
  const behaviours: Behaviour[] = [
    (socket) => onEachRequest(socket, (request) => (request === 1 ? socket.write(NO_CONTENT) : socket.destroy())),
    answer(NO_CONTENT),
  ];
  await using target = await startHostile({ numbered: (connection) => behaviours[connection - 1]! });
  await t.target(target.url);
  const resent: boolean[] = [];
  for (let count = 0; count < 2; count++) {
    const { deliveryIds } = await t.publish();
    await t.runDue();
    const [attempt, ...more] = await t.attempts(deliveryIds[0]!);
    expect([attempt!.outcome, more]).toEqual(['DELIVERED', []]);
    resent.push(attempt!.resent);
  }
  expect(resent).toEqual([false, true]);
});

const NO_CONTENT = 'HTTP/1.1 204 No Content\r\n\r\n';

test('every valid secret and every valid signing key signs, the active key alone signs X-Webhook-Signature', async () => {
  await using t = await setup();
  const { id, secret } = await t.target(t.receiver.url);
  const expired = new Date(t.clock.now().getTime() - 1);
  for (const [text, expiresAt] of [
    ['whsec_b2xkIHNlY3JldA==', new Date(t.clock.now().getTime() + 1)],
    ['whsec_ZXhwaXJlZA==', expired],
  ] as const) {
    const sealed = t.seal.seal(Buffer.from(text), `target-secret:${t.organizationId}:${id}`);
    await t.rows('insert into target_secrets values ($1, $2, $3, $4, $5)', [
      t.ids.next(),
      id,
      sealed,
      expired,
      expiresAt,
    ]);
  }
  await t.publish();
  await t.runDue();
  const { headers, body } = t.receiver.requests[0]!;
  const signatures = String(headers['webhook-signature']).split(' ');
  expect(signatures.map((signature) => signature.split(',')[0])).toEqual(['v1a', 'v1', 'v1']);
  const bySecret = (text: string) => verifyWebhook({ headers, body, now: t.clock.now(), secrets: [text] });
  expect(await bySecret(secret)).toMatchObject({ ok: true });
  expect(await bySecret('whsec_b2xkIHNlY3JldA==')).toMatchObject({ ok: true });
  expect(await bySecret('whsec_ZXhwaXJlZA==')).toMatchObject({ ok: false });
});

test('a claim that waited for over a second is signed with the secrets of now, a younger one as it was read', async () => {
  await using t = await setup();
  const { id } = await t.target(t.receiver.url);
  const { claim: claimer, attempt } = t.worker;
  const { pool } = t.database;
  const owner = { id, organizationId: t.organizationId };
  const secrets = createTargetSecrets(t);
  for (const [waitedMs, isSigned] of [
    [1_000, false],
    [1_001, true],
  ] as const) {
    await t.publish();
    const { ready } = await claimer.claim(1, t.clock.now(), {});
    const added = await secrets.add(pool, owner, t.clock.now());
    await t.clock.advance(waitedMs);
    await attempt(ready[0]!);
    const { headers, body } = await t.receiver.next();
    const result = await verifyWebhook({ headers, body, now: t.clock.now(), secrets: [added] });
    expect([waitedMs, result.ok]).toEqual([waitedMs, isSigned]);
  }
});

test.each([
  ['off', 0, 1],
  ['on', 0.999, 1.0999],
])('with jitter %s, all ten attempts are due when the table says', async (_, random, factor) => {
  await using t = await setup({}, 500);
  t.clock.fixRandom(random);
  const { id: targetId } = await t.target(t.receiver.url);
  const { eventId, deliveryIds } = await t.publish();
  await t.runDue();
  for (const [index, delayMs] of SCHEDULE_MS.slice(0, 9).entries()) {
    expect(t.receiver.requests).toHaveLength(index + 1);
    const delivery = await t.delivery(deliveryIds[0]!);
    const waitMs = delivery.next_attempt_at.getTime() - t.clock.now().getTime();
    expect(delivery).toMatchObject({ status: 'RETRYING', attempt_count: index + 1 });
    expect(waitMs).toBe(Math.round(delayMs * factor));
    await t.clock.advance(waitMs - 1);
    await t.runDue();
    expect(t.receiver.requests, 'nothing is sent a millisecond early').toHaveLength(index + 1);
    await t.clock.advance(1);
    await t.runDue();
  }
  expect(await t.delivery(deliveryIds[0]!)).toMatchObject({
    status: 'FAILED',
    attempt_count: 10,
    next_attempt_at: null,
  });
  await t.clock.advance(100 * 3_600_000);
  await t.runDue();
  const numbers = t.receiver.requests.map(({ headers }) => Number(headers['x-dakota-delivery-attempt']));
  expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(new Set(t.receiver.requests.map(({ headers }) => headers['x-dakota-event-id']))).toEqual(new Set([eventId]));
  expect(new Set(t.receiver.requests.map(({ body }) => body.toString())).size).toBe(1);
  const retrying = Array.from({ length: 8 }, (_, index) => `RETRYING>RETRYING#${index + 2}`);
  const history = ['>PENDING', 'PENDING>RETRYING#1', ...retrying, 'RETRYING>FAILED#10'];
  expect(await t.history(deliveryIds[0]!)).toEqual(history);
  expect(await t.health(targetId)).toMatchObject({ failure_count: 10, last_success_at: null });
});

test.each([
  [201, undefined, 'DELIVERED'],
  [204, undefined, 'DELIVERED'],
  [301, 'redirects are not followed', 'HTTP_ERROR'],
  [404, 'answered 404', 'HTTP_ERROR'],
  [500, 'answered 500', 'HTTP_ERROR'],
])('an answer of %i is judged', async (status, error, outcome) => {
  await using t = await setup({}, { status, headers: { location: '/elsewhere', 'x-a': ['1', '2'] }, body: '' });
  await t.target(t.receiver.url);
  const { deliveryIds } = await t.publish();
  await t.runDue();
  const [attempt] = await t.attempts(deliveryIds[0]!);
  expect(attempt).toMatchObject({ outcome, response_status: status });
  expect(JSON.parse(attempt.response_headers)).toMatchObject({ 'x-a': ['1', '2'] });
  if (error) expect(attempt.error).toContain(error);
  expect(t.receiver.requests).toHaveLength(1);
});

test('an attempt record keeps at most 16 KiB of the response', async () => {
  await using t = await setup({}, { status: 500, body: 'é'.repeat(16 * 1024) });
  await t.target(t.receiver.url);
  const { deliveryIds } = await t.publish();
  await t.runDue();
  const [attempt] = await t.attempts(deliveryIds[0]!);
  expect(attempt.response_body_truncated).toBe(true);
  expect(attempt.response_body).toBe('é'.repeat(8 * 1024));
});

test('retries after the time the target asked for, within twice the schedule', async () => {
  await using t = await setup({}, { status: 429, headers: { 'retry-after': '400' } });
  await t.target(t.receiver.url);
  const { deliveryIds } = await t.publish();
  await t.runDue();
  const dueIn = async () => (await t.delivery(deliveryIds[0]!)).next_attempt_at.getTime() - t.clock.now().getTime();
  expect(await dueIn()).toBe(400_000);
  t.receiver.respondWith({ status: 503, headers: { 'retry-after': '86400' } });
  await t.clock.advance(400_000);
  await t.runDue();
  expect(await dueIn()).toBe(2 * SCHEDULE_MS[1]!);
});

test('a refused connection, an unknown host and a hanging target fail with their outcome', async () => {
  await using t = await setup({ timeoutMs: 3_000 });
  t.receiver.respondWith(() => new Promise(() => {}));
  await t.target(t.receiver.url);
  await t.target('http://127.0.0.1:2/');
  await t.target('http://no-such-host.invalid/');
  await t.target('http://10.0.0.1/');
  await t.publish();
  await t.runDue();
  const outcomes = await t.rows('select outcome from delivery_attempts order by delivery_id');
  expect(outcomes.map(({ outcome }) => outcome)).toEqual([
    'TIMEOUT',
    'CONNECTION_ERROR',
    'DNS_ERROR',
    'FORBIDDEN_ADDRESS',
  ]);
});

test('a changed URL applies from the next attempt on', async () => {
  await using t = await setup({}, 500);
  await using second = await startReceiver();
  const { id } = await t.target(t.receiver.url);
  const { deliveryIds } = await t.publish();
  await t.runDue();
  await t.rows('update webhook_targets set url = $1 where id = $2', [second.url, id]);
  await t.clock.advance(SCHEDULE_MS[0]!);
  await t.runDue();
  expect([t.receiver.requests.length, second.requests.length]).toEqual([1, 1]);
  expect(await t.delivery(deliveryIds[0]!)).toMatchObject({ status: 'DELIVERED', attempt_count: 2 });
});

test('target health counts failures since the last success, and remembers times and reason', async () => {
  await using t = await setup({}, 500);
  const { id } = await t.target(t.receiver.url);
  await t.publish();
  await t.publish();
  await t.runDue();
  expect(await t.health(id)).toMatchObject({ failure_count: 2, last_success_at: null, last_attempt_at: t.clock.now() });
  const failedAt = t.clock.now();
  t.receiver.respondWith(200);
  await t.clock.advance(1_000);
  await t.publish();
  await t.runDue();
  expect(await t.health(id)).toMatchObject({
    failure_count: 0,
    last_success_at: t.clock.now(),
    last_failure_at: failedAt,
    last_failure_reason: expect.stringContaining('500'),
  });
});

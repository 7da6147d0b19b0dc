/** An erased event is never sent again, whoever asks, and whatever is under way while it is erased. */
import { expect, test } from 'vitest';
import { createDeliveries } from '../../../src/manage/deliveries.ts';
import { createReplayCount } from '../../../src/pipeline/replay/count-replay.ts';
import { createReplays } from '../../../src/manage/replays.ts';
import { createBodies } from '../../../src/pipeline/bodies.ts';
import { ClaimWithdrawn, createClaimer } from '../../../src/pipeline/deliver/claim.ts';
import { createDestinations } from '../../../src/pipeline/deliver/sealed/destinations.ts';
import { createIdentities } from '../../../src/pipeline/deliver/sealed/identities.ts';
import { createLoans } from '../../../src/pipeline/deliver/loans.ts';
import { createOwnHeaders } from '../../../src/pipeline/deliver/sealed/own-headers.ts';
import { createSecrets } from '../../../src/pipeline/deliver/sealed/secrets.ts';
import { createStep } from '../../../src/pipeline/replay/step.ts';
import { startReceiver } from '../../support/receiver.ts';
import { setup } from './setup.ts';

test('retry and redeliver are INVALID_STATE', async () => {
  await using t = await setup({ maxAttempts: 1 });
  await using receiver = await startReceiver(500);
  const target = await t.target(receiver.url);
  const { eventId, deliveryIds } = await t.publishAbout('c1');
  await t.runDue();
  const [id] = deliveryIds as [string];
  expect(await t.delivery(id)).toMatchObject({ status: 'FAILED' });
  await t.erase({ customerId: 'c1' });
  const code = 'INVALID_STATE';
  expect(await t.deliveries.retry(t.caller, { id })).toMatchObject({ userErrors: [{ code, field: ['input', 'id'] }] });
  expect(await t.deliveries.redeliver(t.caller, { eventId, targetId: target.id })).toMatchObject({
    userErrors: [{ code, field: ['input', 'eventId'] }],
  });
  await t.runDue();
  expect(receiver.requests).toHaveLength(1);
});

test.each(['ALL', 'FAILED'] as const)('a replay of mode %s skips and counts it', async (mode) => {
  await using t = await setup({ maxAttempts: 1 });
  await using receiver = await startReceiver(500);
  const { id: targetId } = await t.target(receiver.url);
  const { eventId } = await t.publishAbout('c1');
  const { eventId: kept } = await t.publishAbout('c2');
  await t.runDue();
  await t.erase({ eventId });
  const { database, clock, ids, queue } = t;
  const count = createReplayCount({ reads: database.reads, clock, retentionDays: 30 });
  const replays = createReplays({ database, clock, ids, retentionDays: 30, count, ring: () => {} });
  const createdAt = { gte: new Date(clock.now().getTime() - 3_600_000), lt: clock.now() };
  const created = await replays.create(t.caller, { scope: { targetId, mode, createdAt } });
  if (!created.ok) throw new Error(JSON.stringify(created.userErrors));
  const { replayId } = created.value;
  await t.rows('update replays set runner = $1, leased_until = $2', [t.runner, clock.now()]);
  const step = createStep({ database, queue, clock, ids, maxAttempts: 10, retentionDays: 30 });
  for (let isOver = false; !isOver; isOver = !(await step(replayId, t.runner, 100))) await clock.advance(60_000);
  expect((await t.rows('select * from replays'))[0]).toMatchObject({ replayed_count: 1, skipped_count: 1 });
  await t.runDue();
  const sent = receiver.requests.map(({ body }) => JSON.parse(String(body)).id);
  expect(sent.filter((id) => id === kept)).toHaveLength(2);
  expect(sent.filter((id) => id === eventId)).toHaveLength(1);
});

test('what is being sent arrives, and its answer is recorded without what the target said', async () => {
  await using t = await setup({ timeoutMs: 60_000 });
  const answering = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  await using receiver = await startReceiver(async () => {
    arrived.resolve();
    await answering.promise;
    return { status: 500, headers: { 'x-told': 'marker' }, body: 'marker' };
  });
  await t.target(receiver.url);
  const { eventId, deliveryIds } = await t.publishAbout('c1', { secret: 'marker' });
  t.worker.dispatcher.wake();
  await arrived.promise;
  await t.erase({ eventId });
  answering.resolve();
  await t.worker.dispatcher.idle();
  expect(await t.delivery(deliveryIds[0]!)).toMatchObject({ status: 'CANCELLED' });
  expect(await t.attempts(deliveryIds[0]!)).toMatchObject([
    { number: 1, response_status: 500, response_headers: null, response_body: null, error: null },
  ]);
});

test('a claim that has waited is looked up again, and not sent from a body at hand', async () => {
  await using t = await setup();
  await t.target('http://127.0.0.1:9/');
  const { eventId } = await t.publishAbout('c1');
  const { database, queue, seal, clock } = t;
  const bodies = createBodies();
  bodies.set(eventId, 'at hand');
  const identities = createIdentities({ sql: database.pool, seal, onReplaced: () => {} });
  const destinations = createDestinations(database.pool, createOwnHeaders(seal, 'Dakota'), identities);
  const secrets = createSecrets(database.pool, seal, destinations);
  const claimer = createClaimer({ database, queue, bodies, loans: createLoans(2 ** 20), secrets, onError: () => {} });
  const { ready } = await claimer.claim(16, clock.now(), {});
  expect(await claimer.refresh(ready[0]!, clock.now())).toMatchObject({ body: 'at hand' });
  await t.erase({ eventId });
  await expect(claimer.refresh(ready[0]!, clock.now())).rejects.toThrow('not due any more');
});

test('a claim whose body was read after the erasure is withdrawn, and not told as a failure', async () => {
  await using t = await setup();
  await using receiver = await startReceiver();
  await t.target(receiver.url);
  const { eventId } = await t.publishAbout('c1');
  const { ready } = await t.worker.claim.claim(16, t.clock.now(), {});
  await t.erase({ eventId });
  await expect(t.worker.attempt(ready[0]!)).rejects.toBeInstanceOf(ClaimWithdrawn);
  expect(receiver.requests).toEqual([]);
});

test('a delivery that the release before has added to it is cancelled when it is claimed', async () => {
  await using t = await setup();
  await using receiver = await startReceiver();
  const { id: targetId } = await t.target(receiver.url, { eventTypes: ['no.such'] });
  const { eventId } = await t.publishAbout('c1');
  await t.erase({ eventId });
  const [id, jobId] = [t.ids.next(), t.clock.uuid()];
  await t.fixtures.delivery({ organizationId: t.organizationId, targetId, eventId, id, jobId });
  await t.queue.insert(t.database.pool, [{ id: jobId, deliveryId: id, startAfter: t.clock.now() }]);
  await t.runDue();
  expect(receiver.requests).toEqual([]);
  expect(await t.delivery(id)).toMatchObject({ status: 'CANCELLED' });
});

/** Waits until a statement of another connection waits for a lock. */
async function untilWaiting(t: Awaited<ReturnType<typeof setup>>): Promise<void> {
  const waiting = `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
  while ((await t.rows(waiting)).length === 0) await new Promise(setImmediate);
}

test('a redelivery that is not committed yet is waited for, and cancelled', async () => {
  await using t = await setup();
  const { id: targetId } = await t.target('http://127.0.0.1:9/', { eventTypes: ['no.such'] });
  const { eventId } = await t.publishAbout('c1');
  const erasureId = await t.begin({ eventId });
  const { transaction } = t.database;
  const stepping = Promise.withResolvers<unknown>();
  const held = createDeliveries({
    ...t,
    maxAttempts: 10,
    retentionDays: 30,
    ring: () => {},
    database: {
      ...t.database,
      transaction: (work) =>
        transaction(async (tx) => {
          const done = await work(tx);
          stepping.resolve(t.makeStep(erasureId));
          await untilWaiting(t);
          return done;
        }),
    },
  });
  const redelivered = await held.redeliver(t.caller, { eventId, targetId });
  expect(redelivered).toMatchObject({ ok: true });
  expect(await stepping.promise).toMatchObject({ erased: 1, cancelled: 1 });
  expect(await t.rows(`select status from deliveries`)).toEqual([{ status: 'CANCELLED' }]);
});

/** The bytes of bodies in flight, from the database to the sockets. */
import { expect, test } from 'vitest';
import { createPipeline } from '../../support/pipeline.ts';
import { startReceiver } from '../../support/receiver.ts';

const KIB = 1_024;
const TARGETS = 20;

/** Targets at one receiver that answers nothing until it is let go. */
async function setup() {
  const pipeline = await createPipeline({ inFlightBytes: 1_024 * KIB, timeoutMs: 60_000 });
  const gate = Promise.withResolvers<void>();
  const receiver = await startReceiver(() => gate.promise.then(() => 200 as const));
  for (let index = 0; index < TARGETS; index++) {
    const eventType = `body.number_${index}`;
    await pipeline.fixtures.eventType({ name: eventType });
    await pipeline.target(receiver.url, { eventTypes: [eventType, 'shared.body'] });
  }
  await pipeline.fixtures.eventType({ name: 'shared.body' });
  await pipeline.target(receiver.url, { eventTypes: ['user.created'] });
  return {
    ...pipeline,
    receiver,
    letGo: () => gate.resolve(),
    async [Symbol.asyncDispose]() {
      gate.resolve();
      await receiver[Symbol.asyncDispose]();
      await pipeline[Symbol.asyncDispose]();
    },
  };
}

const text = (kib: number) => ({ text: 'x'.repeat(kib * KIB) });

test('an organization has at most half of the bytes in flight, and all its bodies arrive whole', async () => {
  await using t = await setup();
  for (let index = 0; index < TARGETS; index++) {
    const event = { eventType: `body.number_${index}`, data: text(100) };
    expect(await t.publisher.publish(t.caller, event)).toMatchObject({ ok: true });
  }
  t.worker.dispatcher.wake();
  for (let count = 0; count < 5; count++) await t.receiver.next();
  await t.publish(); // Its small body has room beside the large ones.
  t.worker.dispatcher.wake();
  await t.receiver.next(({ body }) => body.length < KIB);
  expect(t.receiver.requests.filter(({ body }) => body.length > 100 * KIB)).toHaveLength(5);
  t.letGo();
  await t.worker.dispatcher.idle();
  expect(t.receiver.requests.filter(({ body }) => body.length > 100 * KIB)).toHaveLength(TARGETS);
  expect(await t.rows("select from deliveries where status = 'DELIVERED' and attempt_count = 1")).toHaveLength(
    TARGETS + 1,
  );
});

test('a body that many targets share counts once', async () => {
  await using t = await setup();
  const event = { eventType: 'shared.body', data: text(200) };
  expect(await t.publisher.publish(t.caller, event)).toMatchObject({ ok: true });
  t.worker.dispatcher.wake();
  for (let count = 0; count < TARGETS; count++) await t.receiver.next();
  t.letGo();
  await t.worker.dispatcher.idle();
  expect(await t.rows("select from deliveries where status = 'DELIVERED'")).toHaveLength(TARGETS);
});

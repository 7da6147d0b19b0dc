/** Requests that were collected together and are more than one transaction takes: each is answered for its own. */
import { expect, test } from 'vitest';
import { OutcomeUnknown } from '../../../src/database/commit.ts';
import type { Database } from '../../../src/database/client.ts';
import { createBodies } from '../../../src/pipeline/bodies.ts';
import { createPublisher } from '../../../src/pipeline/publish/publish.ts';
import { createPipeline } from '../../support/pipeline.ts';
import { KEY_HASH } from '../../support/master-key.ts';

type Transact = Database['transact'];

/**
 * Four requests fit into a batch, and each is a transaction of its own: 50 events for 220 targets are 11,000 deliveries.
 * `fault`: what the call of this number, 1 for the first, returns in place of its transaction.
 */
async function setup(fault: (call: number, transact: () => ReturnType<Transact>) => ReturnType<Transact> | undefined) {
  const t = await createPipeline();
  for (let count = 0; count < 220; count++) await t.fixtures.target({ organizationId: t.organizationId });
  let calls = 0;
  const transact: Transact = (...args) => {
    const real = () => t.database.transact(...args);
    return fault(++calls, real) ?? real();
  };
  const publisher = createPublisher({
    keyHash: KEY_HASH,
    database: { ...t.database, transact },
    queue: t.queue,
    clock: t.clock,
    ids: t.ids,
    bodies: createBodies(),
    maxAttempts: 10,
    patienceMs: 60_000,
    onCommit: () => {},
  });
  const events = Array(50).fill({ eventType: 'user.created', data: {} });
  return {
    publish: (count = 50) => publisher.publishMany(t.caller, events.slice(0, count)),
    idle: () => publisher.idle(),
    events: async (): Promise<number> =>
      (await t.database.reads.query('select count(*)::int as count from events')).rows[0].count,
    [Symbol.asyncDispose]: () => t[Symbol.asyncDispose](),
  };
}

const DONE = { status: 'fulfilled', value: { ok: true, value: { deliveryCount: 11_000 } } };

test('a request that is committed is answered as published, whatever a later one of its batch meets', async () => {
  const away = Object.assign(new Error('away'), { code: '57P01' });
  await using t = await setup((call) => (call > 1 ? Promise.reject(away) : undefined));
  const answers = await Promise.allSettled([t.publish(), t.publish(), t.publish()]);
  expect(answers).toMatchObject([DONE, { status: 'rejected', reason: away }, { status: 'rejected', reason: away }]);
  expect(await t.events()).toBe(50);
});

test('a request is answered when it is committed, and not after the later ones of its batch', async () => {
  let goOn = () => {};
  const gate = new Promise<void>((open) => (goOn = open));
  await using t = await setup((call, transact) => (call === 2 ? gate.then(transact) : undefined));
  const [first, second] = [t.publish(), t.publish()];
  expect(await first).toMatchObject(DONE.value); // The second one hangs.
  expect(await t.events()).toBe(50);
  goOn();
  expect(await second).toMatchObject(DONE.value);
});

test('a request whose outcome is unknown is told so at once; its lane waits, and then writes the rest', async () => {
  let end = () => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  const unknown = new OutcomeUnknown(new Error('silent'), ended);
  let transactions = 0;
  await using t = await setup((call) => {
    transactions = call;
    return call === 2 ? Promise.reject(unknown) : undefined;
  });
  const [first, second, third] = [t.publish(), t.publish(), t.publish()];
  expect(await first).toMatchObject(DONE.value);
  await expect(second).rejects.toMatchObject({ message: expect.stringContaining('may or may not') });
  expect(transactions).toBe(2);
  end();
  expect(await third).toMatchObject(DONE.value);
  await t.idle();
  expect([transactions, await t.events()]).toEqual([3, 100]);
});

test('an event for thousands of targets has its own transaction: who was collected before it does not wait for it', async () => {
  let goOn = () => {};
  const gate = new Promise<void>((open) => (goOn = open));
  await using t = await setup((call, transact) => (call === 2 ? gate.then(transact) : undefined));
  const [light, heavy] = [t.publish(1), t.publish(30)];
  expect(await light).toMatchObject({ ok: true, value: { deliveryCount: 220 } }); // The heavy one hangs.
  expect(await t.events()).toBe(1);
  goOn();
  expect(await heavy).toMatchObject({ ok: true, value: { deliveryCount: 6_600 } });
});

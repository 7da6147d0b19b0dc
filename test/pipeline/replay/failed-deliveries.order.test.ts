/** A replay of mode FAILED to a target that wants order: one after another, beside what is fresh. */
import { expect, test } from 'vitest';
import { startReceiver } from '../../support/receiver.ts';
import { setup as setupReplay } from './setup.ts';

type Order = { readonly ordering: 'NONE' | 'KEY' | 'TARGET'; readonly afterFailure?: 'SKIP' | 'HOLD' };

/** Three FAILED deliveries of one key, in no chain. */
async function setup({ ordering, afterFailure = 'SKIP' }: Order) {
  const t = await setupReplay({ maxAttempts: 1 });
  const receiver = await startReceiver(500);
  const target = await t.target(receiver.url, { ordering });
  const ids: string[] = [];
  for (const name of ['a', 'b', 'c']) ids.push(...(await t.publish(name, { orderingKey: 'k' })).deliveryIds);
  await t.runDue();
  await t.rows('update webhook_targets set after_failure = $1::order_after_failure', [afterFailure]);
  const statuses = async () => {
    const found = await t.rows('select id, status from deliveries');
    return ids.map((id) => found.find((row) => row.id === id)!.status);
  };
  expect(await statuses()).toEqual(['FAILED', 'FAILED', 'FAILED']);
  const sentBefore = receiver.requests.length;
  const received = () =>
    receiver.requests.slice(sentBefore).map(({ body }) => (JSON.parse(String(body)) as { data: string }).data);
  return {
    ...t,
    receiver,
    target,
    ids,
    statuses,
    received,
    async [Symbol.asyncDispose]() {
      await receiver[Symbol.asyncDispose]();
      await t[Symbol.asyncDispose]();
    },
  };
}

test.each(['KEY', 'TARGET'] as const)('%s: each is retried after the end of the one before it', async (ordering) => {
  await using t = await setup({ ordering });
  const id = await t.create({ targetId: t.target.id, mode: 'FAILED' });
  expect(await t.runToEnd(id)).toMatchObject({ status: 'COMPLETED', replayed_count: 3 });
  const waiting = await t.rows(`select id from deliveries where status = 'RETRYING' and job_id is null`);
  expect(waiting.map((row) => row.id).toSorted()).toEqual(t.ids.slice(1).toSorted());
  expect(await t.history(t.ids[1]!)).toEqual(['>PENDING', 'PENDING>PENDING', 'PENDING>FAILED#1', 'FAILED>RETRYING']);
  t.receiver.respondWith(200);
  await t.runDue();
  expect(t.received()).toEqual(['a', 'b', 'c']);
  expect(await t.statuses()).toEqual(['DELIVERED', 'DELIVERED', 'DELIVERED']);
  expect(await t.rows('select from ordered_deliveries')).toEqual([]);
});

test('what is fresh waits for none of them, and they for none that is fresh', async () => {
  await using t = await setup({ ordering: 'TARGET', afterFailure: 'HOLD' });
  const id = await t.create({ targetId: t.target.id, mode: 'FAILED' });
  await t.runToEnd(id);
  await t.runDue(); // The first one fails again, and holds the others of the replay.
  expect(await t.statuses()).toEqual(['FAILED', 'RETRYING', 'RETRYING']);
  t.receiver.respondWith(200);
  const { deliveryIds } = await t.publish('fresh');
  await t.runDue();
  expect(await t.delivery(deliveryIds[0]!)).toMatchObject({ status: 'DELIVERED' });
  expect(t.received()).toEqual(['a', 'fresh']);
  await t.deliveries.retry(t.caller, { id: t.ids[0]! });
  await t.runDue();
  expect(t.received()).toEqual(['a', 'fresh', 'a', 'b', 'c']);
});

test('NONE: each is retried for itself', async () => {
  await using t = await setup({ ordering: 'NONE' });
  await t.runToEnd(await t.create({ targetId: t.target.id, mode: 'FAILED' }));
  expect(await t.rows('select from deliveries where job_id is null')).toEqual([]);
});

test('a FAILED delivery that holds others up is retried in its own place', async () => {
  await using t = await setupReplay({ maxAttempts: 1 });
  await using receiver = await startReceiver(500);
  const target = await t.target(receiver.url, { ordering: 'TARGET', afterFailure: 'HOLD' });
  for (const name of ['a', 'b']) await t.publish(name);
  await t.runDue();
  await t.runToEnd(await t.create({ targetId: target.id, mode: 'FAILED' }));
  expect(await t.rows('select from ordered_deliveries')).toHaveLength(2);
  receiver.respondWith(200);
  await t.runDue();
  expect(receiver.requests.map(({ body }) => JSON.parse(String(body)).data)).toEqual(['a', 'a', 'b']);
});

test('a step says how many of its deliveries are sent now: the others wait, and wake no worker', async () => {
  await using t = await setup({ ordering: 'TARGET' });
  const id = await t.create({ targetId: t.target.id, mode: 'FAILED' });
  expect(await t.stepAfter(id, 60_000)).toMatchObject({ made: 3, queued: 1 });
});

/** A release wakes workers when it gives them something to send. */
import { expect, test } from 'vitest';
import { createDeliveries } from '../../../src/manage/deliveries.ts';
import { setup as setupOrder } from '../../pipeline/order-setup.ts';

async function setup(status: string) {
  const t = await setupOrder();
  const rings: string[] = [];
  const ring = (channel: string) => void rings.push(channel);
  const deliveries = createDeliveries({ ...t, maxAttempts: 10, retentionDays: 30, ring });
  const [head] = await t.publishInTurn(['a', 'b']);
  await t.setStatus(t.targetId, status);
  return { ...t, rings, deliveries, head: head!, [Symbol.asyncDispose]: () => t[Symbol.asyncDispose]() };
}

test.each([
  ['ACTIVE', ['changes', 'jobs']],
  ['PAUSED', ['changes']],
])('the cancel of a head, with its target %s: %s', async (status, rings) => {
  await using t = await setup(status);
  expect(await t.deliveries.cancel(t.caller, { id: t.head })).toMatchObject({ ok: true });
  expect(t.rings).toEqual(rings);
});

test.each([
  ['ACTIVE', 1],
  ['PAUSED', 0],
])('cancelling for good, with the target %s: %i to send', async (status, queued) => {
  await using t = await setup(status);
  expect(await t.worker.holder.cancel([t.head], [])).toBe(queued);
  expect(await t.orphans()).toEqual([]);
});

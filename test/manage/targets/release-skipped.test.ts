/** What a FAILED delivery holds up goes on with the very change of its target to SKIP. */
import { expect, test } from 'vitest';
import { createTargets } from '../../../src/manage/targets.ts';
import { setup as setupOrder } from '../../pipeline/order-setup.ts';

async function setup() {
  const t = await setupOrder({ ordering: 'KEY', afterFailure: 'HOLD' }, { maxAttempts: 1 });
  t.receiver.respondWith(({ body }) => (String(body).includes('1"') ? 500 : 200));
  const ids = await t.publishInTurn(['a1', 'a2', 'b1', 'b2', 'c1', 'c2'], (name) => name[0]!);
  await t.runDue();
  const rings: string[] = [];
  const urlPolicy = { allowLoopback: true, allowHttp: true, allowedNetworks: [] };
  const ring = (channel: string) => void rings.push(channel);
  const { database, queue, clock, ids: newIds, seal } = t;
  const parts = { database, queue, clock, ids: newIds, seal, ring };
  const targets = createTargets({ ...parts, urlPolicy, brand: 'Dakota', maxTargets: 10 });
  return { ...t, ids, rings, targets, [Symbol.asyncDispose]: () => t[Symbol.asyncDispose]() };
}

test('a target that says SKIP instead of HOLD: each of its chains goes on at once', async () => {
  await using t = await setup();
  expect(await t.targets.update(t.caller, { id: t.targetId, afterFailure: 'SKIP' })).toMatchObject({ ok: true });
  expect(await t.states(t.ids)).toEqual(['FAILED', 'PENDING', 'FAILED', 'PENDING', 'FAILED', 'PENDING']);
  expect(t.rings).toEqual(['changes', 'jobs']);
  await t.runDue();
  expect(await t.states(t.ids)).toEqual(['FAILED', 'DELIVERED', 'FAILED', 'DELIVERED', 'FAILED', 'DELIVERED']);
});

test('another change, and a change of another target, let nothing go on', async () => {
  await using t = await setup();
  const other = await t.target(t.receiver.url, { ordering: 'KEY', afterFailure: 'HOLD' });
  await t.targets.update(t.caller, { id: other.id, afterFailure: 'SKIP' });
  await t.targets.update(t.caller, { id: t.targetId, name: 'still HOLD' });
  expect(await t.states(t.ids)).toEqual([
    'FAILED',
    'PENDING blocked',
    'FAILED',
    'PENDING blocked',
    'FAILED',
    'PENDING blocked',
  ]);
});

test('a PAUSED target keeps them, in order, and no worker is woken', async () => {
  await using t = await setup();
  await t.setStatus(t.targetId, 'PAUSED');
  await t.targets.update(t.caller, { id: t.targetId, afterFailure: 'SKIP' });
  expect(await t.states(t.ids.slice(0, 2))).toEqual(['FAILED', 'PENDING held']);
  expect(t.rings).not.toContain('jobs');
});

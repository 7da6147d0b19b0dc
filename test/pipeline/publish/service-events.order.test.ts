/** Events of the service itself are outside of the order: what they tell of may be the very target that holds others up. */
import { expect, test } from 'vitest';
import { setup } from '../order-setup.ts';

test('an event of the service waits for no delivery of an ordered target, and none waits for it', async () => {
  await using t = await setup({ ordering: 'TARGET' }, { tells: true });
  const ids = await t.publishInTurn(['a', 'b']);
  await t.rows(`update webhook_targets set event_types = '{user.created,target.failing}'`);
  await t.tellingTransaction!((_, tell) =>
    tell([{ type: 'target.failing', organizationId: t.organizationId, data: { targetId: t.targetId } }]),
  );
  const [named] = await t.rows(`select ordered, job_id from deliveries where event_type = 'target.failing'`);
  expect(named).toMatchObject({ ordered: false, job_id: expect.any(String) });
  expect(await t.states(ids)).toEqual(['PENDING', 'PENDING blocked']);
});

test('a target that is failing in order is told of while its chain waits', async () => {
  const disable = { afterMs: 3_600_000, afterFailures: 2 };
  await using t = await setup({ ordering: 'TARGET' }, { tells: true, disable }, 500);
  const ids = await t.publishInTurn(['a', 'b']);
  await t.rows(`update webhook_targets set event_types = '{user.created,target.failing}'`);
  await t.runDue();
  expect(await t.states(ids)).toEqual(['RETRYING', 'PENDING blocked']);
  expect((await t.told()).map(({ type }) => type)).toEqual(['target.failing']);
  expect(await t.rows('select from ordered_deliveries')).toHaveLength(2);
});

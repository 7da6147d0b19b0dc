/** Which verdicts that wait for PostgreSQL keep attempts from being started. */
import { expect, test, vi } from 'vitest';
import { createUnsettled } from '../../../src/pipeline/dispatch/unsettled.ts';
import { createManualClock } from '../../support/clock.ts';
import { setup } from '../order-setup.ts';

test('ordered verdicts of one organization leave room for those of others', () => {
  const unsettled = createUnsettled(8, createManualClock());
  const [a, b] = [
    { organizationId: 'a', isOrdered: true },
    { organizationId: 'b', isOrdered: true },
  ];
  for (let times = 0; times < 6; times++) {
    expect(unsettled.isFullOf('a')).toBe(false);
    unsettled.add(a);
  }
  expect([unsettled.isFullOf('a'), unsettled.isFullOf('b'), unsettled.isFull]).toEqual([true, false, false]);
  unsettled.add(b);
  unsettled.add({ organizationId: 'a', isOrdered: false });
  expect(unsettled.isFull).toBe(true);
  expect(unsettled.remove(b)).toBe(true);
  expect(unsettled.remove(a)).toBe(true);
  expect([unsettled.isFullOf('a'), unsettled.isFull]).toEqual([false, false]);
  expect(unsettled.remove(a)).toBe(false);
});

test('an organization whose many outcomes wait for a lock does not keep another one from being sent', async () => {
  await using t = await setup({ ordering: 'KEY' }, { concurrency: 4 });
  const neighbour = await t.addNeighbour('NONE');
  await t.publishInTurn(
    Array.from({ length: 20 }, (_, nth) => `${nth}`),
    (name) => name,
  );
  const session = await t.database.pool.connect();
  try {
    await session.query('select pg_advisory_lock(lock_number) from ordered_deliveries');
    t.worker.dispatcher.wake();
    await vi.waitFor(() => expect(t.receiver.requests.length).toBeGreaterThanOrEqual(12), 20_000);
    await neighbour.publish('theirs');
    t.worker.dispatcher.wake();
    await vi.waitFor(() => expect(t.received()).toContain('theirs'), 20_000);
    await session.query('select pg_advisory_unlock_all()');
    await t.worker.dispatcher.idle();
    expect(t.received()).toHaveLength(21);
  } finally {
    session.release(true);
  }
});

test('verdicts that wait for the lock of a chain do not say that the worker is stuck, and others do', async () => {
  const clock = createManualClock();
  const unsettled = createUnsettled(8, clock);
  unsettled.add({ organizationId: 'a', isOrdered: true });
  await clock.advance(10_000);
  expect(unsettled.isStuckFor(5_000)).toBe(false);
  unsettled.add({ organizationId: 'b', isOrdered: false });
  await clock.advance(4_999);
  expect(unsettled.isStuckFor(5_000)).toBe(false);
  await clock.advance(1);
  expect(unsettled.isStuckFor(5_000)).toBe(true);
  unsettled.remove({ organizationId: 'b', isOrdered: false });
  expect(unsettled.isStuckFor(5_000)).toBe(false);
});

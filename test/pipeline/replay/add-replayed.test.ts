/** A replay of an ordered target is a chain of its own beside the fresh one. */
import { expect, test } from 'vitest';
import { startReceiver } from '../../support/receiver.ts';
import { setup } from './setup.ts';

test.each(['TARGET', 'KEY'] as const)(
  'a replay of an ordered target (%s) is ordered in itself, and blocks nothing fresh',
  async (ordering) => {
    await using receiver = await startReceiver(500);
    await using t = await setup();
    const target = await t.target(receiver.url, { ordering, status: 'DISABLED' });
    const publish = async (name: string) => (await t.publish(name, { orderingKey: 'k' })).eventId;
    for (const name of ['a', 'b', 'c']) await publish(name);
    await t.targets.update(t.caller, { id: target.id, status: 'ACTIVE' });
    const id = await t.create({ targetId: target.id, mode: 'MISSED' });
    expect(await t.runToEnd(id)).toMatchObject({ status: 'COMPLETED', replayed_count: 3 });
    await publish('fresh');
    await t.runDue();
    const received = () => receiver.requests.map(({ body }) => (JSON.parse(String(body)) as { data: string }).data);
    expect(received().toSorted()).toEqual(['a', 'fresh']);
    receiver.respondWith(200);
    await t.clock.advance(600_000);
    await t.runDue();
    expect(received().filter((name) => name !== 'fresh')).toEqual(['a', 'a', 'b', 'c']);
    expect(await t.rows(`select status::text from deliveries where status <> 'DELIVERED'`)).toEqual([]);
  },
);

test('a step says how many of its deliveries are sent now: the others wait, and wake no worker', async () => {
  await using receiver = await startReceiver(500);
  await using t = await setup();
  const target = await t.target(receiver.url, { ordering: 'TARGET', status: 'DISABLED' });
  for (const name of ['a', 'b', 'c']) await t.publish(name);
  await t.targets.update(t.caller, { id: target.id, status: 'ACTIVE' });
  const id = await t.create({ targetId: target.id, mode: 'MISSED' });
  expect(await t.stepAfter(id, 60_000)).toMatchObject({ made: 3, queued: 1 });
});

/** The next delivery of a chain is sent by the process that released it, right after that commit. */
import { expect, test, vi } from 'vitest';
import { startReceiver } from '../../support/receiver.ts';
import { setup } from '../order-setup.ts';

test('from an answer to the next request of a chain it is one commit: nothing is looked up', async () => {
  await using t = await setup();
  const query = vi.spyOn(t.database.pool, 'query');
  const asked = (name: string) =>
    query.mock.calls.filter(([statement]) => (statement as { name?: string }).name === name);
  await t.publishInTurn(['a', 'b', 'c', 'd']);
  await t.runDue();
  expect(t.received()).toEqual(['a', 'b', 'c', 'd']);
  for (const name of ['find_claimed_deliveries', 'find_secrets', 'find_bodies']) expect(asked(name)).toHaveLength(1);
});

test('a body that is too long to be shown by the commit is read when its attempt begins', async () => {
  await using t = await setup();
  const names = ['a', 'b'.repeat(100_000), 'c'];
  await t.publishInTurn(names);
  await t.runDue();
  expect(t.received()).toEqual(names);
});

test('a chain goes on at the new URL of its target, a second after the change at the latest', async () => {
  await using t = await setup();
  await using other = await startReceiver(200);
  const requests = t.holdRequests();
  await t.publishInTurn(['a', 'b', 'c']);
  t.worker.dispatcher.wake();
  await t.receiver.next();
  await t.targets.update(t.caller, { id: t.targetId, url: other.url });
  await t.clock.advance(1_001);
  requests.letGo(200);
  await t.worker.dispatcher.idle();
  expect(t.received()).toEqual(['a']);
  expect(other.requests).toHaveLength(2);
});

test('while jobs wait in the queue, the next one waits there too: turns decide', async () => {
  await using t = await setup({}, { concurrency: 1 });
  await t.rows(`update webhook_targets set event_types = '{user.created}' where id = $1`, [t.targetId]);
  const { id: plain } = await t.target(t.receiver.url, { eventTypes: ['user.updated'] });
  await t.fixtures.eventType({ name: 'user.updated' });
  const requests = t.holdRequests();
  await t.publishInTurn(['a', 'b']);
  t.worker.dispatcher.wake();
  await t.receiver.next();
  const published = await t.publisher.publish(t.caller, { eventType: 'user.updated', data: 'before b' });
  expect(published).toMatchObject({ ok: true });
  expect(await t.rows('select from deliveries where target_id = $1', [plain])).toHaveLength(1);
  t.worker.dispatcher.wake();
  requests.letGo(200);
  await t.worker.dispatcher.idle();
  expect(t.received()).toEqual(['a', 'before b', 'b']);
});

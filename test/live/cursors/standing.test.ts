/** What the cursor of a stream that nobody follows yet says, and what it does not. */
import { expect, test } from 'vitest';
import { newChange, newChanges, take, untilFinal } from '../../support/changes.ts';
import { setupStream } from '../stream.ts';

const GLOBEX = { organizationId: 'globex' };

test('the cursor of a stream stays the same while only other organizations have changes', async () => {
  await using t = await setupStream();
  await t.write(newChange(GLOBEX), newChange());
  await untilFinal(t.database);
  const cursorOf = (organizationId: string) => t.feed.cursorIn(t.database.pool, organizationId);
  const before = await cursorOf('acme');
  expect(await cursorOf('globex')).not.toBe(before);
  for (let nth = 0; nth < 5; nth++) {
    await t.write(newChange({ ...GLOBEX, deliveryId: `other${nth}` }));
    await untilFinal(t.database);
    expect(await cursorOf('acme')).toBe(before);
  }
  await t.write(newChange({ deliveryId: 'own' }));
  await untilFinal(t.database);
  expect(await cursorOf('acme')).not.toBe(before);
});

test('the cursor of a stream comes after all changes of its organization that the snapshot shows', async () => {
  await using t = await setupStream();
  await t.write(...newChanges(3, 'other', GLOBEX));
  await t.feed.cursorIn(t.database.pool, 'acme'); // The position of everybody is read, and is old from now on.
  await t.write(...newChanges(3, 'old'));
  await untilFinal(t.database);
  const stream = await t.feed.subscribe({ organizationId: 'acme' }, await t.feed.cursorIn(t.database.pool, 'acme'));
  await t.write(newChange({ deliveryId: 'next' }));
  expect((await take(stream, 1))[0]).toMatchObject({ deliveryId: 'next' });
});

test('an organization without changes gets the newest place of everybody, a minute old at most', async () => {
  await using t = await setupStream();
  const cursor = () => t.feed.cursorIn(t.database.pool, 'initech');
  const empty = await cursor();
  await t.write(newChange());
  await untilFinal(t.database);
  const first = await cursor();
  expect(first).not.toBe(empty);
  await t.write(newChange({ deliveryId: 'later' }));
  await untilFinal(t.database);
  expect(await cursor()).toBe(first);
  await t.clock.advance(60_000);
  expect(await cursor()).not.toBe(first);
});

test('an older snapshot, and a server without the last commits, get a place that they have', async () => {
  await using t = await setupStream();
  await t.write(...newChanges(2, 'other', GLOBEX));
  await untilFinal(t.database);
  await t.feed.cursorIn(t.database.pool, 'acme');
  await t.database.pool.query(`update delivery_changes set delivery_id = 'another' where delivery_id = 'other1'`);
  const stream = await t.feed.subscribe({ organizationId: 'acme' }, await t.feed.cursorIn(t.database.pool, 'acme'));
  await t.write(newChange({ deliveryId: 'next' }));
  expect((await take(stream, 1))[0]).toMatchObject({ deliveryId: 'next' });
});

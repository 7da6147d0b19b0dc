/** Erasures and tags: the tags of an erased event go, and a tag says which events to erase. */
import { expect, test } from 'vitest';
import { setup } from './setup.ts';

async function setupTagged() {
  const t = await setup();
  await t.target('http://127.0.0.1:9/');
  return {
    ...t,
    publishTagged: (tags: readonly string[], key: string | null = null) => t.publishAbout('c1', {}, key, tags),
    listed: async () => ({
      events: (await t.rows('select tag from event_tags order by tag')).map(({ tag }) => tag),
      deliveries: (await t.rows('select tag from delivery_tags order by tag')).map(({ tag }) => tag),
    }),
  };
}

test('the tags of an erased event go, from the event and from both lists by tag', async () => {
  await using t = await setupTagged();
  const { eventId } = await t.publishTagged(['marker-1', 'marker-2']);
  await t.publishTagged(['kept']);
  expect(await t.listed()).toEqual({
    events: ['kept', 'marker-1', 'marker-2'],
    deliveries: ['kept', 'marker-1', 'marker-2'],
  });
  const id = await t.begin({ eventId });
  await t.makeStep(id);
  expect(await t.listed()).toEqual({ events: ['kept'], deliveries: ['kept'] });
  expect(await t.event(eventId)).toMatchObject({ tags: null, body: '' });
});

test('erases the events with a tag, beside other tags, and no others', async () => {
  await using t = await setupTagged();
  const { eventId: first } = await t.publishTagged(['order-1', 'user-7']);
  const { eventId: other } = await t.publishTagged(['user-7']);
  const { eventId: second } = await t.publishTagged(['order-1']);
  expect(await t.erase({ tag: 'order-1' })).toMatchObject({ status: 'COMPLETED', event_count: 2, cancelled_count: 2 });
  for (const id of [first, second]) expect(await t.event(id)).toMatchObject({ body: '', tags: null });
  expect(await t.event(other)).toMatchObject({ body: expect.stringContaining('user.created'), erased_at: null });
  expect(await t.listed()).toEqual({ events: ['user-7'], deliveries: ['user-7'] });
});

test('an event whose key has to stay for now is found by its tag once more, and both go', async () => {
  await using t = await setupTagged();
  const { eventId } = await t.publishTagged(['order-1', 'user-7'], 'key');
  const id = await t.begin({ tag: 'order-1' });
  expect(await t.makeStep(id)).toMatchObject({ erased: 1, isOver: false });
  expect(await t.event(eventId)).toMatchObject({ body: '', idempotency_key: 'key', tags: ['order-1', 'user-7'] });
  const { erased_at: erasedAt } = await t.event(eventId);
  expect(await t.rows('select erased_at from event_tags')).toEqual([{ erased_at: erasedAt }, { erased_at: erasedAt }]);
  expect((await t.listed()).deliveries).toEqual([]);
  expect(await t.makeStep(id)).toMatchObject({ erased: 0, isOver: false });
  expect(await t.runToEnd(id)).toMatchObject({ status: 'COMPLETED', event_count: 1 });
  expect(await t.event(eventId)).toMatchObject({ idempotency_key: expect.stringMatching(/^§/), tags: null });
  expect(await t.listed()).toEqual({ events: [], deliveries: [] });
});

test('goes through many events with a tag in steps, and counts each once', async () => {
  await using t = await setupTagged();
  for (let nth = 0; nth < 7; nth++) await t.publishTagged(['order-1', `own-${nth}`]);
  const id = await t.begin({ tag: 'order-1' });
  expect(await t.makeStep(id, 3)).toMatchObject({ erased: 3, waitMs: 0 });
  expect(await t.runToEnd(id, 3)).toMatchObject({ event_count: 7, status: 'COMPLETED' });
  expect(await t.listed()).toEqual({ events: [], deliveries: [] });
});

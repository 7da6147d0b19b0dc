/** Tags of events: stored beside the body, and listed for the event and its deliveries. */
import { expect, test } from 'vitest';
import type { Statement } from '../../../src/database/statement.ts';
import { createBodies } from '../../../src/pipeline/bodies.ts';
import { createPublisher } from '../../../src/pipeline/publish/publish.ts';
import { createPipeline } from '../../support/pipeline.ts';

async function setup() {
  const t = await createPipeline();
  const sent: string[] = [];
  const transact: typeof t.database.transact = (statements, options) => {
    if (Array.isArray(statements)) sent.push(...statements.map(({ name }: Statement) => name));
    return t.database.transact(statements, options);
  };
  const publisher = createPublisher({
    database: { ...t.database, transact },
    queue: t.queue,
    clock: t.clock,
    ids: t.ids,
    bodies: createBodies(),
    keyHash: t.keyHash,
    maxAttempts: 10,
    onCommit: () => {},
  });
  const { organizationId } = t;
  const caller = { organizationId, isPlatformAdmin: false };
  const input = (more: object = {}) => ({ eventType: 'user.created', data: { n: 1 }, ...more });
  const published = async (more: object = {}) => {
    const result = await publisher.publish(caller, input(more));
    return result.ok ? result.value : expect.unreachable(JSON.stringify(result.userErrors));
  };
  const listed = async () => ({
    events: await t.rows('select tag, id from event_tags order by tag, id'),
    deliveries: await t.rows('select tag, delivery_id as id from delivery_tags order by tag, delivery_id'),
  });
  return {
    ...t,
    publisher,
    caller,
    input,
    published,
    listed,
    sent,
    [Symbol.asyncDispose]: () => t[Symbol.asyncDispose](),
  };
}

test('tags are stored beside the body in their order, each once, and list the event and its deliveries', async () => {
  await using t = await setup();
  for (let made = 0; made < 2; made++) await t.fixtures.target({ organizationId: t.organizationId });
  const odd = 'q"u{o},\\t\'e 🦊 null';
  const { eventId } = await t.published({ tags: ['tx-2', odd, 'tx-1', 'tx-2'] });
  const [event] = await t.rows('select tags, body from events');
  expect(event.tags).toEqual(['tx-2', odd, 'tx-1']);
  expect(event.body).not.toContain('tx-1');
  const ids = (await t.rows('select id from deliveries order by id')).map(({ id }) => id);
  expect(ids).toHaveLength(2);
  const tags = [odd, 'tx-1', 'tx-2'];
  expect(await t.listed()).toEqual({
    events: tags.map((tag) => ({ tag, id: eventId })),
    deliveries: tags.flatMap((tag) => ids.map((id) => ({ tag, id }))),
  });
  const [copied] = await t.rows(`
    select count(*)::int from event_tags t join events e
      on (e.id, e.organization_id, e.event_type, e.created_at, e.tags) = (t.id, t.organization_id, t.event_type, t.created_at, t.tags)`);
  expect(copied).toEqual({ count: 3 });
});

test('without tags, a publish is the statement that it always was, and writes no row of the lists by tag', async () => {
  await using t = await setup();
  await t.fixtures.target({ organizationId: t.organizationId });
  await t.published();
  await t.published({ tags: [] });
  await t.published({ tags: null });
  expect(new Set(t.sent)).toEqual(new Set(['insert_events', expect.any(String)]));
  expect(t.sent).not.toContain('insert_tagged_events');
  expect(await t.rows('select tags from events')).toEqual(Array(3).fill({ tags: null }));
  expect(await t.listed()).toEqual({ events: [], deliveries: [] });
});

test('events with and without tags share a transaction', async () => {
  await using t = await setup();
  await t.fixtures.target({ organizationId: t.organizationId });
  const all = [{ tags: ['a'] }, {}, { tags: ['b', 'a'], customerId: 'c1' }].map(t.input);
  const result = await t.publisher.publishMany(t.caller, all);
  if (!result.ok) return expect.unreachable();
  expect(await t.rows('select tags from events order by id')).toEqual([
    { tags: ['a'] },
    { tags: null },
    { tags: ['b', 'a'] },
  ]);
  const [first, , third] = result.value.eventIds;
  const { events, deliveries } = await t.listed();
  expect(events).toEqual([
    { tag: 'a', id: first },
    { tag: 'a', id: third },
    { tag: 'b', id: third },
  ]);
  expect(deliveries.map(({ tag }) => tag)).toEqual(['a', 'a', 'b']);
  expect(await t.rows('select distinct customer_id from event_tags order by 1')).toEqual([
    { customer_id: 'c1' },
    { customer_id: null },
  ]);
});

test('the deliveries of a tagged event to 1,001 targets are listed, piece by piece', async () => {
  await using t = await setup();
  await t.database.pool.query(
    `insert into webhook_targets (id, organization_id, url, global, event_types, customer_ids, status, created_at, updated_at)
     select 'target-' || n, $1, 'https://example.com', true, '{}', '{}', 'ACTIVE', now(), now() from generate_series(1, 1001) n`,
    [t.organizationId],
  );
  await t.published({ tags: ['wide', 'other'] });
  const [count] = await t.rows(`
    select count(*)::int as listed, count(distinct d.id)::int as deliveries
    from delivery_tags t join deliveries d on d.id = t.delivery_id`);
  expect(count).toEqual({ listed: 2_002, deliveries: 1_001 });
});

test.each([
  [Array.from({ length: 11 }, (_, n) => `tag-${n}`), 'TOO_MANY', ['input', 'tags']],
  [['fine', ''], 'REQUIRED', ['input', 'tags', '1']],
  [['fine', '  '], 'REQUIRED', ['input', 'tags', '1']],
  [['x'.repeat(129)], 'TOO_LONG', ['input', 'tags', '0']],
  [['nul \0'], 'INVALID', ['input', 'tags', '0']],
  [['half \ud83e'], 'INVALID', ['input', 'tags', '0']],
])('tags %j are refused with %s', async (tags, code, field) => {
  await using t = await setup();
  const result = await t.publisher.publish(t.caller, t.input({ tags }));
  expect(result).toMatchObject({ ok: false, userErrors: [{ code, field }] });
  const many = await t.publisher.publishMany(t.caller, [t.input(), t.input({ tags })]);
  const [, ...rest] = field;
  expect(many).toMatchObject({ ok: false, userErrors: [{ code, field: ['input', 'events', '1', ...rest] }] });
  expect(await t.rows('select from events')).toEqual([]);
});

test('ten tags of 128 characters are taken, whatever the characters', async () => {
  await using t = await setup();
  const tags = Array.from({ length: 10 }, (_, n) => `${n}${'🦊'.repeat(127)}`);
  await t.published({ tags });
  expect(await t.rows('select tags from events')).toEqual([{ tags }]);
});

test('tags are not part of the content: a repeat with other tags returns the first event, which keeps its own', async () => {
  await using t = await setup();
  const first = await t.published({ idempotencyKey: 'once', tags: ['a'] });
  const again = await t.published({ idempotencyKey: 'once', tags: ['b'] });
  expect(again.eventId).toBe(first.eventId);
  expect(await t.rows('select tags from events')).toEqual([{ tags: ['a'] }]);
  expect((await t.listed()).events).toEqual([{ tag: 'a', id: first.eventId }]);
});

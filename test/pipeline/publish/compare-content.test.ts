/** A second publish with the same idempotencyKey: the same content is the first event, other content is refused. */
import { expect, test } from 'vitest';
import type { Statement } from '../../../src/database/statement.ts';
import { createBodies } from '../../../src/pipeline/bodies.ts';
import { createPublisher, type PublishInput } from '../../../src/pipeline/publish/publish.ts';
import { createPipeline } from '../../support/pipeline.ts';
import { countTurns } from '../../support/turns.ts';
import { KEY_HASH } from '../../support/master-key.ts';

async function setup() {
  const t = await createPipeline();
  await t.fixtures.eventType({ name: 'user.deleted' });
  await t.fixtures.target({ organizationId: t.organizationId });
  const { database, queue, clock, ids } = t;
  /** As another process. */
  const createOne = () =>
    createPublisher({
      keyHash: KEY_HASH,
      database,
      queue,
      clock,
      ids,
      bodies: createBodies(),
      maxAttempts: 10,
      onCommit: () => {},
    });
  const input = (change: Partial<PublishInput> = {}): PublishInput => {
    const data = change.rawData === undefined ? { a: 1, b: { c: [1.5, 'é'], d: null } } : undefined;
    return { eventType: 'user.created', data, idempotencyKey: 'order-1', ...change };
  };
  return {
    ...t,
    createOne,
    input,
    publishOne: (change: Partial<PublishInput> = {}, publisher = t.publisher) =>
      publisher.publish(t.caller, input(change)),
    events: async () => (await t.rows('select id from events')).map(({ id }) => id as string),
    [Symbol.asyncDispose]: () => t[Symbol.asyncDispose](),
  };
}

const mismatch = (eventId: string, ...path: string[]) => ({
  ok: false,
  userErrors: [
    {
      code: 'IDEMPOTENCY_MISMATCH',
      field: ['input', ...path, 'idempotencyKey'],
      message: expect.stringContaining(eventId),
    },
  ],
});

test.each([
  ['as it was', {}, {}],
  ['with its keys in another order', {}, { data: { b: { d: null, c: [1.5, 'é'] }, a: 1 } }],
  ['as rawData that is the same JSON', { rawData: '{ "b": {"d":null,"c":[15e-1,"\\u00e9"]}, "a": 1.0 }' }, {}],
  ['byte for byte', { rawData: '{"n": 12345678901234567890}' }, { rawData: '{"n": 12345678901234567890}' }],
  ['with a negative zero', { data: [0] }, { data: [-0] }],
])('the same content %s returns the first event', async (_, first, second) => {
  await using t = await setup();
  const answer = await t.publishOne(first);
  expect(answer.ok).toBe(true);
  expect(await t.publishOne(second)).toEqual(answer);
  expect(await t.publishOne(second, t.createOne())).toEqual(answer);
  expect(await t.events()).toHaveLength(1);
});

test.each([
  ['another type', {}, { eventType: 'user.deleted' }],
  ['a customer', {}, { customerId: 'c1' }],
  ['another customer', { customerId: 'c1' }, { customerId: 'c2' }],
  ['another value', {}, { data: { a: 2, b: { c: [1.5, 'é'], d: null } } }],
  ['a value less', {}, { data: { a: 1, b: { c: [1.5, 'é'] } } }],
  ['another order in a list', { data: [1, 2] }, { data: [2, 1] }],
  ['a list in place of an object', { data: {} }, { data: [] }],
  ['another space in rawData', { rawData: '{"a":1}' }, { rawData: '{"a": 1}' }],
  ['rawData as long', { rawData: '{"a":1}' }, { rawData: '{"a":2}' }],
  ['fewer digits', { rawData: '[12345678901234567891]' }, { data: [12345678901234567000] }],
  ['a key less that stood twice', { rawData: '{"a":1,"a":2}' }, { data: { a: 2 } }],
])('other content, %s, is IDEMPOTENCY_MISMATCH and names the first event', async (_, first, second) => {
  await using t = await setup();
  const answer = await t.publishOne(first);
  if (!answer.ok) return expect.unreachable();
  expect(await t.publishOne(second)).toMatchObject(mismatch(answer.value.eventId));
  expect(await t.publishOne(second, t.createOne())).toMatchObject(mismatch(answer.value.eventId));
  expect(await t.events()).toHaveLength(1);
});

test('an event of before is compared by its stored body', async () => {
  await using t = await setup();
  const { organizationId } = t;
  const stored = { eventType: 'user.created', customerId: 'c', data: { b: 1, a: 2 }, idempotencyKey: 'order-1' };
  const { id } = await t.fixtures.event({ organizationId, ...stored });
  const same = { customerId: 'c', data: { a: 2, b: 1 } };
  expect(await t.publishOne(same)).toMatchObject({ ok: true, value: { eventId: id } });
  expect(await t.publishOne({ ...same, data: { a: 2 } })).toMatchObject(mismatch(id));
});

test('events of one request with one key are one event, or the request is refused', async () => {
  await using t = await setup();
  const [one, same, other] = [{ data: { a: 1, b: 2 } }, { data: { b: 2, a: 1 } }, { data: { a: 1 } }].map(t.input);
  const published = await t.publisher.publishMany(t.caller, [one!, same!]);
  if (!published.ok) return expect.unreachable();
  expect(new Set(published.value.eventIds).size).toBe(1);
  const again = await t.publisher.publishMany(t.caller, [same!, other!]);
  expect(again).toMatchObject(mismatch('', 'events', '1'));
  const fresh = [one, other].map((input) => ({ ...input!, idempotencyKey: 'order-2' }));
  expect(await t.publisher.publishMany(t.caller, fresh)).toMatchObject(mismatch('input.events.0', 'events', '1'));
  expect(await t.events()).toHaveLength(1);
});

test('of publishes at the same time, in one transaction or two processes, one is the event', async () => {
  await using t = await setup();
  const publishers = [t.publisher, t.publisher, t.createOne()];
  const contents = [{ data: { a: 1, b: 2 } }, { data: { b: 2, a: 1 } }, { data: { a: 3 } }];
  const answers = await Promise.all(
    Array.from({ length: 36 }, (_, index) => t.publishOne(contents[index % 3], publishers[(index >> 2) % 3])),
  );
  const [id, ...others] = await t.events();
  expect(others).toEqual([]);
  const isOther = answers[2]!.ok; // Whichever content came first.
  for (const [index, answer] of answers.entries()) {
    const isFirst = (index % 3 === 2) === isOther;
    expect(answer).toMatchObject(isFirst ? { ok: true, value: { eventId: id } } : mismatch(id!));
  }
});

test('a publish without a conflict asks the database no more than before', async () => {
  await using t = await setup();
  const asked: Statement[] = [];
  const database = {
    ...t.database,
    readTogether: (reads: readonly Statement[]) => (asked.push(...reads), t.database.readTogether(reads)),
  };
  const { queue, clock, ids } = t;
  const publisher = createPublisher({
    keyHash: KEY_HASH,
    database,
    queue,
    clock,
    ids,
    bodies: createBodies(),
    maxAttempts: 10,
    onCommit: () => {},
  });
  expect((await t.publishOne({}, publisher)).ok).toBe(true);
  const names = asked.map(({ name }) => name);
  expect(names).toEqual(['find_organizations', 'find_event_types', 'find_receiving_targets', 'find_keyed_events']);
  expect(JSON.stringify(asked)).not.toContain('body');
});

test('large data in another order is compared between turns of the event loop', async () => {
  await using t = await setup();
  const keys = Array.from({ length: 8_000 }, (_, index) => `key-${index}`);
  const dataOf = (names: string[]) => Object.fromEntries(names.map((name) => [name, { deep: [name] }]));
  const inputs = (names: string[]) =>
    Array.from({ length: 20 }, (_, index) => t.input({ data: dataOf(names), idempotencyKey: `k${index}` }));
  const first = await t.publisher.publishMany(t.caller, inputs(keys));
  const repeat = inputs(keys.toReversed());
  const turns = countTurns();
  const second = await t.publisher.publishMany(t.caller, repeat);
  expect(turns.stop()).toBeGreaterThan(10);
  expect(second).toEqual(first);
});

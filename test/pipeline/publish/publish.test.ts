import { expect, test } from 'vitest';
import { createQueue } from '../../../src/database/queue.ts';
import { isId } from '../../../src/domain/ksuid.ts';
import { createBodies } from '../../../src/pipeline/bodies.ts';
import type { FreshDelivery } from '../../../src/pipeline/fresh-deliveries.ts';
import type { PublisherOptions } from '../../../src/pipeline/publish/options.ts';
import { createPublisher } from '../../../src/pipeline/publish/publish.ts';
import { createManualClock } from '../../support/clock.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createFixtures } from '../../support/fixtures.ts';
import { KEY_HASH } from '../../support/master-key.ts';

const fail = (error: Error) => {
  throw error;
};

async function setup() {
  const database = await createTestDatabase();
  const clock = createManualClock();
  const queue = createQueue({ database, supervise: false, attemptTimeoutMs: 20_000, onError: fail });
  await queue.start();
  const fixtures = createFixtures({ database, clock });
  let commits = 0;
  const createOne = (more: Partial<PublisherOptions> = {}) =>
    createPublisher({
      keyHash: KEY_HASH,
      database,
      queue,
      clock,
      ids: fixtures.ids,
      bodies: createBodies(),
      maxAttempts: 10,
      onCommit: () => void commits++,
      ...more,
    });
  const { id: organizationId } = await fixtures.organization();
  await fixtures.eventType({ name: 'user.created' });
  await fixtures.eventType({ name: 'user.deleted' });
  const caller = { organizationId, isPlatformAdmin: false };
  const rows = async (sql: string) => (await database.pool.query(sql)).rows;
  const counts = async () => {
    const count = (table: string) => `(select count(*)::int from ${table}) as ${table.replace('pgboss.', '')}`;
    const tables = ['events', 'deliveries', 'delivery_changes', 'pgboss.job'];
    return (await rows(`select ${tables.map(count).join(', ')}`))[0];
  };
  const dispose = async () => {
    await queue.stop();
    await database.close();
  };
  const publisher = createOne();
  return {
    database,
    clock,
    fixtures,
    publisher,
    createOne,
    organizationId,
    caller,
    rows,
    counts,
    commits: () => commits,
    [Symbol.asyncDispose]: dispose,
  };
}

const nothing = { events: 0, deliveries: 0, delivery_changes: 0, job: 0 };

test('an event, its deliveries, their first changes and their jobs are written together', async () => {
  await using t = await setup();
  const { id: targetId } = await t.fixtures.target({ organizationId: t.organizationId });
  const result = await t.publisher.publish(t.caller, {
    eventType: 'user.created',
    rawData: '{"amount": 1.00}',
    customerId: 'c1',
  });
  if (!result.ok) return expect.unreachable();
  const { eventId, deliveryCount } = result.value;
  expect(deliveryCount).toBe(1);
  expect(t.commits()).toBe(1);
  expect(await t.rows('select id, body from events')).toEqual([
    {
      id: eventId,
      body: `{"id":"${eventId}","event":"user.created","data":{"amount": 1.00},"created_at":"2026-01-15T10:30:00.000Z","customer_id":"c1"}`,
    },
  ]);
  const [delivery] = await t.rows('select * from deliveries');
  expect(delivery).toMatchObject({
    organization_id: t.organizationId,
    event_id: eventId,
    target_id: targetId,
    event_type: 'user.created',
    status: 'PENDING',
    attempt_count: 0,
    max_attempts: 10,
    held: false,
    next_attempt_at: t.clock.now(),
  });
  expect(isId(delivery.id)).toBe(true);
  expect(await t.rows('select id, data from pgboss.job')).toEqual([
    { id: delivery.job_id, data: { deliveryId: delivery.id } },
  ]);
  expect(await t.rows('select delivery_id, previous_status, status, attempt_number from delivery_changes')).toEqual([
    { delivery_id: delivery.id, previous_status: null, status: 'PENDING', attempt_number: null },
  ]);
});

test('targets receive by event type, customer, global flag and status, in their own organization only', async () => {
  await using t = await setup();
  const { organizationId } = t;
  const other = await t.fixtures.organization();
  const target = async (name: string, options: object) =>
    t.fixtures.target({ organizationId, name, url: `https://example.com/${name}`, ...options });
  await target('all', {});
  await target('type', { eventTypes: ['user.created'] });
  await target('other-type', { eventTypes: ['user.deleted'] });
  await target('customer', { customerIds: ['c1', 'c2'] });
  await target('other-customer', { customerIds: ['c2'] });
  await target('type-and-other-customer', { eventTypes: ['user.created'], customerIds: ['c2'] });
  await target('global', { global: true, eventTypes: ['user.deleted'], customerIds: ['c2'] });
  await target('paused', { status: 'PAUSED' });
  await target('disabled', { status: 'DISABLED' });
  await target('deleted', { deletedAt: t.clock.now() });
  await target('foreign', { organizationId: other.id });

  const withCustomer = await t.publisher.publish(t.caller, { eventType: 'user.created', data: {}, customerId: 'c1' });
  expect(withCustomer).toMatchObject({ ok: true, value: { deliveryCount: 5 } });
  const received = `select t.name, d.held, d.job_id is null as jobless from deliveries d join webhook_targets t on t.id = d.target_id
    order by t.name`;
  expect(await t.rows(received)).toEqual([
    { name: 'all', held: false, jobless: false },
    { name: 'customer', held: false, jobless: false },
    { name: 'global', held: false, jobless: false },
    { name: 'paused', held: true, jobless: true },
    { name: 'type', held: false, jobless: false },
  ]);
  const withoutCustomer = await t.publisher.publish(t.caller, { eventType: 'user.created', data: {} });
  expect(withoutCustomer).toMatchObject({ value: { deliveryCount: 4 } });
});

test('a second publish with an idempotency key returns the first event', async () => {
  await using t = await setup();
  await t.fixtures.target({ organizationId: t.organizationId });
  const input = { eventType: 'user.created', data: { n: 1 }, idempotencyKey: 'order-1' };
  const first = await t.publisher.publish(t.caller, input);
  const second = await t.publisher.publish(t.caller, { ...input, data: { n: 1 } });
  expect(second).toEqual(first);
  expect(await t.counts()).toMatchObject({ events: 1, deliveries: 1 });

  const other = await t.fixtures.organization();
  const foreign = await t.publisher.publish({ organizationId: other.id, isPlatformAdmin: false }, input);
  expect(foreign).toMatchObject({ ok: true });
  expect(await t.counts()).toMatchObject({ events: 2 });
});

test('concurrent publishes with one idempotency key over two processes make one event', async () => {
  await using t = await setup();
  await t.fixtures.target({ organizationId: t.organizationId });
  const publishers = [t.publisher, t.createOne()];
  const input = { eventType: 'user.created', data: {}, idempotencyKey: 'k' };
  const calls = Array.from({ length: 40 }, (_, index) => publishers[index % 2]!.publish(t.caller, input));
  const results = await Promise.all(calls);
  const answers = new Set(results.map((result) => JSON.stringify(result)));
  expect(answers.size).toBe(1);
  expect(await t.counts()).toMatchObject({ events: 1, deliveries: 1, job: 1 });
});

test('a batch is all or nothing, and its errors name the event and the field', async () => {
  await using t = await setup();
  await t.fixtures.target({ organizationId: t.organizationId });
  const good = { eventType: 'user.created', data: {} };
  const mixed = await t.publisher.publishMany(t.caller, [good, { ...good, eventType: 'user.craeted' }, good]);
  expect(mixed).toMatchObject({
    ok: false,
    userErrors: [{ code: 'UNKNOWN_EVENT_TYPE', field: ['input', 'events', '1', 'eventType'] }],
  });
  expect(await t.counts()).toEqual(nothing);

  const whole = await t.publisher.publishMany(t.caller, [good, good, good]);
  expect(whole).toMatchObject({ ok: true, value: { deliveryCount: 3 } });
  expect(await t.counts()).toEqual({ events: 3, deliveries: 3, delivery_changes: 3, job: 3 });
});

test('two events of one batch with one key are one event, counted once', async () => {
  await using t = await setup();
  await t.fixtures.target({ organizationId: t.organizationId });
  const event = { eventType: 'user.created', data: {}, idempotencyKey: 'k' };
  for (const round of ['first', 'repeated']) {
    const result = await t.publisher.publishMany(t.caller, [event, event]);
    if (!result.ok) return expect.unreachable();
    expect(new Set(result.value.eventIds).size, round).toBe(1);
    expect(result.value.deliveryCount, round).toBe(1);
  }
});

test('a request of a shared transaction that is refused does not take the others with it', async () => {
  await using t = await setup();
  const types = ['user.created', 'nope', 'user.deleted'];
  const results = await Promise.all(types.map((eventType) => t.publisher.publish(t.caller, { eventType, data: {} })));
  expect(results.map((result) => result.ok)).toEqual([true, false, true]);
  expect(await t.counts()).toMatchObject({ events: 2 });
});

test.each([
  ['no event', [], 'REQUIRED', 'input.events'],
  ['1001 events', Array(1001).fill({ eventType: 'user.created', data: {} }), 'TOO_MANY', 'input.events'],
])('%s is refused, naming the field', async (_, events, code, field) => {
  await using t = await setup();
  const result = await t.publisher.publishMany(t.caller, events);
  expect(result).toMatchObject({ ok: false, userErrors: [{ code, field: field.split('.') }] });
  expect(await t.counts()).toEqual(nothing);
});

test('a request of more than 50,000 deliveries is refused, and one beside it is not', async () => {
  await using t = await setup();
  const { organizationId } = t;
  for (let count = 0; count < 51; count++) await t.fixtures.target({ organizationId });
  const events = (count: number) => Array(count).fill({ eventType: 'user.created', data: {} });
  const [tooMany, fine] = await Promise.all([
    t.publisher.publishMany(t.caller, events(1000)),
    t.publisher.publishMany(t.caller, events(10)),
  ]);
  expect(tooMany).toMatchObject({ ok: false, userErrors: [{ code: 'TOO_MANY', field: null }] });
  expect(fine).toMatchObject({ ok: true, value: { deliveryCount: 510 } });
  expect(await t.counts()).toMatchObject({ events: 10, deliveries: 510, job: 510 });
});

test('large requests of one batch are written in transactions of their own, each whole', async () => {
  await using t = await setup();
  const { organizationId } = t;
  for (let count = 0; count < 110; count++) await t.fixtures.target({ organizationId });
  const events = Array(100).fill({ eventType: 'user.created', data: {} });
  const results = await Promise.all([1, 2, 3].map(() => t.publisher.publishMany(t.caller, events)));
  for (const result of results) expect(result).toMatchObject({ ok: true, value: { deliveryCount: 11_000 } });
  expect(t.commits()).toBe(3);
  expect(await t.counts()).toEqual({ events: 300, deliveries: 33_000, delivery_changes: 33_000, job: 33_000 });
});

test('1000 events are accepted', async () => {
  await using t = await setup();
  const events = Array(1000).fill({ eventType: 'user.created', data: {} });
  expect(await t.publisher.publishMany(t.caller, events)).toMatchObject({ ok: true });
  expect(await t.counts()).toMatchObject({ events: 1000 });
});

test.each([
  ['an unknown event type', { eventType: 'user.nope' }, 'UNKNOWN_EVENT_TYPE', 'eventType'],
  ['an event type with a NUL', { eventType: 'a\0' }, 'UNKNOWN_EVENT_TYPE', 'eventType'],
  ['an archived event type', { eventType: 'old.type' }, 'UNKNOWN_EVENT_TYPE', 'eventType'],
  ['both data and rawData', { rawData: '{}' }, 'INVALID', 'rawData'],
  ['neither', { data: undefined }, 'REQUIRED', 'data'],
  ['a NUL in data', { data: { a: '\0' } }, 'PAYLOAD_INVALID', 'data'],
  ['257 KiB', { data: 'x'.repeat(257 * 1024) }, 'PAYLOAD_TOO_LARGE', 'data'],
  ['an empty customerId', { customerId: '' }, 'REQUIRED', 'customerId'],
  ['a customerId of 256 characters', { customerId: 'c'.repeat(256) }, 'TOO_LONG', 'customerId'],
  ['a customerId with a NUL', { customerId: 'c\0' }, 'INVALID', 'customerId'],
  ['an empty idempotencyKey', { idempotencyKey: '' }, 'INVALID', 'idempotencyKey'],
  ['an idempotencyKey outside of ASCII', { idempotencyKey: 'clé' }, 'INVALID', 'idempotencyKey'],
  ['an idempotencyKey of 256 characters', { idempotencyKey: 'k'.repeat(256) }, 'INVALID', 'idempotencyKey'],
  [
    'rawData that its type refuses',
    { eventType: 'strict.type', data: null, rawData: '{}' },
    'PAYLOAD_INVALID',
    'rawData',
  ],
  ['data that its type refuses', { eventType: 'strict.type', data: { n: 'x' } }, 'PAYLOAD_INVALID', 'data'],
])('%s is refused, naming the field, and nothing is written', async (_, change, code, field) => {
  await using t = await setup();
  await t.fixtures.eventType({ name: 'old.type', archivedAt: t.clock.now() });
  await t.fixtures.eventType({
    name: 'strict.type',
    schema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
  });
  const result = await t.publisher.publish(t.caller, { eventType: 'user.created', data: {}, ...change });
  expect(result).toMatchObject({ ok: false, userErrors: [{ code, field: ['input', field] }] });
  expect(await t.counts()).toEqual(nothing);
});

test('an unknown event type with a typo is named, with the type that was meant', async () => {
  await using t = await setup();
  const result = await t.publisher.publish(t.caller, { eventType: 'user.craeted', data: {} });
  if (result.ok) return expect.unreachable();
  expect(result.userErrors[0]!.message).toMatch(/"user\.craeted" \(did you mean "user\.created"\?\)/);
});

test('data that satisfies its type is accepted, and a changed schema applies at once', async () => {
  await using t = await setup();
  await t.fixtures.eventType({ name: 'strict.type', schema: { type: 'object', required: ['n'] } });
  const input = { eventType: 'strict.type', rawData: '{"n":1}' };
  expect(await t.publisher.publish(t.caller, input)).toMatchObject({ ok: true });
  await t.rows(`update event_types set schema = '{"type":"array"}', updated_at = updated_at + interval '1 s'
    where name = 'strict.type'`);
  expect(await t.publisher.publish(t.caller, input)).toMatchObject({ ok: false });
});

test('another organization can be published to by a platform admin only', async () => {
  await using t = await setup();
  const other = await t.fixtures.organization();
  await t.fixtures.target({ organizationId: other.id });
  const input = { eventType: 'user.created', data: {}, organizationId: other.id };
  const notFound = { ok: false, userErrors: [{ code: 'NOT_FOUND', field: ['input', 'organizationId'] }] };
  expect(await t.publisher.publish(t.caller, input)).toMatchObject(notFound);
  const admin = { ...t.caller, isPlatformAdmin: true };
  for (const unknown of [t.fixtures.ids.next(), 'nope']) {
    expect(await t.publisher.publish(admin, { ...input, organizationId: unknown })).toMatchObject(notFound);
  }
  expect(await t.publisher.publish(admin, input)).toMatchObject({ ok: true, value: { deliveryCount: 1 } });
});

test('a test event goes to its target alone, whatever the target is subscribed to', async () => {
  await using t = await setup();
  const { organizationId } = t;
  await t.fixtures.eventType({ name: 'a.example', example: { hello: 'world' } });
  await t.fixtures.target({ organizationId });
  const { id: targetId } = await t.fixtures.target({ organizationId, eventTypes: ['user.deleted', 'user.created'] });
  const sendTest = (eventType?: string) =>
    t.publisher.sendTest(t.caller, { targetId, ...(eventType && { eventType }) });
  expect(await sendTest()).toMatchObject({ ok: true });
  expect(await sendTest('a.example')).toMatchObject({ ok: true });
  const sent =
    'select d.target_id, e.event_type, e.body::json->>$$data$$ as data from deliveries d join events e on e.id = d.event_id order by d.id';
  expect(await t.rows(sent)).toEqual([
    { target_id: targetId, event_type: 'user.deleted', data: '{"test":true}' },
    { target_id: targetId, event_type: 'a.example', data: '{"hello":"world"}' },
  ]);
});

test('a pattern receives every type below its prefix, not the prefix, and types that are created later', async () => {
  await using t = await setup();
  const { organizationId } = t;
  for (const name of ['wallet', 'wallet.created', 'wallet.policy.updated', 'wallets.created']) {
    await t.fixtures.eventType({ name });
  }
  const names: Record<string, string> = {};
  const target = async (...eventTypes: string[]) => {
    const { id } = await t.fixtures.target({ organizationId, eventTypes });
    names[id] = eventTypes.join(' ');
  };
  await target('wallet.*');
  await target('user.created', 'wallet.policy.*');
  await target('wallet.created');
  await t.fixtures.target({ organizationId, eventTypes: ['wallet.*'], customerIds: ['c9'] });
  const receiversOf = async (eventType: string): Promise<string[]> => {
    const result = await t.publisher.publish(t.caller, { eventType, data: {} });
    if (!result.ok) throw new Error(result.userErrors[0]!.message);
    const { rows } = await t.database.pool.query(
      'select target_id from deliveries where event_id = $1 order by target_id',
      [result.value.eventId],
    );
    expect(result.value.deliveryCount).toBe(rows.length);
    return rows.map((row) => names[row.target_id]!);
  };
  expect(await receiversOf('wallet.created')).toEqual(['wallet.*', 'wallet.created']);
  expect(await receiversOf('wallet.policy.updated')).toEqual(['wallet.*', 'user.created wallet.policy.*']);
  expect(await receiversOf('wallet')).toEqual([]);
  expect(await receiversOf('wallets.created')).toEqual([]);
  await t.fixtures.eventType({ name: 'wallet.created_later' });
  expect(await receiversOf('wallet.created_later')).toEqual(['wallet.*']);
});

test('no event is published under a pattern', async () => {
  await using t = await setup();
  const result = await t.publisher.publish(t.caller, { eventType: 'user.*', data: {} });
  expect(result).toMatchObject({ ok: false, userErrors: [{ code: 'UNKNOWN_EVENT_TYPE' }] });
});

test('a test event has the first type of the subscription that takes events, of a pattern the first by name', async () => {
  await using t = await setup();
  const { organizationId } = t;
  for (const name of ['wallet.b', 'wallet.a', 'wallets']) await t.fixtures.eventType({ name });
  await t.fixtures.eventType({ name: 'wallet.0_old', archivedAt: t.clock.now() });
  const typeFor = async (target: { eventTypes: string[]; global?: boolean }, eventType?: string) => {
    const { id: targetId } = await t.fixtures.target({ organizationId, ...target });
    const result = await t.publisher.sendTest(t.caller, { targetId, eventType });
    if (!result.ok) return result.userErrors[0]!.code;
    return (await t.rows('select event_type from events order by id desc limit 1'))[0].event_type;
  };
  expect(await typeFor({ eventTypes: ['wallet.*', 'user.created'] })).toBe('wallet.a');
  expect(await typeFor({ eventTypes: ['user.deleted', 'wallet.*'] })).toBe('user.deleted');
  expect(await typeFor({ eventTypes: ['wallet.0_old', 'wallet.b'] })).toBe('wallet.b');
  expect(await typeFor({ eventTypes: ['wallet.*'], global: true })).toBe('user.created');
  expect(await typeFor({ eventTypes: ['wallet.*'] }, 'wallets')).toBe('wallets');
  expect(await typeFor({ eventTypes: ['wallet.*'] }, 'wallet.*')).toBe('UNKNOWN_EVENT_TYPE');
  expect(await typeFor({ eventTypes: ['wallet.0_old'] })).toBe('UNKNOWN_EVENT_TYPE');
});

test('a test event for an unknown, foreign or deleted target, or of an unknown type, is refused', async () => {
  await using t = await setup();
  const { organizationId } = t;
  const other = await t.fixtures.organization();
  const foreign = await t.fixtures.target({ organizationId: other.id });
  const deleted = await t.fixtures.target({ organizationId, deletedAt: t.clock.now() });
  const disabled = await t.fixtures.target({ organizationId, status: 'DISABLED' });
  const active = await t.fixtures.target({ organizationId });
  const codeOf = async (targetId: string, eventType?: string) => {
    const result = await t.publisher.sendTest(t.caller, { targetId, eventType });
    return result.ok || `${result.userErrors[0]!.code} ${result.userErrors[0]!.field!.join('.')}`;
  };
  for (const id of [foreign.id, deleted.id, t.fixtures.ids.next(), 'x', '']) {
    expect(await codeOf(id)).toBe('NOT_FOUND input.targetId');
  }
  expect(await codeOf(disabled.id)).toBe('INVALID_STATE input.targetId');
  expect(await codeOf(active.id, 'nope')).toBe('UNKNOWN_EVENT_TYPE input.eventType');
  expect(await t.counts()).toEqual(nothing);
});

test('of an organization that has to leave room to others, nothing is handed over: no addresses of its targets are read', async () => {
  await using t = await setup();
  const { id: targetId } = await t.fixtures.target({ organizationId: t.organizationId });
  const offered: FreshDelivery[] = [];
  const take = (delivery: FreshDelivery) => offered.push(delivery) < 0;
  const handing = { take, prepare() {}, send() {}, giveBack() {}, [Symbol.dispose]() {} };
  let isLoud = false;
  const publisher = t.createOne({ handOver: { begin: () => handing }, isLoud: () => isLoud });
  const publish = () => publisher.publish(t.caller, { eventType: 'user.created', data: {} });
  expect(await publish()).toMatchObject({ ok: true, value: { deliveryCount: 1 } });
  expect(offered.splice(0)).toMatchObject([{ targetId, address: { url: expect.any(String) } }]);
  isLoud = true;
  expect(await publish()).toMatchObject({ ok: true, value: { deliveryCount: 1 } });
  expect(offered).toEqual([]);
});

test('a publish to thousands of targets leaves the process to others in each step; one to a single target does not', async () => {
  await using t = await setup();
  const { id } = await t.fixtures.target({ organizationId: t.organizationId });
  const pauses: { readonly organizationId: string; readonly deliveries: number }[] = [];
  const pause = async (organizationId: string) => {
    pauses.push({ organizationId, deliveries: (await t.counts()).deliveries });
  };
  const publisher = t.createOne({ pause, isLoud: () => true });
  const publish = () => publisher.publish(t.caller, { eventType: 'user.created', data: {} });
  expect(await publish()).toMatchObject({ ok: true, value: { deliveryCount: 1 } });
  expect(pauses).toEqual([]);
  await t.rows(`insert into webhook_targets
    select (jsonb_populate_record(t, jsonb_build_object('id', t.id || nth))).*
    from webhook_targets t, generate_series(2, 2400) nth where t.id = '${id}'`);
  expect(await publish()).toMatchObject({ ok: true, value: { deliveryCount: 2_400 } });
  // Two between three pieces of targets, four while 2,400 deliveries are planned, two while they are written: nobody sees them yet.
  expect(pauses).toEqual(Array(8).fill({ organizationId: t.organizationId, deliveries: 1 }));
});

/** Order is that of commits per (organization, key), or per target: publishes from any process take the same locks. */
import { expect, test, vi } from 'vitest';
import { createPublisher } from '../../../src/pipeline/publish/publish.ts';
import { WAITING } from '../control-setup.ts';
import { setup } from '../order-setup.ts';
import type { Pipeline } from '../../support/pipeline.ts';

const EVENTS = 'select event_id from event_changes order by xid, seq';
const CHAIN = `
  select d.event_id from ordered_deliveries o join deliveries d on d.id = o.delivery_id order by o.target_id, o.chain, o.place`;

/** A publisher of another process. */
const publisherOf = (
  { database, queue, clock, ids, keyHash }: Pipeline,
  bodies = { set: () => {}, get: () => undefined },
  onCommit: (written: { readonly queued: number }) => void = () => {},
) =>
  createPublisher({
    database,
    queue,
    clock,
    ids,
    keyHash,
    bodies: bodies as never,
    maxAttempts: 10,
    onCommit,
  });

test('events of one key wait for each other; other keys, and events without one, wait for nobody', async () => {
  await using t = await setup({ ordering: 'KEY' });
  const keys: Record<string, string> = { a1: 'a', a2: 'a', b1: 'b' };
  const ids = await t.publishInTurn(['a1', 'a2', 'b1', 'none', 'none'], (name) => keys[name]);
  expect(await t.states(ids)).toEqual(['PENDING', 'PENDING blocked', 'PENDING', 'PENDING', 'PENDING']);
  await t.runDue();
  const received = t.received();
  expect(received.indexOf('a1')).toBeLessThan(received.indexOf('a2'));
  expect(received).toHaveLength(5);
});

test('a key of one target is a chain of its own: a target that fails costs the others nothing', async () => {
  await using t = await setup({ ordering: 'KEY' });
  await t.target('http://127.0.0.1:1/', { ordering: 'KEY' });
  await t.publishInTurn(['a1', 'a2'], () => 'a');
  await t.runDue();
  expect(t.received()).toEqual(['a1', 'a2']);
});

test('a batch keeps its own order, also where it mixes keys', async () => {
  await using t = await setup({ ordering: 'KEY' });
  const names = ['a1', 'b1', 'a2', 'b2', 'a3'];
  const inputs = names.map((name) => ({ eventType: 'user.created', data: name, orderingKey: name[0]! }));
  expect(await t.publisher.publishMany(t.caller, inputs)).toMatchObject({ ok: true, value: { deliveryCount: 5 } });
  await t.runDue();
  expect(t.received().filter((name) => name.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
  expect(t.received().filter((name) => name.startsWith('b'))).toEqual(['b1', 'b2']);
});

test('only what is sent now counts as queued, and so wakes workers: not what waits in a chain', async () => {
  await using t = await setup({ ordering: 'KEY' });
  const queued: number[] = [];
  const publisher = publisherOf(t, undefined, (written) => void queued.push(written.queued));
  const publish = (...keys: (string | undefined)[]) =>
    publisher.publishMany(
      t.caller,
      keys.map((orderingKey) => ({ eventType: 'user.created', data: 0, ...(orderingKey && { orderingKey }) })),
    );
  await publish('a', 'a', 'b', undefined);
  await publish('a', 'b');
  await publish(undefined, 'c');
  await t.setStatus(t.targetId, 'PAUSED');
  await publish('d', undefined);
  expect(queued).toEqual([3, 0, 2, 0]);
});

test('the order of a chain is that in which eventPublished shows its events, whichever process published them', async () => {
  await using t = await setup({ ordering: 'TARGET' });
  const publishers = [t.publisher, publisherOf(t), publisherOf(t)];
  await Promise.all(
    Array.from({ length: 60 }, (_, nth) =>
      publishers[nth % publishers.length]!.publish(t.caller, { eventType: 'user.created', data: nth }),
    ),
  );
  const published = await t.rows(EVENTS);
  expect(published).toHaveLength(60);
  expect(await t.rows(CHAIN)).toEqual(published);
  expect(await t.orphans()).toEqual([]);
});

test('a publish waits for the lock of its chain before it writes anything, and has no transaction id until then', async () => {
  await using t = await setup({ ordering: 'TARGET' });
  const first = await t.database.pool.connect();
  const done = Promise.withResolvers<void>();
  try {
    const [{ lock }] = (await t.publishInTurn(['a']),
    await t.rows('select lock_number as lock from ordered_deliveries')) as [{ lock: string }];
    await first.query('begin');
    await first.query('select pg_advisory_xact_lock($1)', [lock]);
    const publishing = t.publish('b').finally(done.resolve);
    await expect.poll(async () => (await t.rows(WAITING)).length, { timeout: 60_000 }).toBe(1);
    expect(await t.rows(WAITING.replace('select', 'select backend_xid'))).toEqual([{ backend_xid: null }]);
    await first.query('commit');
    await publishing;
  } finally {
    first.release();
  }
});

test('publishing without order takes no lock, and waits for none that others take', async () => {
  await using t = await setup({ ordering: 'TARGET' });
  const { id: organizationId } = await t.fixtures.organization();
  const plain = await t.fixtures.target({ organizationId });
  await t.publishInTurn(['a']);
  const [row] = await t.rows('select lock_number as lock from ordered_deliveries');
  const holder = await t.database.pool.connect();
  try {
    await holder.query('begin');
    await holder.query('select pg_advisory_xact_lock($1)', [row.lock]);
    const ordered = t.publish('b');
    await expect.poll(async () => (await t.rows(WAITING)).length, { timeout: 60_000 }).toBe(1);
    const caller = { ...t.caller, organizationId };
    const published = await t.publisher.publish(caller, { eventType: 'user.created', data: 1 });
    expect(published).toMatchObject({ ok: true, value: { deliveryCount: 1 } });
    expect(await t.rows('select ordered from deliveries where target_id = $1', [plain.id])).toEqual([
      { ordered: false },
    ]);
    await holder.query('commit');
    await ordered;
  } finally {
    holder.release();
  }
});

test.each([
  ['ordering', `ordering = 'NONE'`, { ordered: false }],
  ['status', `status = 'PAUSED'`, { ordered: true, held: true }],
])('what was read before the lock (%s) is read again after it', async (_, change, expected) => {
  await using t = await setup({ ordering: 'TARGET' });
  const [head] = await t.publishInTurn(['a']);
  const [row] = await t.rows('select lock_number as lock from ordered_deliveries');
  const holder = await t.database.pool.connect();
  try {
    await holder.query('begin');
    await holder.query('select pg_advisory_xact_lock($1)', [row.lock]);
    const publishing = t.publish('b');
    await expect.poll(async () => (await t.rows(WAITING)).length, { timeout: 60_000 }).toBe(1);
    await t.rows(`update webhook_targets set ${change} where id = $1`, [t.targetId]);
    await t.deliveries.cancel(t.caller, { id: 'none' });
    await holder.query(`delete from ordered_deliveries where delivery_id = $1`, [head]);
    await holder.query('commit');
    const { deliveryIds } = await publishing;
    expect(await t.delivery(deliveryIds[0]!)).toMatchObject(expected);
  } finally {
    holder.release();
  }
});

test('a publish that repeats an earlier one under another orderingKey is refused', async () => {
  await using t = await setup({ ordering: 'KEY' });
  const input = { eventType: 'user.created', data: 1, idempotencyKey: 'k' };
  expect(await t.publisher.publish(t.caller, { ...input, orderingKey: 'a' })).toMatchObject({ ok: true });
  expect(await t.publisher.publish(t.caller, { ...input, orderingKey: 'a' })).toMatchObject({ ok: true });
  const refused = await t.publisher.publish(t.caller, { ...input, orderingKey: 'b' });
  expect(refused).toMatchObject({ ok: false, userErrors: [{ code: 'IDEMPOTENCY_MISMATCH' }] });
  expect(await t.rows('select from deliveries')).toHaveLength(1);
});

test.each([
  ['', 'REQUIRED'],
  ['x'.repeat(256), 'TOO_LONG'],
])('an orderingKey has 1 to 255 characters', async (orderingKey, code) => {
  await using t = await setup();
  const refused = await t.publisher.publish(t.caller, { eventType: 'user.created', data: 1, orderingKey });
  expect(refused).toMatchObject({ ok: false, userErrors: [{ code, field: ['input', 'orderingKey'] }] });
});

const CHANGES = ['NONE', 'KEY', 'TARGET'].flatMap((from) =>
  ['NONE', 'KEY', 'TARGET'].filter((to) => to !== from).map((to) => [from, to] as const),
);

test.each(CHANGES)(
  'from %s to %s: what is open keeps its place, what is published then has the new order',
  async (from, to) => {
    await using t = await setup({ ordering: from as 'KEY' });
    const before = await t.publishInTurn(['a', 'b'], () => 'k');
    const updated = await t.targets.update(t.caller, { id: t.targetId, ordering: to as 'KEY' });
    expect(updated).toMatchObject({ ok: true });
    const after = await t.publishInTurn(['c', 'd'], () => 'k');
    const inRow = (ordering: string) => (ordering === 'NONE' ? ['PENDING', 'PENDING'] : ['PENDING', 'PENDING blocked']);
    expect(await t.states(before)).toEqual(inRow(from));
    expect(await t.states(after)).toEqual(inRow(to));
    await t.runDue();
    const received = t.received();
    expect(received).toHaveLength(4);
    if (from !== 'NONE') expect(received.indexOf('a')).toBeLessThan(received.indexOf('b'));
    if (to !== 'NONE') expect(received.indexOf('c')).toBeLessThan(received.indexOf('d'));
  },
);

test('while a session holds the lock of one organization, another one publishes in order', async () => {
  await using t = await setup({ ordering: 'TARGET' });
  const transact = vi.spyOn(t.database, 'transact');
  const limits = () =>
    transact.mock.calls.flatMap(([sent]) =>
      Symbol.asyncIterator in sent
        ? []
        : sent.flatMap(({ name, values }) => (name === 'limit_lock_waits' ? values : [])),
    );
  const other = await t.fixtures.organization();
  await t.fixtures.target({ organizationId: other.id, url: t.receiver.url, ordering: 'TARGET' });
  const publish = (organizationId: string) =>
    t.publisher.publish({ ...t.caller, organizationId }, { eventType: 'user.created', data: 0 });
  await publish(t.organizationId);
  await publish(other.id);
  const session = await t.database.pool.connect();
  try {
    await session.query('select pg_advisory_lock(lock_number) from ordered_deliveries where target_id = $1', [
      t.targetId,
    ]);
    const waiting: Promise<unknown>[] = [];
    // As many as transactions of ordered publishes go on at once.
    for (let times = 0; times < 2; times++) {
      waiting.push(publish(t.organizationId));
      await new Promise((resolve) => setImmediate(resolve));
      await vi.waitFor(async () => expect(await t.rows(WAITING)).not.toEqual([]), 20_000);
    }
    for (let times = 0; times < 3; times++) expect(await publish(other.id)).toMatchObject({ ok: true });
    await vi.waitFor(() => expect(new Set(limits())).toEqual(new Set(['250', '3000'])), 20_000); // Apart it may wait for longer.
    await session.query('select pg_advisory_unlock_all()');
    for (const answer of await Promise.all(waiting)) expect(answer).toMatchObject({ ok: true });
  } finally {
    session.release(true);
  }
  expect(await t.rows(EVENTS)).toHaveLength(7);
  expect(await t.orphans()).toEqual([]);
});

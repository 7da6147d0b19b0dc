import { expect, test } from 'vitest';
import type { DeliveryChange } from '../../src/live/changes/delivery-changes.ts';
import { graphql } from '../generated/gql.ts';
import { setup } from './setup.ts';

const CHANGES = graphql(`
  subscription Changes($filter: DeliveryStreamFilter, $after: String) {
    deliveryStatusChanged(filter: $filter, after: $after) {
      cursor
      occurredAt
      previousStatus
      status
      attempt {
        number
        outcome
      }
      delivery {
        id
        status
        event {
          id
          body
        }
        target {
          id
        }
      }
    }
  }
`);

type Filter = NonNullable<Parameters<typeof CHANGES.__apiType & object>[0]>['filter'];

async function setupStream() {
  const t = await setup();
  const sent = await t.delivery();
  const change = (options: Partial<DeliveryChange> = {}): DeliveryChange => ({
    organizationId: t.own,
    deliveryId: sent.id,
    targetId: sent.targetId,
    eventId: sent.eventId,
    eventType: 'transaction.auto.updated',
    previousStatus: null,
    status: 'PENDING',
    attemptNumber: null,
    occurredAt: t.clock.now(),
    ...options,
  });
  const watch = async (filter: Filter = null, after: string | null = null, caller = t.member) => {
    const { stream, errors } = await t.subscribe(CHANGES, { filter, after }, caller);
    if (!stream) throw new Error(errors[0]!.message);
    return Object.assign(stream, {
      change: async () => {
        const { data, errors: failures } = (await stream.next())!;
        expect(failures).toEqual([]);
        return data!.deliveryStatusChanged;
      },
    });
  };
  return Object.assign(t, { sent, change, watch });
}

test('a change shows its statuses, the attempt that caused it, and the delivery', async () => {
  await using t = await setupStream();
  const { id, eventId, targetId } = t.sent;
  await t.attempt({ deliveryId: id, number: 1, outcome: 'TIMEOUT' });
  await using stream = await t.watch();
  await t.recordChanges(t.change(), t.change({ previousStatus: 'PENDING', status: 'RETRYING', attemptNumber: 1 }));
  const delivery = {
    id,
    status: 'PENDING',
    event: { id: eventId, body: expect.any(String) },
    target: { id: targetId },
  };
  const occurredAt = t.clock.now().toISOString();
  expect(await stream.change()).toEqual({
    cursor: expect.any(String),
    occurredAt,
    previousStatus: null,
    status: 'PENDING',
    attempt: null,
    delivery,
  });
  expect(await stream.change()).toEqual({
    cursor: expect.any(String),
    occurredAt,
    previousStatus: 'PENDING',
    status: 'RETRYING',
    delivery,
    attempt: { number: 1, outcome: 'TIMEOUT' },
  });
});

test('what a mutation changes reaches the subscriber', async () => {
  await using t = await setupStream();
  await using stream = await t.watch({ status: ['CANCELLED'] });
  const next = stream.change();
  await t.query(`mutation { cancelDelivery(input: { id: "${t.sent.id}" }) { userErrors { code } } }`);
  expect(await next).toMatchObject({
    previousStatus: 'PENDING',
    status: 'CANCELLED',
    delivery: { status: 'CANCELLED' },
  });
});

test('a list joins the stream through deliveryStreamCursor, and a stream resumes after a change', async () => {
  await using t = await setupStream();
  const { deliveryStreamCursor: start } = await t.query('{ deliveryStreamCursor }');
  await t.recordChanges(
    t.change({ status: 'RETRYING' }),
    t.change({ status: 'FAILED' }),
    t.change({ status: 'DELIVERED' }),
  );
  await using stream = await t.watch(null, start);
  const first = await stream.change();
  expect([first.status, (await stream.change()).status]).toEqual(['RETRYING', 'FAILED']);
  await using resumed = await t.watch(null, first.cursor);
  expect([(await resumed.change()).status, (await resumed.change()).status]).toEqual(['FAILED', 'DELIVERED']);
});

test('each field of the filter lets through what it names', async () => {
  await using t = await setupStream();
  const { deliveryStreamCursor: start } = await t.query('{ deliveryStreamCursor }');
  const second = await t.delivery({ eventType: 'customer.created' });
  const other = {
    deliveryId: second.id,
    targetId: second.targetId,
    eventId: second.eventId,
    eventType: 'customer.created',
  };
  await t.recordChanges(t.change({ status: 'FAILED' }), t.change({ ...other, status: 'RETRYING' }));
  const filters: Filter[] = [
    { status: ['RETRYING', 'CANCELLED'] },
    { deliveryId: second.id },
    { targetId: second.targetId },
    { eventId: second.eventId },
    { eventType: ['customer.created'] },
    { eventType: ['no.such.type', 'customer.*'] },
    { status: ['RETRYING'], deliveryId: second.id, targetId: null },
  ];
  for (const filter of filters) {
    await using stream = await t.watch(filter, start);
    expect({ filter, id: (await stream.change()).delivery.id }).toEqual({ filter, id: second.id });
  }
});

test('tags let through the changes of deliveries whose event has any of them, live and from a cursor', async () => {
  await using t = await setupStream();
  const { deliveryStreamCursor: start } = await t.query('{ deliveryStreamCursor }');
  const filter = { tags: ['b', 'c'] };
  await using live = await t.watch(filter);
  const one = await t.delivery({ tags: ['a', 'b'] });
  const other = await t.delivery({ tags: ['a'] });
  const changes = [one, other].flatMap(({ id: deliveryId, targetId, eventId }) =>
    (['PENDING', 'DELIVERED'] as const).map((status) => t.change({ deliveryId, targetId, eventId, status })),
  );
  await t.recordChanges(t.change(), ...changes.slice(2), ...changes.slice(0, 2), t.change({ status: 'FAILED' }));
  await using resumed = await t.watch(filter, start);
  for (const stream of [live, resumed]) {
    const seen = [await stream.change(), await stream.change()];
    expect(seen.map(({ delivery, status }) => [delivery.id, status])).toEqual([
      [one.id, 'PENDING'],
      [one.id, 'DELIVERED'],
    ]);
  }
  await using both = await t.watch({ ...filter, status: ['DELIVERED'] }, start);
  expect(await both.change()).toMatchObject({ delivery: { id: one.id }, status: 'DELIVERED' });
});

test('a stream shows the changes of its own organization only, a platform admin’s too', async () => {
  await using t = await setupStream();
  const { deliveryStreamCursor: start } = await t.query('{ deliveryStreamCursor }');
  const { deliveryStreamCursor: theirStart } = await t.query('{ deliveryStreamCursor }', {}, t.stranger);
  const theirs = await t.delivery({ organizationId: t.other });
  const foreign = {
    organizationId: t.other,
    deliveryId: theirs.id,
    targetId: theirs.targetId,
    eventId: theirs.eventId,
  };
  await t.recordChanges(t.change(foreign), t.change({ status: 'FAILED' }));
  for (const caller of [t.member, t.admin]) {
    await using stream = await t.watch(null, start, caller);
    expect(await stream.change()).toMatchObject({ status: 'FAILED', delivery: { id: t.sent.id } });
  }
  await using stream = await t.watch(null, theirStart, t.stranger);
  expect(await stream.change()).toMatchObject({ delivery: { id: theirs.id } });
  const { errors } = await t.subscribe(CHANGES, { filter: null, after: start }, t.stranger);
  expect(errors).toMatchObject([{ code: 'CURSOR_EXPIRED' }]);
});

test('a filter that can never match by its shape, and a cursor that is none, are BAD_USER_INPUT', async () => {
  await using t = await setupStream();
  const wrong: [object, string][] = [
    [{ filter: { targetId: 'x' } }, 'filter.targetId'],
    [{ filter: { eventId: '' } }, 'filter.eventId'],
    [{ filter: { deliveryId: '0'.repeat(28) } }, 'filter.deliveryId'],
    [{ filter: { status: [] } }, 'filter.status'],
    [{ filter: { eventType: [] } }, 'filter.eventType'],
    [{ filter: { tags: [] } }, 'filter.tags'],
  ];
  for (const [variables, argument] of wrong) {
    const { errors } = await t.subscribe(String(CHANGES), variables, t.member);
    expect(errors).toMatchObject([
      { code: 'BAD_USER_INPUT', extensions: { argument }, message: expect.stringContaining(argument) },
    ]);
  }
  for (const after of ['', 'nonsense']) {
    const { errors } = await t.subscribe(CHANGES, { after }, t.member);
    expect(errors).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
  }
});

test('a thousand subscribers to a change read what they select of it once', async () => {
  await using t = await setupStream();
  await t.attempt({ deliveryId: t.sent.id, number: 1 });
  const streams = await Promise.all(Array.from({ length: 1_000 }, () => t.watch()));
  const first = Promise.all(streams.map((stream) => stream.change()));
  t.statements.length = 0;
  await t.recordChanges(t.change({ status: 'RETRYING', attemptNumber: 1 }));
  const changes = await first;
  expect(new Set(changes.map(({ delivery, attempt }) => JSON.stringify([delivery, attempt]))).size).toBe(1);
  const reads = t.statements.filter((text) => !text.includes('delivery_changes'));
  // The delivery, the attempt, the event, its body.
  expect(reads).toHaveLength(4);
  await Promise.all(streams.map((stream) => stream[Symbol.asyncDispose]()));
});

test('a subscriber that takes a change later is given what was read for the first', async () => {
  await using t = await setupStream();
  await using first = await t.watch();
  await using second = await t.watch();
  const taken = first.change();
  // Live from its first request on: what comes then waits for it, the same object.
  const early = second.change();
  await t.recordChanges(t.change());
  await early;
  await taken;
  const waiting = first.change();
  await t.recordChanges(t.change({ status: 'RETRYING' }));
  const known = await waiting;
  t.statements.length = 0;
  expect(await second.change()).toEqual(known);
  expect(t.statements.filter((text) => !text.includes('delivery_changes'))).toEqual([]);
});

test('one change after another shows the delivery as it is by then', async () => {
  await using t = await setupStream();
  await using stream = await t.watch();
  await t.recordChanges(t.change());
  expect((await stream.change()).delivery.status).toBe('PENDING');
  await t.database.prisma().delivery.update({ where: { id: t.sent.id }, data: { status: 'FAILED' } });
  await t.recordChanges(t.change({ status: 'FAILED' }));
  expect((await stream.change()).delivery.status).toBe('FAILED');
});

test('a page of changes reads a statement for each kind of row, not for each change', async () => {
  await using t = await setupStream();
  const { deliveryStreamCursor: start } = await t.query('{ deliveryStreamCursor }');
  await t.attempt({ deliveryId: t.sent.id, number: 1 });
  const count = 64;
  await t.recordChanges(...Array.from({ length: count }, () => t.change({ status: 'RETRYING', attemptNumber: 1 })));
  await using stream = await t.watch(null, start);
  t.statements.length = 0;
  const first = await stream.change();
  const cursors = [first.cursor];
  while (cursors.length < count) cursors.push((await stream.change()).cursor);
  expect(new Set(cursors).size).toBe(count);
  const reads = t.statements.filter((text) => !text.includes('delivery_changes'));
  // The delivery, the attempt, the event and its body, of at least 8 changes at a time. Each alone would read all four.
  expect(reads.length).toBeLessThanOrEqual((4 * count) / 8);
});

test('lagMs is how old the change is when it is sent, for each subscriber of those who share the answer', async () => {
  await using t = await setupStream();
  const query = 'subscription { deliveryStatusChanged { status lagMs } }';
  const open = async () => (await t.subscribe(query, {}, t.member)).stream!;
  await using soon = await open();
  await using late = await open();
  const [first, second] = [soon.next(), late.next()];
  const occurredAt = t.clock.now();
  await t.clock.advance(20);
  await t.recordChanges(t.change({ occurredAt }), t.change({ status: 'RETRYING', occurredAt }));
  for (const each of [first, second]) {
    expect(await each).toMatchObject({ data: { deliveryStatusChanged: { status: 'PENDING', lagMs: 20 } } });
  }
  expect(await soon.next()).toMatchObject({ data: { deliveryStatusChanged: { status: 'RETRYING', lagMs: 20 } } });
  await t.clock.advance(9_000);
  expect(await late.next()).toMatchObject({ data: { deliveryStatusChanged: { status: 'RETRYING', lagMs: 9_020 } } });
});

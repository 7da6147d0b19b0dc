import { expect, test } from 'vitest';
import type { Caller } from '../../src/access/caller.ts';
import { graphql } from '../generated/gql.ts';
import { untilFinal } from '../support/changes.ts';
import { setup } from './setup.ts';

const EVENTS = graphql(`
  subscription Events($filter: EventStreamFilter, $after: String) {
    eventPublished(filter: $filter, after: $after) {
      cursor
      event {
        id
        customerId
        data
        tags
        eventType {
          name
        }
      }
    }
  }
`);

type Filter = NonNullable<Parameters<typeof EVENTS.__apiType & object>[0]>['filter'];

async function setupStream() {
  const t = await setup();
  for (const name of ['parcel.sent', 'parcel.lost']) await t.fixtures.eventType({ name });
  const cursor = async (at?: Date, caller?: Caller) =>
    (await t.query('query ($at: DateTime) { eventStreamCursor(at: $at) }', { at: at?.toISOString() }, caller))
      .eventStreamCursor as string;
  return Object.assign(t, {
    start: await cursor(),
    cursor,
    async publish(input: object = {}, caller?: Caller): Promise<string> {
      const { publishEvent } = await t.query(
        `mutation ($input: PublishEventInput!) {
          publishEvent(input: $input) { event { id } deliveryCount userErrors { code } }
        }`,
        { input: { eventType: 'parcel.sent', data: { n: 1 }, ...input } },
        caller,
      );
      expect(publishEvent.userErrors).toEqual([]);
      return publishEvent.event.id;
    },
    watch: (filter: Filter = null, after: string | null = null, caller?: Caller) =>
      t.follow(EVENTS, { filter, after }, caller),
  });
}

test('an event that no target receives reaches the subscriber, whole', async () => {
  await using t = await setupStream();
  await using stream = await t.watch();
  const first = stream.change();
  const id = await t.publish({ customerId: 'customer-1', data: { n: 7 } });
  expect(await first).toEqual({
    cursor: expect.any(String),
    event: { id, customerId: 'customer-1', data: { n: 7 }, tags: [], eventType: { name: 'parcel.sent' } },
  });
});

test('every committed event comes once: those of publishEvents in their order, a repeat not again, a refused one never', async () => {
  await using t = await setupStream();
  const once = await t.publish({ idempotencyKey: 'once' });
  expect(await t.publish({ idempotencyKey: 'once' })).toBe(once);
  const events = ['parcel.sent', 'parcel.lost', 'parcel.sent'].map((eventType) => ({ eventType, data: {} }));
  const { publishEvents } = await t.query(
    `mutation ($events: [PublishEventInput!]!) { publishEvents(input: { events: $events }) { events { id } } }`,
    { events },
  );
  const refused = [...events, { eventType: 'parcel.unknown', data: {} }];
  await t.query(
    `mutation ($events: [PublishEventInput!]!) { publishEvents(input: { events: $events }) { userErrors { code } } }`,
    { events: refused },
  );
  const last = await t.publish();
  await using stream = await t.watch(null, t.start);
  const seen: string[] = [];
  while (seen.at(-1) !== last) seen.push((await stream.change()).event.id);
  expect(seen).toEqual([once, ...publishEvents.events.map(({ id }: { id: string }) => id), last]);
});

test('the events of sendTestEvent are in it, as they are in the list', async () => {
  await using t = await setupStream();
  const target = await t.fixtures.target({ organizationId: t.own });
  const { sendTestEvent } = await t.query(
    `mutation { sendTestEvent(input: { targetId: "${target.id}", eventType: "parcel.lost" }) { delivery { event { id } } } }`,
  );
  await using stream = await t.watch(null, t.start);
  expect((await stream.change()).event.id).toBe(sendTestEvent.delivery.event.id);
});

test('each field of the filter lets through what it names, for live subscribers and those who resume', async () => {
  await using t = await setupStream();
  const filters: readonly (readonly [Filter, readonly number[]])[] = [
    [{ eventType: ['parcel.lost'] }, [1, 3]],
    [{ eventType: ['parcel.*'] }, [0, 1, 2, 3]],
    [{ eventType: ['parcel.lost', 'parcels.*'] }, [1, 3]],
    [{ customerId: 'a' }, [0, 1]],
    [{ customerId: 'a', eventType: ['parcel.lost', 'parcel.unknown'] }, [1]],
    [null, [0, 1, 2, 3]],
  ];
  const live = await Promise.all(filters.map(([filter]) => t.watch(filter)));
  const ids = [
    await t.publish({ customerId: 'a' }),
    await t.publish({ customerId: 'a', eventType: 'parcel.lost' }),
    await t.publish({ customerId: 'b' }),
    await t.publish({ eventType: 'parcel.lost' }),
  ];
  for (const [index, [filter, wanted]] of filters.entries()) {
    await using resumed = await t.watch(filter, t.start);
    await using followed = live[index]!;
    for (const stream of [followed, resumed]) {
      const seen: string[] = [];
      while (seen.length < wanted.length) seen.push((await stream.change()).event.id);
      expect(seen).toEqual(wanted.map((nth) => ids[nth]));
    }
  }
});

test('a list joins the stream through eventStreamCursor, and a stream resumes after an event', async () => {
  await using t = await setupStream();
  const before = await t.publish();
  const start = await t.cursor();
  const after = [await t.publish(), await t.publish()];
  await using stream = await t.watch(null, start);
  // What a list shows may come once more, while an older transaction of anybody is open.
  let first = await stream.change();
  if (first.event.id === before) first = await stream.change();
  expect([first.event.id, (await stream.change()).event.id]).toEqual(after);
  await using resumed = await t.watch(null, first.cursor);
  expect((await resumed.change()).event.id).toBe(after[1]);
});

test('eventStreamCursor(at:) begins before every event published since, and refuses a time that is too old', async () => {
  await using t = await setupStream();
  await t.publish();
  await untilFinal(t.database, 'event_changes');
  await t.clock.advance(1_000);
  const at = t.clock.now();
  const since = [await t.publish(), await t.publish()];
  await using stream = await t.watch(null, await t.cursor(at));
  expect([(await stream.change()).event.id, (await stream.change()).event.id]).toEqual(since);
  const { errors } = await t.execute('{ eventStreamCursor(at: "2025-12-31T23:59:59.999Z") }', {}, t.member);
  expect(errors).toMatchObject([{ code: 'BAD_USER_INPUT', extensions: { argument: 'at' } }]);
});

test('a stream shows the events of its own organization only, a platform admin’s too', async () => {
  await using t = await setupStream();
  const theirStart = await t.cursor(undefined, t.stranger);
  const [theirs, ours] = [await t.publish({}, t.stranger), await t.publish()];
  for (const caller of [t.member, t.admin]) {
    await using stream = await t.watch(null, t.start, caller);
    expect((await stream.change()).event.id).toBe(ours);
  }
  await using stream = await t.watch(null, theirStart, t.stranger);
  expect((await stream.change()).event.id).toBe(theirs);
  const { errors } = await t.subscribe(EVENTS, { filter: null, after: t.start }, t.stranger);
  expect(errors).toMatchObject([{ code: 'CURSOR_EXPIRED' }]);
});

test('it needs EVENTS_READ', async () => {
  await using t = await setupStream();
  const caller = await t.caller(t.own, ['EVENTS_PUBLISH', 'DELIVERIES_READ']);
  const denied = [
    await t.subscribe(EVENTS, { filter: null, after: null }, caller),
    await t.execute('{ eventStreamCursor }', {}, caller),
  ];
  for (const { errors } of denied) {
    expect(errors).toMatchObject([{ code: 'FORBIDDEN', extensions: { requiredScopes: ['EVENTS_READ'] } }]);
  }
});

test('a filter that can never match by its shape, and a cursor of another stream, are BAD_USER_INPUT', async () => {
  await using t = await setupStream();
  const { deliveryStreamCursor } = await t.query('{ deliveryStreamCursor }');
  const wrong: [object, string][] = [
    [{ filter: { eventType: [] } }, 'filter.eventType'],
    [{ filter: { customerId: '' } }, 'filter.customerId'],
    [{ filter: { tags: [] } }, 'filter.tags'],
    [{ filter: { tags: ['nul \0'] } }, 'filter.tags'],
    [{ filter: { tags: Array.from({ length: 1_001 }, String) } }, 'filter.tags'],
    [{ filter: { customerId: 'nul \0' } }, 'filter.customerId'],
    [{ after: deliveryStreamCursor }, 'after'],
    [{ after: '' }, 'after'],
  ];
  for (const [variables, argument] of wrong) {
    const { errors } = await t.subscribe(String(EVENTS), variables, t.member);
    expect(errors, argument).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
    expect(errors[0]!.message, argument).toContain(`\`${argument}\``);
  }
});

const payload = (test: object) => ({ payload: { where: { path: ['data', 'n'], ...test } } }) as Filter;

test('with a payload filter, a subscriber is given the events whose body satisfies it, in their order, also from a cursor', async () => {
  await using t = await setupStream();
  const ids: string[] = [];
  for (let n = 0; n < 80; n++) ids.push(await t.publish({ data: { n } }));
  const wanted = ids.filter((_, n) => n % 10 === 7);
  const filter = payload({ in: [7, 17, 27, 37, 47, 57, 67, 77, 100] });
  await using stream = await t.watch(filter, t.start);
  const seen: string[] = [];
  let cursor = '';
  while (seen.length < 4) {
    const change = await stream.change();
    seen.push(change.event.id);
    cursor = change.cursor;
  }
  expect(seen).toEqual(wanted.slice(0, 4));
  await using resumed = await t.watch(filter, cursor);
  while (seen.length < 8) seen.push((await resumed.change()).event.id);
  expect(seen).toEqual(wanted);
  const next = resumed.change();
  await t.publish({ data: { n: 99 } });
  const last = await t.publish({ data: { n: 100 } });
  expect((await next).event.id).toBe(last);
});

test('subscribers with the same document and other payload filters are each given their own events', async () => {
  await using t = await setupStream();
  const ids: string[] = [];
  for (let n = 0; n < 6; n++) ids.push(await t.publish({ data: { n } }));
  await using low = await t.watch(payload({ lessThan: '3' }), t.start);
  await using high = await t.watch(payload({ atLeast: '3' }), t.start);
  await using all = await t.watch(null, t.start);
  const take = async (stream: typeof low, count: number) => {
    const seen: string[] = [];
    while (seen.length < count) seen.push((await stream.change()).event.id);
    return seen;
  };
  expect(await Promise.all([take(low, 3), take(high, 3), take(all, 6)])).toEqual([ids.slice(0, 3), ids.slice(3), ids]);
});

test('payload is combined with the other fields of the filter', async () => {
  await using t = await setupStream();
  await t.publish({ data: { n: 1 }, customerId: 'c1' });
  await t.publish({ data: { n: 2 }, customerId: 'c2' });
  const both = await t.publish({ data: { n: 1 }, customerId: 'c2' });
  await using stream = await t.watch({ ...payload({ equals: 1 }), customerId: 'c2' } as Filter, t.start);
  expect((await stream.change()).event.id).toBe(both);
});

test('with tags, a subscriber is given the events that have any of them, live and from a cursor', async () => {
  await using t = await setupStream();
  const filter = { tags: ['b', 'c', 'none'] };
  await using live = await t.watch(filter);
  const ids: string[] = [];
  for (const tags of [['a'], ['a', 'b'], null, ['c'], ['b', 'c'], []]) ids.push(await t.publish({ tags }));
  const wanted = [ids[1], ids[3], ids[4]];
  const take = async (stream: typeof live) => [await stream.change(), await stream.change(), await stream.change()];
  const changes = await take(live);
  expect(changes.map(({ event }) => event.id)).toEqual(wanted);
  expect(changes.map(({ event }) => event.tags)).toEqual([['a', 'b'], ['c'], ['b', 'c']]);
  await using resumed = await t.watch(filter, t.start);
  expect((await take(resumed)).map(({ event }) => event.id)).toEqual(wanted);
  await using rest = await t.watch(filter, changes[0]!.cursor);
  expect((await rest.change()).event.id).toBe(wanted[1]);
});

test('tags are combined with payload and with the other fields of the filter', async () => {
  await using t = await setupStream();
  await t.publish({ data: { n: 1 }, tags: ['b'] });
  await t.publish({ data: { n: 2 }, tags: ['a'], customerId: 'c2' });
  await t.publish({ data: { n: 1 }, customerId: 'c2' });
  const both = await t.publish({ data: { n: 1 }, tags: ['a'], customerId: 'c2' });
  for (const more of [{}, { customerId: 'c2' }]) {
    await using stream = await t.watch({ ...payload({ equals: 1 }), tags: ['a'], ...more } as Filter, t.start);
    expect((await stream.change()).event.id).toBe(both);
  }
});

test('a fault in a payload filter is BAD_USER_INPUT, with its place', async () => {
  await using t = await setupStream();
  const { errors } = await t.subscribe(EVENTS, { filter: payload({ atMost: 'x' }), after: null }, t.member);
  expect(errors).toMatchObject([
    {
      code: 'BAD_USER_INPUT',
      extensions: { argument: 'filter.payload.where.atMost' },
      message: expect.stringContaining('decimal'),
    },
  ]);
});

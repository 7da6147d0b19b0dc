/** The history of webhook targets is streamed by the same code as that of deliveries: what the tables do not share. */
import type pg from 'pg';
import { expect, test } from 'vitest';
import { connectDatabase } from '../../../src/database/client.ts';
import { recordDeliveryChanges } from '../../../src/live/changes/delivery-changes.ts';
import { loadEpoch } from '../../../src/live/cursors/epoch.ts';
import { createFeed, type Change, type TargetChange, type TargetFeed } from '../../../src/live/feed.ts';
import { forgetChanges } from '../../../src/live/forget.ts';
import { recordTargetChange, TARGET_CHANGES } from '../../../src/live/changes/target-changes.ts';
import { createRandom, newChange } from '../../support/changes.ts';
import { createManualClock } from '../../support/clock.ts';
import { MASTER_KEYS } from '../../support/cursors.ts';
import { createTestDatabase } from '../../support/database.ts';
import { localBell } from '../stream.ts';

const FILTER = { organizationId: 'acme' };
const OLD = new Date('2026-01-01T00:00:00.000Z');

const targetChange = (fields: Partial<TargetChange> = {}): TargetChange => ({
  organizationId: 'acme',
  targetId: 'target-1',
  previousStatus: 'ACTIVE',
  status: 'DISABLED',
  reason: null,
  occurredAt: new Date('2026-01-15T10:30:00.000Z'),
  ...fields,
});

/** Feeds on one database, as so many API processes have them, with little memory. */
async function setup(processes = 2) {
  const database = await createTestDatabase();
  const clock = createManualClock();
  const epoch = await loadEpoch(database, clock);
  const bell = localBell();
  const errors: Error[] = [];
  const feeds = Array.from({ length: processes }, () =>
    createFeed({
      table: TARGET_CHANGES,
      database,
      doorbell: bell,
      clock,
      epoch,
      masterKeys: MASTER_KEYS,
      onError: (error) => errors.push(error),
      limits: { bufferChanges: 8, recentChanges: 40 },
    }),
  );
  for (const feed of feeds) await feed.start();
  const places = async (where = 'true') => {
    const query = `select c.xid || '.' || c.seq as place from target_changes c where ${where} order by c.xid, c.seq`;
    return (await database.pool.query(query)).rows.map(({ place }) => place as string);
  };
  return {
    database,
    bell,
    errors,
    feeds,
    feed: feeds[0]!,
    places,
    write: async (fields: Partial<TargetChange> = {}) => {
      await recordTargetChange(database.pool, targetChange(fields));
      bell.ring();
    },
    async [Symbol.asyncDispose]() {
      for (const feed of feeds) await feed.stop();
      await database.close();
    },
  };
}

const placeOf = ({ position }: Change<TargetChange>): string => `${position.xid}.${position.seq}`;

async function takeUntilLast(stream: AsyncIterable<Change<TargetChange>>): Promise<Change<TargetChange>[]> {
  const seen: Change<TargetChange>[] = [];
  for await (const change of stream) {
    seen.push(change);
    if (change.targetId === 'last') break;
  }
  return seen;
}

/** A client that goes to the other process with its last cursor after every `count` changes. */
async function reconnectEvery(count: number, feeds: readonly TargetFeed[], start: string) {
  const seen: Change<TargetChange>[] = [];
  for (let round = 0; seen.at(-1)?.targetId !== 'last'; round++) {
    const stream = await feeds[round % feeds.length]!.subscribe(FILTER, seen.at(-1)?.cursor ?? start);
    for await (const change of stream) {
      seen.push(change);
      if (change.targetId === 'last' || seen.length % count === 0) break;
    }
  }
  return seen;
}

/** Transactions that overlap, among them some that are rolled back and some that only deliver. */
async function writeConcurrently(pool: pg.Pool, seed: number, ring: () => void): Promise<void> {
  const random = createRandom(seed);
  const open: pg.PoolClient[] = [];
  const endOne = async () => {
    const [client] = open.splice(Math.floor(random() * open.length), 1) as [pg.PoolClient];
    await client.query(random() < 0.15 ? 'rollback' : 'commit');
    client.release();
    ring();
  };
  for (let nth = 0; nth < 200; nth++) {
    const client = await pool.connect();
    await client.query('begin');
    if (nth % 4 === 0) await recordDeliveryChanges(client, [newChange()]);
    else await recordTargetChange(client, targetChange({ targetId: `w${seed}-${nth}` }));
    open.push(client);
    while (open.length > 3 || (open.length > 0 && random() < 0.4)) await endOne();
  }
  while (open.length > 0) await endOne();
}

test('every subscriber is given exactly the history of the table, in its order, on whatever process', async () => {
  await using t = await setup();
  const start = await t.feed.currentCursor('acme');
  const writing = connectDatabase({ databaseUrl: t.database.databaseUrl, connections: 16, onConnectionLost: () => {} });
  const steady = await t.feed.subscribe(FILTER, null);
  const resumed = await t.feeds[1]!.subscribe(FILTER, start);
  const write = async () => {
    await Promise.all([1, 2, 3].map((seed) => writeConcurrently(writing.pool, seed, t.bell.ring)));
    await t.write({ targetId: 'last' });
  };
  const [, ...seen] = await Promise.all([
    write(),
    takeUntilLast(steady),
    takeUntilLast(resumed),
    reconnectEvery(20, t.feeds, start),
  ]);
  await writing.close();
  const history = await t.places();
  expect(history.length).toBeGreaterThan(300);
  expect(history.length).toBeLessThan(451); // Else nothing was rolled back.
  for (const changes of seen) expect(changes.map(placeOf)).toEqual(history);
  expect(t.errors).toEqual([]);
});

test('a change carries what was recorded, also of a target that was created or deleted', async () => {
  await using t = await setup();
  const start = await t.feed.currentCursor('acme');
  const written = [
    targetChange({ previousStatus: null, status: 'PAUSED' }),
    targetChange({ reason: 'It answered 410 Gone.' }),
    targetChange({ previousStatus: 'DISABLED', status: null, targetId: 'last' }),
  ];
  for (const change of written) await t.write(change);
  const seen = await takeUntilLast(await t.feed.subscribe(FILTER, start));
  expect(seen).toMatchObject(written);
});

test.each([
  ['live', 'the same'],
  ['from the table', 'another'],
])('a filter gives what it names, and of its organization only: %s, on %s process', async (way) => {
  await using t = await setup();
  const start = await t.feed.currentCursor('acme');
  const filters = [
    [{}, 'true'],
    [{ status: ['PAUSED', 'ACTIVE'] }, "(status in ('PAUSED', 'ACTIVE') or target_id = 'last')"],
    [{ targetId: 'last' }, "target_id = 'last'"],
  ] as const;
  const open = (feed: TargetFeed) =>
    Promise.all(filters.map(async ([filter]) => takeUntilLast(await feed.subscribe({ ...FILTER, ...filter }, start))));
  const live = way === 'live' ? open(t.feed) : undefined;
  const random = createRandom(5);
  for (let nth = 0; nth < 120; nth++) {
    const status = ([null, 'ACTIVE', 'PAUSED', 'DISABLED'] as const)[Math.floor(random() * 4)]!;
    await t.write({ status, targetId: `t${nth % 3}`, organizationId: nth % 4 ? 'acme' : 'other' });
  }
  await t.write({ targetId: 'last', status: 'ACTIVE' });
  const seen = await (live ?? open(t.feeds[1]!));
  for (const [nth, [, where]] of filters.entries()) {
    expect(seen[nth]!.map(placeOf)).toEqual(await t.places(`organization_id = 'acme' and ${where}`));
  }
});

test('each history has a floor of its own: forgetting one expires no cursor of the other', async () => {
  await using t = await setup();
  const start = await t.feed.currentCursor('acme');
  await recordDeliveryChanges(t.database.pool, [newChange({ occurredAt: OLD })]);
  for (const targetId of ['old', 'old too']) await t.write({ targetId, occurredAt: OLD });
  await t.write({ targetId: 'last' });
  const all = await takeUntilLast(await t.feed.subscribe(FILTER, start));
  expect(await forgetChanges(t.database.pool, TARGET_CHANGES, new Date('2026-01-02'), 100)).toBe(2);
  // On a process that does not remember what was deleted.
  await expect(t.feeds[1]!.subscribe(FILTER, start)).rejects.toMatchObject({
    code: 'CURSOR_EXPIRED',
    message: expect.stringContaining('Query.webhookTargetStreamCursor'),
  });
  expect((await takeUntilLast(await t.feeds[1]!.subscribe(FILTER, all[1]!.cursor))).map(placeOf)).toEqual(
    await t.places(),
  );
  const { rows } = await t.database.pool.query('select count(*)::int as count from delivery_changes');
  expect(rows).toEqual([{ count: 1 }]);
  const floors = await t.database.pool.query("select name from settings where name like '%floor'");
  expect(floors.rows).toEqual([{ name: 'target_stream_floor' }]);
});

test('a lost change of a target is missed too, although another one stands at its place', async () => {
  await using t = await setup();
  const start = await t.feed.currentCursor('acme');
  const stream = await t.feed.subscribe(FILTER, start);
  await t.write({ targetId: 'kept' });
  await t.write({ targetId: 'lost' });
  const [kept, lost] = [(await stream.next()).value!, (await stream.next()).value!];
  const ended = expect(stream.next()).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' });
  await t.database.pool.query(
    "update target_changes set reason = 'It failed.', previous_status = null where target_id = 'lost'",
  );
  t.bell.ring();
  await ended;
  for (const feed of t.feeds) {
    await expect(feed.subscribe(FILTER, lost.cursor)).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' });
    const next = (await feed.subscribe(FILTER, kept.cursor)).next();
    expect((await next).value).toMatchObject({ targetId: 'lost', reason: 'It failed.' });
  }
});

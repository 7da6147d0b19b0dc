import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { connectDatabase, type Database } from '../../src/database/client.ts';
import { createDatabaseConnector } from '../../src/database/connect/database-connection.ts';
import { startEmbeddedPostgres } from '../../src/database/embedded.ts';
import { migrate } from '../../src/database/migrate/migrate.ts';
import { DELIVERY_CHANGES, recordDeliveryChanges } from '../../src/live/changes/delivery-changes.ts';
import { loadEpoch } from '../../src/live/cursors/epoch.ts';
import { createDoorbell } from '../../src/live/doorbell.ts';
import { createFeed, type DeliveryFeed } from '../../src/live/feed.ts';
import { MASTER_KEYS } from '../support/cursors.ts';
import { newChange, placeOf, tableHistory, take, takeUntil, type SeenChange } from '../support/changes.ts';
import { createTestDatabase } from '../support/database.ts';
import { createFolder } from '../support/processes/reaper.ts';

const FILTER = { organizationId: 'acme' };
const quiet = { connections: 4, onConnectionLost: () => {} };

/** A feed with connections of its own, named "feed", and a doorbell for it, on any database. */
async function openFeed(databaseUrl: string, { listenUrl = databaseUrl, pollMs = 500 } = {}) {
  const url = `${databaseUrl}?application_name=feed`;
  const database = connectDatabase({ databaseUrl: url, ...quiet });
  const errors: Error[] = [];
  const onError = (error: Error) => void errors.push(error);
  const doorbell = createDoorbell({
    connector: createDatabaseConnector(`${listenUrl}?application_name=feed`),
    clock: systemClock,
    onError,
  });
  await doorbell.start();
  const epoch = await loadEpoch(database, systemClock);
  // Little memory: what is missed in an outage comes from the table.
  const limits = { recentChanges: 64, bufferChanges: 16, pollMs };
  const feed = createFeed({
    table: DELIVERY_CHANGES,
    database,
    doorbell,
    clock: systemClock,
    epoch,
    masterKeys: MASTER_KEYS,
    onError,
    limits,
  });
  await feed.start();
  const close = async () => {
    await feed.stop();
    await doorbell.stop();
    await database.close();
  };
  return { feed, doorbell, errors, [Symbol.asyncDispose]: close };
}

test('a ring in one process is answered in another, without a poll', async () => {
  await using database = await createTestDatabase();
  await using one = await openFeed(database.databaseUrl, { pollMs: 1_000_000 });
  await using two = await openFeed(database.databaseUrl, { pollMs: 1_000_000 });
  const stream = await two.feed.subscribe(FILTER, null);
  for (let round = 0; round < 5; round++) {
    const next = take(stream, 1);
    await recordDeliveryChanges(database.pool, [newChange({ deliveryId: `d${round}` })]);
    one.doorbell.ring('changes');
    expect((await next)[0]).toMatchObject({ deliveryId: `d${round}` });
  }
});

test('where LISTEN is blocked altogether, changes are seen within a second', async () => {
  await using database = await createTestDatabase();
  await using one = await openFeed(database.databaseUrl, { listenUrl: 'postgresql://127.0.0.1:1/blocked' });
  await using two = await openFeed(database.databaseUrl, { listenUrl: 'postgresql://127.0.0.1:1/blocked' });
  const stream = await two.feed.subscribe(FILTER, null);
  const tookMs: number[] = [];
  for (let round = 0; round < 4; round++) {
    const next = take(stream, 1);
    await recordDeliveryChanges(database.pool, [newChange({ deliveryId: `d${round}` })]);
    const startedAt = performance.now();
    one.doorbell.ring('changes');
    await next;
    tookMs.push(performance.now() - startedAt);
  }
  // The first may come just before a poll, the others come just after one. The best of these: the machine may be busy.
  expect(Math.min(...tookMs.slice(1))).toBeLessThan(1_000);
});

test('connections that Postgres terminates, all of them and again and again, cost no change', async () => {
  await using database = await createTestDatabase();
  await using one = await openFeed(database.databaseUrl);
  const start = await one.feed.currentCursor('acme');
  const stream = await one.feed.subscribe(FILTER, null);
  const seen = takeUntil(stream, 'last');
  const reconnected = followFrom(() => one.feed, start);
  let written = 0;
  for (let round = 0; round < 10; round++) {
    for (let nth = 0; nth < 30; nth++) {
      await recordDeliveryChanges(database.pool, [newChange({ deliveryId: `d${written++}` })]);
      one.doorbell.ring('changes');
    }
    await database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'feed' and datname = current_database()`,
    );
  }
  await recordDeliveryChanges(database.pool, [newChange({ deliveryId: 'last' })]);
  const history = await tableHistory(database);
  expect((await seen).map(placeOf)).toEqual(history);
  expect((await reconnected).map(placeOf)).toEqual(history);
  expect(one.errors.length).toBeGreaterThan(0);
});

/** Follows the stream to the change of delivery "last", from the last cursor again whenever it breaks. */
async function followFrom(feed: () => DeliveryFeed, start: string): Promise<SeenChange[]> {
  const seen: SeenChange[] = [];
  while (seen.at(-1)?.deliveryId !== 'last') {
    try {
      const stream = await feed().subscribe(FILTER, seen.at(-1)?.cursor ?? start);
      for await (const change of stream) {
        seen.push(change);
        if (change.deliveryId === 'last' || seen.length % 20 === 0) break;
      }
    } catch (error) {
      if ((error as { code?: string }).code === 'CURSOR_EXPIRED') throw error;
      await new Promise((resolve) => setTimeout(resolve, 20)); // A client that tries again, as clients do.
    }
  }
  return seen;
}

/** A PostgreSQL of its own, as durable as in production, behind an address that survives its crashes. */
async function startCrashing() {
  const folder = await createFolder('hookcast-crash-');
  const directory = folder.path;
  // Nothing reaches the disk but what a commit waits for: a crash loses all that Postgres does not promise to keep.
  const settings = { wal_writer_delay: '10s', bgwriter_delay: '10s' };
  const start = () => startEmbeddedPostgres({ directory, newPassword: 'secret', settings });
  let postgres = await start();
  await migrate(postgres.databaseUrl);
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const server = connect(Number(new URL(postgres.databaseUrl).port), '127.0.0.1');
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => {}).on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const url = new URL(postgres.databaseUrl);
  url.port = String((proxy.address() as AddressInfo).port);
  return {
    databaseUrl: url.href,
    async crash() {
      await postgres.stop('immediate');
      postgres = await start();
    },
    async [Symbol.asyncDispose]() {
      sockets.forEach((socket) => socket.destroy());
      proxy.close();
      await postgres.stop('immediate');
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Writes until told to stop; a write that fails may or may not have been committed, as in life. */
async function writeThroughCrashes(database: Database, ring: () => void, isDone: () => boolean): Promise<void> {
  for (let nth = 0; !isDone(); nth++) {
    const change = newChange({ deliveryId: `d${nth}` });
    await database.transaction((tx) => recordDeliveryChanges(tx, [change])).then(ring, () => {});
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (;;) {
    const isWritten = await recordDeliveryChanges(database.pool, [newChange({ deliveryId: 'last' })]).then(
      () => true,
      () => false,
    );
    if (isWritten) return;
  }
}

let postgres: Awaited<ReturnType<typeof startCrashing>>;

beforeAll(async () => {
  postgres = await startCrashing();
});

afterAll(() => postgres[Symbol.asyncDispose]());

test('a Postgres that crashes twice loses no change, and gives none twice', async () => {
  await using one = await openFeed(postgres.databaseUrl);
  await using two = await openFeed(postgres.databaseUrl);
  const database = connectDatabase({ databaseUrl: postgres.databaseUrl, ...quiet });
  const start = await one.feed.currentCursor('acme');
  const steady = takeUntil(await one.feed.subscribe(FILTER, null), 'last');
  let turn = 0;
  const reconnected = followFrom(() => (turn++ % 2 === 0 ? one.feed : two.feed), start);
  let isDone = false;
  const writing = writeThroughCrashes(
    database,
    () => one.doorbell.ring('changes'),
    () => isDone,
  );
  for (let crash = 0; crash < 2; crash++) {
    await take(await two.feed.subscribe(FILTER, null), 50);
    await postgres.crash();
    // Streams again before the next crash.
    await expect.poll(() => two.feed.currentCursor('acme').catch(() => null), { timeout: 20_000 }).not.toBe(null);
  }
  isDone = true;
  await writing;
  const history = await tableHistory(database);
  expect((await steady).map(placeOf)).toEqual(history);
  expect((await reconnected).map(placeOf)).toEqual(history);
  await database.close();
}, 60_000);

test('a cursor taken just before a crash is before what is committed after it, although ids are given out again', async () => {
  await using one = await openFeed(postgres.databaseUrl);
  const database = connectDatabase({ databaseUrl: postgres.databaseUrl, ...quiet });
  await recordDeliveryChanges(database.pool, [newChange({ deliveryId: 'before' })]);
  for (let nth = 0; nth < 5; nth++) await database.pool.query('notify hookcast_changes');
  const { rows } = await database.pool.query('select pg_snapshot_xmin(pg_current_snapshot()) as horizon');
  const cursor = await one.feed.currentCursor('acme');
  await postgres.crash();
  await expect
    .poll(() =>
      recordDeliveryChanges(database.pool, [newChange({ deliveryId: 'after' })]).then(
        () => true,
        () => false,
      ),
    )
    .toBe(true);
  const [change] = await take(await one.feed.subscribe(FILTER, cursor), 1);
  expect(change).toMatchObject({ deliveryId: 'after' });
  expect(change!.position.xid).toBeLessThan(BigInt(rows[0].horizon)); // Else this test shows nothing.
  await database.close();
}, 60_000);

test('another server that has the last change and lacks one before it ends every stream, and its own changes are seen', async () => {
  await using one = await openFeed(postgres.databaseUrl);
  const database = connectDatabase({ databaseUrl: postgres.databaseUrl, ...quiet });
  const start = await one.feed.currentCursor('acme');
  const stream = await one.feed.subscribe(FILTER, start);
  for (const deliveryId of ['lost', 'kept']) await recordDeliveryChanges(database.pool, [newChange({ deliveryId })]);
  const [, kept] = await take(stream, 2);
  const ended = expect(stream.next()).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' });
  // Its commit had yet to reach the standby. The same server is not suspected: what is passed on is compared once.
  await database.pool.query("delete from delivery_changes where delivery_id = 'lost'");
  await postgres.crash();
  await ended;
  const anew = await one.feed.subscribe(FILTER, start);
  expect(await take(anew, 1)).toMatchObject([{ deliveryId: 'kept', cursor: kept!.cursor }]);
  await database.close();
}, 60_000);

test('a history that lost what was streamed ends every stream with CURSOR_EXPIRED, and goes on for new ones', async () => {
  await using database = await createTestDatabase();
  await using one = await openFeed(database.databaseUrl);
  const stream = await one.feed.subscribe(FILTER, null);
  const first = take(stream, 1);
  await recordDeliveryChanges(database.pool, [newChange({ deliveryId: 'lost' })]);
  await first;
  const waiting = stream.next();
  await database.pool.query('delete from delivery_changes'); // As a restore to an older state would.
  await expect(waiting).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' });
  const anew = await one.feed.subscribe(FILTER, await one.feed.currentCursor('acme'));
  await recordDeliveryChanges(database.pool, [newChange({ deliveryId: 'new' })]);
  expect((await take(anew, 1))[0]).toMatchObject({ deliveryId: 'new' });
});

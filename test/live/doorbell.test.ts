import { createServer, type AddressInfo, type Socket } from 'node:net';
import pg from 'pg';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createDatabaseConnector } from '../../src/database/connect/database-connection.ts';
import { createDoorbell } from '../../src/live/doorbell.ts';
import { createTestDatabase } from '../support/database.ts';

/** Doorbells of several processes on one database, each with a count of what it heard. */
async function setup(processes: number) {
  const database = await createTestDatabase();
  const nameOf = (nth: number) => `bell-${nth}`;
  const bells = Array.from({ length: processes }, (_, nth) =>
    openBell(`${database.databaseUrl}?application_name=${nameOf(nth)}`),
  );
  await Promise.all(bells.map(({ bell }) => bell.start()));
  await Promise.all(bells.map((each) => each.hears('jobs', 1))); // Every connection is heard once.
  const terminate = async (...names: string[]) => {
    const { rowCount } = await database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = any ($1) and datname = current_database()`,
      [names.length > 0 ? names : bells.map((_, nth) => nameOf(nth))],
    );
    return rowCount;
  };
  const dispose = async () => {
    await Promise.all(bells.map(({ bell }) => bell.stop()));
    await database.close();
  };
  return { database, bells, terminate, [Symbol.asyncDispose]: dispose };
}

function openBell(databaseUrl: string) {
  const errors: Error[] = [];
  const bell = createDoorbell({
    connector: createDatabaseConnector(databaseUrl),
    clock: systemClock,
    onError: (error) => errors.push(error),
  });
  const counts = { changes: 0, jobs: 0 };
  const waiters = new Set<() => void>();
  for (const channel of ['changes', 'jobs'] as const) {
    bell.on(channel, () => {
      counts[channel]++;
      waiters.forEach((check) => check());
    });
  }
  const hears = (channel: keyof typeof counts, count: number) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (counts[channel] < count) return;
        waiters.delete(check);
        resolve();
      };
      waiters.add(check);
      check();
    });
  return { bell, counts, errors, hears };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

test('a ring is heard in this process within a turn of the event loop, with no connection at all', async () => {
  const { bell, counts } = openBell('postgresql://127.0.0.1:1/none');
  bell.ring('changes');
  expect(counts.changes).toBe(0);
  await nextTurn();
  expect(counts).toEqual({ changes: 1, jobs: 0 });
});

test('many rings of one turn are heard as one', async () => {
  const { bell, counts } = openBell('postgresql://127.0.0.1:1/none');
  for (let ring = 0; ring < 1_000; ring++) bell.ring('changes');
  bell.ring('jobs');
  await nextTurn();
  expect(counts).toEqual({ changes: 1, jobs: 1 });
});

test('a listener that throws does not silence the others', async () => {
  const { bell, counts, errors } = openBell('postgresql://127.0.0.1:1/none');
  const off = bell.on('changes', () => {
    throw new Error('bad listener');
  });
  bell.on('changes', () => counts.jobs++);
  bell.ring('changes');
  await nextTurn();
  expect(errors).toMatchObject([{ message: 'bad listener' }]);
  expect(counts).toEqual({ changes: 1, jobs: 1 });
  off();
  bell.ring('changes');
  await nextTurn();
  expect(errors).toHaveLength(1);
});

test('a ring is heard in the other processes, and not again in its own', async () => {
  await using t = await setup(3);
  const [one, two, three] = t.bells as [Bell, Bell, Bell];
  one.bell.ring('changes');
  await Promise.all([two.hears('changes', 2), three.hears('changes', 2)]);
  // What two sends now reaches one after its own NOTIFY would have.
  two.bell.ring('jobs');
  await one.hears('jobs', 2);
  expect(one.counts).toEqual({ changes: 2, jobs: 2 });
});

test('rings travel to other processes at most once in 10 ms', async () => {
  await using t = await setup(1);
  const { bell } = t.bells[0]!;
  const observer = new pg.Client({ connectionString: t.database.databaseUrl });
  await observer.connect();
  await observer.query('listen hookcast_changes; listen hookcast_jobs');
  let heard = 0;
  const isDone = new Promise<void>((resolve) =>
    observer.on('notification', ({ channel }) => (channel === 'hookcast_jobs' ? resolve() : heard++)),
  );
  const startedAt = performance.now();
  for (let turn = 0; turn < 2_000; turn++) {
    bell.ring('changes');
    await nextTurn();
  }
  bell.ring('jobs'); // Travels with or after the last of them.
  await isDone;
  const elapsedMs = performance.now() - startedAt;
  await observer.end();
  expect(heard).toBeGreaterThan(0);
  expect(heard).toBeLessThanOrEqual(Math.ceil(elapsedMs / 10) + 2);
});

test('a terminated connection is replaced, and then every listener is called: rings may have been missed', async () => {
  await using t = await setup(2);
  const [one, two] = t.bells as [Bell, Bell];
  for (let round = 1; round <= 5; round++) {
    expect(await t.terminate()).toBe(2);
    await Promise.all(t.bells.flatMap(({ hears }) => [hears('changes', 1 + round), hears('jobs', 1 + round)]));
  }
  one.bell.ring('changes');
  await two.hears('changes', 7);
  expect(one.errors.length).toBeGreaterThanOrEqual(5);
});

test('a ring during an outage reaches the others after it', async () => {
  await using t = await setup(2);
  const [one, two] = t.bells as [Bell, Bell];
  await t.terminate('bell-0');
  await expect.poll(() => one.errors.length).toBeGreaterThan(0);
  one.bell.ring('jobs');
  await two.hears('jobs', 2);
});

test('an outage is reported once, however often connecting fails', async () => {
  let tries = 0;
  await using refusing = await listen((socket) => {
    tries++;
    socket.destroy();
  });
  const { bell, errors, counts } = openBell(refusing.url);
  await bell.start();
  await expect.poll(() => tries).toBeGreaterThan(3);
  await bell.stop();
  expect(errors).toHaveLength(1);
  expect(counts).toEqual({ changes: 0, jobs: 0 });
});

test('starting and stopping do not wait for a server that never answers', async () => {
  const called = Promise.withResolvers<void>();
  await using silent = await listen(() => called.resolve());
  const { bell, errors } = openBell(silent.url);
  await bell.start();
  await called.promise;
  const startedAt = performance.now();
  await bell.stop();
  expect(performance.now() - startedAt).toBeLessThan(4_000); // An answer is waited for 5 s.
  expect(errors).toEqual([]);
});

test('stopped, it holds no connection', async () => {
  await using t = await setup(2);
  await Promise.all(t.bells.map(({ bell }) => bell.stop()));
  await expect.poll(() => t.terminate()).toBe(0);
});

type Bell = ReturnType<typeof openBell>;

/** A TCP server that knows nothing of Postgres. */
async function listen(onConnection: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const dispose = async () => {
    sockets.forEach((socket) => socket.destroy());
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `postgresql://127.0.0.1:${port}/none`, [Symbol.asyncDispose]: dispose };
}

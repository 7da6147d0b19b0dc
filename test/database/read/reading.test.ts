/** Readings: who shares one, what one statement does to the others, and when the connection comes back. */
import type pg from 'pg';
import { expect, test } from 'vitest';
import { tookTooLong } from '../../../src/database/read/reading.ts';
import type { SharedReading } from '../../../src/database/read/readings.ts';
import { isUnavailable } from '../../../src/domain/unavailable.ts';
import { createTestDatabase } from '../../support/database.ts';

type Options = { readonly readTimeoutMs?: number; readonly connections?: number };

async function setup({ readTimeoutMs, connections = 10 }: Options = {}) {
  const database = await createTestDatabase({ readTimeoutMs, connections });
  await database.pool.query('create table things (value int)');
  await database.pool.query('insert into things values (1)');
  /** What the connections were sent. */
  const sent: string[] = [];
  database.reads.on('connect', (client) => {
    const { query } = client;
    client.query = ((...args: [string | { text: string }]) => {
      sent.push(typeof args[0] === 'string' ? args[0] : args[0].text);
      return (query as (...args: unknown[]) => unknown).apply(client, args);
    }) as never;
  });
  const { readings } = database;
  return Object.assign(database, {
    sent,
    /** An operation. */
    join: (isAlone?: boolean) => readings.join(isAlone),
    /** Makes every statement on the table wait until `open`, as a slow one would. */
    async lock() {
      const tx = await database.pool.connect();
      await tx.query('begin; lock table things in access exclusive mode');
      return async function open() {
        await tx.query('commit');
        tx.release();
      };
    },
    begun: () => sent.filter((text) => text.startsWith('begin')).length,
    /** Sessions of this database that hold a transaction open and do nothing. */
    async pinned(): Promise<number> {
      const { rows } = await database.pool.query(
        `select count(*)::int as count from pg_stat_activity
         where datname = current_database() and state like 'idle in transaction%'`,
      );
      return rows[0].count;
    },
  });
}

const ask = (reading: SharedReading, text: string) => reading.query<pg.QueryResultRow>({ text, values: [] });
const value = async (reading: SharedReading) => (await ask(reading, 'select value from things')).rows[0]!['value'];
const set = (t: { pool: pg.Pool }, to: number) => t.pool.query('update things set value = $1', [to]);
const BROKEN = 'select 1 / 0 as value';

test('an operation sees one snapshot until it leaves, and the next one a newer', async () => {
  await using t = await setup();
  const first = t.join();
  expect(await value(first)).toBe(1);
  await set(t, 2);
  expect(await value(first)).toBe(1);
  const second = t.join();
  expect(await value(second)).toBe(2);
  first.leave();
  second.leave();
});

test('operations that join before the first statement is sent share a transaction, later ones do not', async () => {
  await using t = await setup();
  const together = [t.join(), t.join(), t.join()];
  await Promise.all(together.map(value));
  expect(t.begun()).toBe(1);
  const later = t.join();
  await value(later);
  expect(t.begun()).toBe(2);
  for (const reading of [...together, later]) reading.leave();
});

test('an operation that is to read alone shares its transaction with nobody', async () => {
  await using t = await setup();
  const readings = [t.join(), t.join(true), t.join(true), t.join()];
  await Promise.all(readings.map(value));
  expect(t.begun()).toBe(3);
  for (const reading of readings) reading.leave();
});

test('an operation that reads nothing takes no connection', async () => {
  await using t = await setup();
  t.join().leave();
  const [one, other] = [t.join(), t.join()];
  one.leave();
  expect(await value(other)).toBe(1);
  other.leave();
  expect(t.begun()).toBe(1);
});

test('a statement that fails leaves the snapshot to those behind it, in its operation and in others', async () => {
  await using t = await setup();
  const [one, other] = [t.join(), t.join()];
  expect(await value(one)).toBe(1);
  await set(t, 2);
  const answers = await Promise.allSettled([
    ask(one, BROKEN),
    value(one),
    value(other),
    ask(other, BROKEN),
    value(other),
  ]);
  expect(answers).toMatchObject([
    { reason: { code: '22012' } },
    { value: 1 },
    { value: 1 },
    { reason: { code: '22012' } },
    { value: 1 },
  ]);
  expect(await value(one)).toBe(1);
  one.leave();
  other.leave();
});

test('statements that ask for the order of an index sort only where they must, also behind a failed one; others as ever', async () => {
  await using t = await setup();
  const reading = t.join();
  const sorts = async (isInIndexOrder?: boolean) => {
    const statement = { text: `select current_setting('enable_sort') as value`, values: [] };
    const { rows } = await reading.query<{ value: string }>({
      ...statement,
      ...(isInIndexOrder === undefined ? {} : { isInIndexOrder }),
    });
    return rows[0]!.value;
  };
  expect(await Promise.all([sorts(), sorts(true), sorts(true), sorts(false), sorts(true)])).toEqual([
    'on',
    'off',
    'off',
    'on',
    'off',
  ]);
  const answers = await Promise.allSettled([sorts(true), ask(reading, BROKEN), sorts(true), sorts(), sorts(true)]);
  expect(answers).toMatchObject([
    { value: 'off' },
    { reason: { code: '22012' } },
    { value: 'off' },
    { value: 'on' },
    { value: 'off' },
  ]);
  reading.leave();
  const next = t.join();
  expect(await ask(next, `select current_setting('enable_sort') as value`)).toMatchObject({ rows: [{ value: 'on' }] });
  next.leave();
});

test('a slow statement that is given all its time walks its index in order too, and the others are planned as ever', async () => {
  await using t = await setup({ readTimeoutMs: 5_000 });
  const [one, other] = [t.join(), t.join()];
  const open = await t.lock();
  const asked = { text: `select current_setting('enable_sort') as value from things`, values: [] };
  const slow = one.query<{ value: string }>({ ...asked, isInIndexOrder: true });
  // Stopped after a fifth of its time, it is sent once more.
  await expect.poll(() => t.sent.some((text) => text.startsWith('rollback'))).toBe(true);
  const behind = ask(other, `select current_setting('enable_sort') as value`);
  await open();
  expect((await slow).rows[0]!.value).toBe('off');
  expect(await behind).toMatchObject({ rows: [{ value: 'on' }] });
  const next = await one.query<{ value: string }>({ ...asked, isInIndexOrder: true });
  expect(next.rows[0]!.value).toBe('off');
  expect(await ask(one, `select current_setting('enable_sort') as value`)).toMatchObject({ rows: [{ value: 'on' }] });
  one.leave();
  other.leave();
});

test('the very first statement may fail, and the others still share one snapshot', async () => {
  await using t = await setup();
  const [one, other] = [t.join(), t.join()];
  const failed = ask(one, BROKEN);
  const read = value(other);
  await expect(failed).rejects.toMatchObject({ code: '22012' });
  const before = await read;
  await set(t, 2);
  expect(await value(other)).toBe(before);
  one.leave();
  other.leave();
});

test('a slow statement steps back for the other operations, and is then given all its time', async () => {
  await using t = await setup(); // 5 s for a statement, 1 s where others wait.
  const [slow, quick] = [t.join(), t.join()];
  const order: string[] = [];
  const slept = ask(slow, 'select pg_sleep(1.5), value from things').then(({ rows }) => {
    order.push('slow');
    return rows[0]!['value'];
  });
  for (let statement = 0; statement < 3; statement++) expect(await value(quick)).toBe(1);
  order.push('quick');
  quick.leave();
  expect(await slept).toBe(1);
  expect(order).toEqual(['quick', 'slow']);
  slow.leave();
});

test('a statement that takes too long fails alone, whether its reading is shared or not', async () => {
  await using t = await setup({ readTimeoutMs: 2_000 });
  for (const operations of [1, 2]) {
    const readings = Array.from({ length: operations }, () => t.join());
    const [first] = readings as [SharedReading];
    const others = readings.map(value);
    await expect(ask(first, 'select pg_sleep(20)')).rejects.toSatisfy(tookTooLong);
    expect(await Promise.all(others)).toEqual(readings.map(() => 1));
    expect(await value(readings.at(-1)!)).toBe(1);
    for (const reading of readings) reading.leave();
  }
});

test('operations that are slow alone leave one connection to the others', async () => {
  await using t = await setup({ connections: 4 }); // Two of them to read with: as many as a process has by default.
  const open = await t.lock();
  const slow = [t.join(true), t.join(true)];
  const answers = Promise.allSettled(slow.map(value));
  await expect.poll(() => t.reads.totalCount - t.reads.idleCount).toBe(2);
  const quick = t.join();
  expect((await ask(quick, 'select 2 as value')).rows).toEqual([{ value: 2 }]);
  await open(); // One of the slow ones still has its time.
  const [answered, refused] = (await answers).sort((one, other) => one.status.localeCompare(other.status));
  expect(answered).toEqual({ status: 'fulfilled', value: 1 });
  expect(refused).toMatchObject({ status: 'rejected', reason: { code: '57014' } });
  for (const reading of [...slow, quick]) reading.leave();
});

test('an operation that may not be slow is refused once for all that it asks', async () => {
  await using t = await setup({ connections: 4 });
  const open = await t.lock();
  const [first, second] = [t.join(true), t.join(true)];
  const answered = value(first);
  // It is stopped, and runs again.
  await expect.poll(() => t.sent.filter((text) => text.includes('from things')).length, { timeout: 30_000 }).toBe(2);
  const refused = await Promise.allSettled(Array.from({ length: 8 }, () => value(second)));
  expect(refused.map((each) => each.status === 'rejected' && tookTooLong(each.reason))).toEqual(Array(8).fill(true));
  await expect(value(second)).rejects.toSatisfy(tookTooLong);
  await open(); // The first would have been stopped by now, had each of the second's had its moment.
  expect(await answered).toBe(1);
  first.leave();
  second.leave();
  const next = t.join(true);
  expect(await value(next)).toBe(1);
  next.leave();
});

test('when a slow operation has left, the next one has its time', async () => {
  await using t = await setup({ connections: 4, readTimeoutMs: 1_000 });
  for (let nth = 0; nth < 2; nth++) {
    const slow = t.join(true);
    expect((await ask(slow, 'select pg_sleep(0.3), 1 as value')).rows[0]!['value']).toBe(1);
    slow.leave();
  }
});

test('an operation that never ends is refused after a while, and its connection given back', async () => {
  await using t = await setup({ readTimeoutMs: 300 });
  const endless = t.join();
  const readOn = async () => {
    for (;;) await ask(endless, 'select pg_sleep(0.02)');
  };
  await expect(readOn()).rejects.toSatisfy(tookTooLong);
  await expect.poll(t.pinned).toBe(0);
  expect(t.reads.idleCount).toBe(t.reads.totalCount);
  endless.leave();
  const next = t.join();
  expect(await value(next)).toBe(1);
  next.leave();
});

test('operations that find no connection wait for one together', async () => {
  await using t = await setup();
  const busy = Array.from({ length: 5 }, () => t.reads.connect());
  const clients = await Promise.all(busy);
  const waiting = Array.from({ length: 20 }, () => t.join());
  const answers = waiting.map(value);
  await new Promise(setImmediate);
  waiting.push(t.join());
  answers.push(value(waiting.at(-1)!));
  for (const client of clients) client.release();
  expect(new Set(await Promise.all(answers))).toEqual(new Set([1]));
  expect(t.begun()).toBe(1);
  for (const reading of waiting) reading.leave();
});

test('a connection that is lost fails what reads on it as unavailable, and is replaced', async () => {
  await using t = await setup();
  const [idle, busy] = [t.join(), t.join()];
  await value(idle);
  const reading = ask(busy, 'select pg_sleep(30)');
  const ending = `select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and query like '%pg_sleep(30)%' and pid <> pg_backend_pid()`;
  const lost = expect(reading).rejects.toSatisfy(isUnavailable);
  await expect.poll(async () => (await t.pool.query(ending)).rowCount, { interval: 5 }).toBe(1);
  await lost;
  await expect(value(idle)).rejects.toSatisfy(isUnavailable);
  idle.leave();
  busy.leave();
  const next = t.join();
  expect(await value(next)).toBe(1);
  next.leave();
});

test('when all operations have left, their connection is free and holds no transaction', async () => {
  await using t = await setup();
  for (let count = 0; count < 3; count++) {
    const readings = Array.from({ length: 4 }, () => t.join());
    await Promise.all(readings.map(value));
    for (const reading of readings) reading.leave();
  }
  expect(t.reads.idleCount).toBe(t.reads.totalCount);
  await expect.poll(t.pinned).toBe(0);
  // Whoever takes the connection next is not in the old transaction.
  await set(t, 3);
  expect((await t.reads.query('select value from things')).rows).toEqual([{ value: 3 }]);
});

test('one reading serves 64 operations at most', async () => {
  await using t = await setup();
  const readings = Array.from({ length: 65 }, () => t.join());
  await Promise.all(readings.map(value));
  expect(t.begun()).toBe(2);
  for (const reading of readings) reading.leave();
});

import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { createSharedClock } from '../../src/database/shared-clock.ts';
import { createTestDatabase } from '../support/database.ts';

const HOUR_MS = 3_600_000;

/** A Postgres and a host whose clocks a test sets. */
async function setup({ beforeMs = 0 } = {}) {
  let waits = { beforeMs, afterMs: 0 };
  let [postgresMs, hostMs, monotonicMs] = [Date.UTC(2026, 0, 15), Date.UTC(2026, 0, 15), 0];
  const pass = (ms: number) => {
    [postgresMs, hostMs, monotonicMs] = [postgresMs + ms, hostMs + ms, monotonicMs + ms];
  };
  let answer = async () => {
    pass(waits.beforeMs);
    const rows = [{ ms: postgresMs }];
    pass(waits.afterMs);
    return { rows };
  };
  const setBacks: number[] = [];
  const shared = createSharedClock({
    database: { pool: { query: () => answer() } as never },
    clock: { ...systemClock, now: () => new Date(hostMs), monotonicMs: () => monotonicMs },
    onError: (error) => expect.unreachable(String(error)),
  });
  await shared.start(async () => void setBacks.push(postgresMs));
  return {
    shared,
    setBacks,
    ahead: () => shared.clock.now().getTime() - postgresMs,
    setPostgres: (ms: number) => (postgresMs += ms),
    setHost: (ms: number) => (hostMs += ms),
    pass,
    /** From now on, answers wait so long before Postgres has told the time, and after it. */
    waitFor: (beforeMs: number, afterMs: number) => void (waits = { beforeMs, afterMs }),
    break: () => (answer = () => Promise.reject(new Error('away'))),
    [Symbol.dispose]: () => shared.stop(),
  };
}

test('tells the time of a real PostgreSQL although the clock of the host is an hour off', async () => {
  await using database = await createTestDatabase();
  const clock = { ...systemClock, now: () => new Date(Date.now() + HOUR_MS) };
  const shared = createSharedClock({ database, clock, onError: (error) => expect.unreachable(String(error)) });
  await shared.start(async () => {});
  const before = shared.clock.now().getTime();
  const { rows } = await database.pool.query('select clock_timestamp() as now');
  const after = shared.clock.now().getTime();
  expect(rows[0].now.getTime()).toBeGreaterThan(before - 1_000);
  expect(rows[0].now.getTime()).toBeLessThan(after + 1_000);
  shared.stop();
});

test.each([HOUR_MS, -HOUR_MS])('does not notice that the clock of the host jumps by %i ms', async (ms) => {
  using t = await setup();
  t.setHost(ms);
  t.pass(10);
  expect(t.ahead()).toBe(0);
});

test('follows the clock of Postgres, and tells when it was set back', async () => {
  using t = await setup();
  t.setPostgres(HOUR_MS);
  await t.shared.sync();
  expect([t.ahead(), t.setBacks]).toEqual([0, []]);
  t.setPostgres(-HOUR_MS);
  await t.shared.sync();
  expect([t.ahead(), t.setBacks.length]).toEqual([0, 1]);
  await t.shared.sync();
  expect(t.setBacks).toHaveLength(1);
});

test('counts on while Postgres is away', async () => {
  using t = await setup();
  t.break();
  t.pass(HOUR_MS);
  await expect(t.shared.sync()).rejects.toThrow('away');
  expect(t.ahead()).toBe(0);
});

test.each([
  ['before it was given', 3_000, 0],
  ['after it was given', 0, 3_000],
])(
  'an answer that waited for seconds %s changes nothing that it does not prove wrong',
  async (_, beforeMs, afterMs) => {
    using t = await setup();
    t.waitFor(beforeMs, afterMs);
    await t.shared.sync();
    expect(t.ahead()).toBe(0);
  },
);

test('a first answer that was rough is corrected by the next one', async () => {
  using t = await setup({ beforeMs: 800 });
  expect(t.ahead()).toBe(400);
  t.waitFor(1, 1);
  await t.shared.sync();
  expect(t.ahead()).toBe(1);
});

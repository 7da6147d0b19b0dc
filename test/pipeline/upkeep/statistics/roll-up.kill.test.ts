/** kill -9 of a worker in the middle of a step. A lock of the test holds it where it is to be killed. */
import { expect, test } from 'vitest';
import { createRollUp } from '../../../../src/pipeline/upkeep/statistics/roll-up.ts';
import { createManualClock } from '../../../support/clock.ts';
import { createTestDatabase } from '../../../support/database.ts';
import { statisticsDifferences, unequalSums } from '../../../support/postgres/statistics.ts';
import { startReceiver } from '../../../support/receiver.ts';
import { CREATE_TARGET, PUBLISH, startService, type Service } from '../../../support/service.ts';
import { OWN_LOCKS } from '../../../support/sql.ts';

const WAITING = (table: string) => `select from ${OWN_LOCKS} where relation = '${table}'::regclass and not granted`;

const OPEN = `select from deliveries where status <> 'DELIVERED'`;

test.each([
  ['counts', 'fresh_statistics'],
  ['counts, and has counted', 'statistics_progress'],
])('killed while it %s, a worker leaves each attempt to be counted once', { timeout: 180_000 }, async (_, table) => {
  await using database = await createTestDatabase();
  await using receiver = await startReceiver();
  const { pool } = database;
  const rows = async (sql: string) => (await pool.query(sql)).rows;
  const start = () => startService({ DATABASE_URL: database.databaseUrl });
  const publish = async ({ api }: Service) => {
    for (let nth = 0; nth < 5; nth++) await api(PUBLISH, { type: 'user.created', data: { nth } });
  };
  {
    await using service = await start();
    await service.api(CREATE_TARGET, { url: receiver.url });
    await publish(service);
    await expect.poll(async () => (await rows('select from fresh_statistics')).length).toBeGreaterThan(0);
    const lock = await pool.connect();
    await lock.query(`begin; lock table ${table} in share mode`);
    await publish(service);
    await expect.poll(async () => (await rows(WAITING(table))).length, { timeout: 60_000 }).toBeGreaterThan(0);
    await service.kill('SIGKILL');
    await pool.query(
      `select pg_terminate_backend(pid) from ${OWN_LOCKS} where relation = $1::regclass and not granted`,
      [table],
    );
    await lock.query('rollback');
    lock.release();
  }
  await using next = await start();
  await publish(next);
  await expect.poll(async () => (await rows(OPEN)).length, { timeout: 60_000 }).toBe(0);
  await expect.poll(() => statisticsDifferences(pool), { timeout: 60_000 }).toEqual([]);
  const merging = createRollUp({ database, clock: createManualClock(), onError: () => {} }).merging;
  await expect
    .poll(async () => (await merging.run(), await rows('select from fresh_statistics')), { timeout: 60_000 })
    .toEqual([]);
  for (const seconds of [60, 3_600, 86_400]) expect(await statisticsDifferences(pool, seconds)).toEqual([]);
  expect(await unequalSums(pool)).toEqual([]);
});

/** An upgrade of a database in which somebody uses the tables that change, as processes of the release before do. */
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { untilTablesAreFree } from '../../../src/database/migrate/apply-migrations.ts';
import { migrate } from '../../../src/database/migrate/migrate.ts';
import { migrationNames } from '../../../src/database/migrate/migration-files.ts';
import { loadRelease } from '../../support/upgrade/load.ts';
import { readRelease, RELEASES } from '../../support/upgrade/release.ts';

const LONG = { timeout: 60_000 };

/** The database of the release before, and a transaction that reads `table`. */
async function setup(table: string) {
  const loaded = await loadRelease(await readRelease(RELEASES.at(-1)!), { origin: 'http://127.0.0.1:9' });
  const reader = new pg.Client({ connectionString: loaded.databaseUrl });
  await reader.connect();
  onTestFinished(async () => {
    await reader.end();
    await loaded[Symbol.asyncDispose]();
  });
  const applied = async () =>
    (await loaded.sql.query<{ name: string }>('select migration_name as name from _prisma_migrations')).rows;
  const before = (await applied()).map(({ name }) => name);
  await reader.query(`begin; lock table ${table} in access share mode`);
  return { ...loaded, reader, missing: (await migrationNames()).filter((name) => !before.includes(name)) };
}

test.each(['deliveries', 'target_health'])(
  'the migrations wait for who uses %s, and all of them are told at the end',
  LONG,
  async (table) => {
    const t = await setup(table);
    let tries = 0;
    const onBusy = () => {
      if (++tries === 1) void t.reader.query('commit');
    };
    expect(await migrate(t.databaseUrl, { onBusy })).toEqual(t.missing);
    expect(tries).toBeGreaterThan(0);
    expect(await migrate(t.databaseUrl)).toEqual([]);
  },
);

test('a table that stays in use is named as the reason, and what to do', LONG, async () => {
  const t = await setup('target_health');
  await expect(migrate(t.databaseUrl, { mostTries: 1 })).rejects.toThrow(/table that is in use.*pg_stat_activity/);
  await t.reader.query('rollback');
  const left = await migrate(t.databaseUrl);
  expect(t.missing.slice(-left.length)).toEqual(left); // Those before the one that waited had stayed.
  expect(left.length).toBeLessThan(t.missing.length);
});

const busy = () => Promise.reject(Object.assign(new Error('canceled'), { code: '55P03' }));

test('a stop that is asked for ends the pause between two tries', async () => {
  const stop = new AbortController();
  const onBusy = () => stop.abort(new Error('SIGTERM'));
  await expect(untilTablesAreFree(busy, { onBusy, stopRequested: stop.signal })).rejects.toThrow('SIGTERM');
});

test('another failure is not tried again', async () => {
  const onBusy = () => expect.unreachable();
  const attempt = () => Promise.reject(Object.assign(new Error('no such column'), { code: '42703' }));
  await expect(untilTablesAreFree(attempt, { onBusy })).rejects.toThrow('no such column');
});

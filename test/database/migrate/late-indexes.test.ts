/** Indexes that are built beside publishing. */
import { expect, test } from 'vitest';
import { areBuilt, buildLateIndexes, buildOnEmpty } from '../../../src/database/migrate/late-indexes.ts';
import { lockNumber } from '../../../src/database/locks.ts';
import { createTestDatabase } from '../../support/database.ts';

const NAMES = ['changes_of_delivery'];

async function setup() {
  const database = await createTestDatabase();
  const { pool, connector } = database;
  return {
    pool,
    connector,
    drop: async () => {
      for (const name of NAMES) await pool.query(`drop index ${name}`);
    },
    [Symbol.asyncDispose]: () => database.close(),
  };
}

test('an empty database has all of them from the start', async () => {
  await using t = await setup();
  expect(await areBuilt(t.pool)).toBe(true);
  expect(await buildLateIndexes(t.connector)).toEqual([]);
});

test('what is missing is built while others write', async () => {
  await using t = await setup();
  await t.drop();
  const [writer, reader] = [await t.pool.connect(), await t.pool.connect()];
  await writer.query('begin');
  await writer.query(`insert into settings values ('written meanwhile', '')`);
  const built = buildLateIndexes(t.connector);
  await reader.query(`insert into delivery_changes (organization_id, delivery_id, target_id, event_id, event_type, status, occurred_at)
    values ('o', 'd', 't', 'e', 'x', 'PENDING', now())`);
  await writer.query('commit');
  expect(await built).toEqual(NAMES);
  expect(await areBuilt(t.pool)).toBe(true);
  for (const client of [writer, reader]) client.release();
});

test('an index that a killed process left behind unfinished is built anew', async () => {
  await using t = await setup();
  await t.pool.query('update pg_index set indisvalid = false where indexrelid = any($1::regclass[])', [NAMES]);
  expect(await areBuilt(t.pool)).toBe(false);
  expect(await buildLateIndexes(t.connector)).toEqual(NAMES);
  expect(await areBuilt(t.pool)).toBe(true);
});

test('nothing is built while another process builds', async () => {
  await using t = await setup();
  await t.drop();
  const other = await t.pool.connect();
  await other.query('begin');
  await other.query('select pg_advisory_xact_lock($1)', [lockNumber('lateIndexes', t.connector.schema)]);
  expect(await buildLateIndexes(t.connector)).toEqual([]);
  await other.query('rollback');
  other.release();
  expect(await buildLateIndexes(t.connector)).toEqual(NAMES);
});

test('a process that stops does not wait for the index', async () => {
  await using t = await setup();
  await t.drop();
  // The build waits for its snapshot to end.
  const reader = await t.pool.connect();
  await reader.query('begin isolation level repeatable read');
  await reader.query('select from settings');
  const stopping = new AbortController();
  const built = buildLateIndexes(t.connector, { signal: stopping.signal });
  const waits = `select from pg_stat_activity where application_name = 'hookcast indexes' and wait_event_type = 'Lock'
    and datname = current_database()`;
  await expect.poll(async () => (await t.pool.query(waits)).rowCount, { timeout: 60_000, interval: 5 }).toBe(1);
  stopping.abort();
  await expect(built).rejects.toThrow();
  await reader.query('commit');
  reader.release();
});

test('what a killed process left behind does not stop the next migration of an empty database', async () => {
  await using t = await setup();
  await t.pool.query('update pg_index set indisvalid = false where indexrelid = any($1::regclass[])', [NAMES]);
  await buildOnEmpty(t.pool);
  expect(await areBuilt(t.pool)).toBe(true);
});

test('a build whose process has died ends with its connection', async () => {
  await using t = await setup();
  await t.drop();
  const reader = await t.pool.connect();
  await reader.query('begin isolation level repeatable read');
  await reader.query('select from settings');
  const stopping = new AbortController();
  const built = buildLateIndexes(t.connector, { signal: stopping.signal });
  const building = `select from pg_stat_progress_create_index where datname = current_database()`;
  const isBuilding = async () => (await t.pool.query(building)).rowCount;
  await expect.poll(isBuilding, { timeout: 60_000, interval: 5 }).toBe(1);
  expect(await buildLateIndexes(t.connector)).toEqual([]);
  stopping.abort();
  await expect(built).rejects.toThrow();
  await expect.poll(isBuilding, { timeout: 60_000, interval: 20 }).toBe(0);
  await reader.query('commit');
  reader.release();
  expect(await buildLateIndexes(t.connector)).toEqual(NAMES);
});

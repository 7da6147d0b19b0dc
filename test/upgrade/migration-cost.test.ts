/** No migration rewrites or long locks events, deliveries, attempts or changes. */
import { readdir, readFile } from 'node:fs/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { loadRelease } from '../support/upgrade/load.ts';
import { LARGE_TABLES, locksOutOfOrder, migrationFaults } from '../support/upgrade/migration-cost.ts';
import { readRelease, RELEASES } from '../support/upgrade/release.ts';

const MIGRATIONS = new URL('../../prisma/migrations/', import.meta.url);
const NOWHERE = 'http://127.0.0.1:9';

const load = async (version: string) => loadRelease(await readRelease(version), { origin: NOWHERE });

async function migrationNames(): Promise<string[]> {
  const entries = await readdir(MIGRATIONS, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
}

const textOf = (name: string) => readFile(new URL(`${name}/migration.sql`, MIGRATIONS), 'utf8');

describe.each(RELEASES)('since %s', (version) => {
  test('no migration touches a row of a large table', async () => {
    await using loaded = await load(version);
    for (const table of LARGE_TABLES) expect((await loaded.sql.query(`select from ${table}`)).rowCount).not.toBe(0);
    const { rows } = await loaded.sql.query('select migration_name as name from _prisma_migrations');
    const had = new Set(rows.map(({ name }) => name));
    for (const name of (await migrationNames()).filter((each) => !had.has(each))) {
      expect(await migrationFaults(loaded.sql, await textOf(name)), name).toEqual([]);
    }
  });
});

test('migrations since the last release lock tables in the order in which a publish does: the two do not wait for each other', async () => {
  const since = (await readRelease(RELEASES.at(-1)!)).sql;
  const names = (await migrationNames()).filter((name) => !since.includes(name));
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) expect([name, locksOutOfOrder(await textOf(name))]).toEqual([name, []]);
  const other = 'ALTER TABLE "deliveries" ADD COLUMN "a" TEXT;\nALTER TABLE "events" ADD COLUMN "b" TEXT;\n';
  expect(locksOutOfOrder(other)).toEqual(['deliveries', 'events']);
});

/** One database for all examples: they do not touch each other. */
const examples = await load(RELEASES.at(-1)!);
afterAll(() => examples[Symbol.asyncDispose]());

test.each([
  ['alter table events add column number uuid default gen_random_uuid()', ['reads', 'writes', 'writes the index']],
  ['alter table deliveries alter column max_attempts type bigint', ['reads', 'writes deliveries as a whole']],
  [`alter table deliveries add column is_open boolean generated always as (status = 'PENDING') stored`, ['reads']],
  ['alter table delivery_attempts alter column response_headers set not null', ['reads the rows of delivery_attempts']],
  [`alter table events add constraint has_body check (body <> '')`, ['reads the rows of events']],
  ['alter table events add foreign key (organization_id) references organizations (id)', ['reads the rows of events']],
  ['create index on delivery_changes (target_id)', ['reads', 'writes the index delivery_changes_target_id_idx']],
  ['update target_changes set occurred_at = occurred_at', ['writes rows of target_changes']],
  [`delete from delivery_changes where occurred_at < '2000-01-01'`, ['reads the rows of delivery_changes']],
  [`delete from deliveries where id = 'none'`, ['reads the rows of deliveries']],
  [`do $$ begin perform from deliveries where held; end $$`, ['reads the rows of deliveries']],
  ['alter table events add column patient text', ['locks events and waits for ever']],
])('%s: is refused', async (statement, reasons) => {
  const faults = await migrationFaults(examples.sql, `-- A comment.\nBEGIN;\n${statement};\nCOMMIT;\n`);
  for (const reason of reasons) expect(faults.join('\n')).toContain(reason);
});

test.each([
  ['create index concurrently on events (customer_id);'],
  ['BEGIN;\nalter table events add column a text;'],
  ['alter table events add column a text;\nBEGIN;\nCOMMIT;'],
])('%j: is refused, for it is not one transaction', async (migration) => {
  expect(await migrationFaults(examples.sql, migration)).toEqual([expect.stringContaining('one transaction')]);
});

test.each([
  'alter table delivery_attempts add column again boolean not null default false',
  'alter table events add column note text, drop column customer_id',
  `alter table events add constraint has_type check (event_type <> '') not valid`,
  'alter table events add foreign key (organization_id) references organizations (id) not valid',
  'alter table deliveries set (fillfactor = 80)',
  'alter table organizations add column number uuid default gen_random_uuid()',
  `update webhook_targets set name = 'x'`,
  'create table notes (id text primary key, event_id text)',
])('%s: is taken', async (statement) => {
  const migration = `BEGIN;\nSET LOCAL lock_timeout = '3s';\n${statement};\nCOMMIT;\n`;
  expect(await migrationFaults(examples.sql, migration)).toEqual([]);
});

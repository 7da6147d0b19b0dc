/** Event types of a deployment that have the names of service events: refused at the upgrade, before anything is written. */
import { expect, test } from 'vitest';
import { loadCatalog } from '../../../src/domain/event-types/catalogs.ts';
import { createManualClock } from '../../support/clock.ts';
import { migrate } from '../../../src/database/migrate/migrate.ts';
import { SERVICE_EVENT_TYPES } from '../../../src/domain/event-types/service-event-types.ts';
import { createEventTypes } from '../../../src/manage/event-types.ts';
import { createDatabaseUrl, createTestDatabase } from '../../support/database.ts';
import { createFixtures } from '../../support/fixtures.ts';
import { TESTER } from '../../support/tester.ts';

const OWN_NAMES = { reservedNames: SERVICE_EVENT_TYPES };

/** A database that lacks the newest migration, as before an upgrade. */
async function setup() {
  const database = await createTestDatabase();
  const clock = createManualClock();
  const fixtures = createFixtures({ database, clock });
  const eventTypes = createEventTypes({ database, clock, ids: fixtures.ids });
  await database.pool.query(
    `delete from _prisma_migrations where migration_name = '20261129050000_service_events';
     alter table target_health drop is_told_failing, drop told_failing_at, drop exhausted_count, drop told_exhausted_at;
     drop function raise_untold`,
  );
  return {
    fixtures,
    load: (...catalogs: string[]) => eventTypes.loadCatalogs(TESTER, catalogs),
    archive: (name: string) => eventTypes.archive(TESTER, { name }),
    rows: async (sql: string) => (await database.pool.query(sql)).rows,
    upgrade: (options = OWN_NAMES) => migrate(database.databaseUrl, options),
    async isUpgraded() {
      const { rows } = await database.pool.query(`select to_regproc('raise_untold') is not null as done`);
      return rows[0].done;
    },
    [Symbol.asyncDispose]: () => database.close(),
  };
}

test('types of a catalog of their own are refused in one sentence, with what to do, and nothing is written', async () => {
  await using t = await setup();
  for (const name of ['target.disabled', 'target.created', 'wallet.created']) await t.fixtures.eventType({ name });
  await expect(t.upgrade()).rejects.toThrow(
    /^the service publishes events of the types target\.created, target\.disabled itself .*archive them .* or set SERVICE_EVENTS=false/,
  );
  expect(await t.isUpgraded()).toBe(false);
});

test('with SERVICE_EVENTS=false they stay, and the upgrade runs', async () => {
  await using t = await setup();
  await t.fixtures.eventType({ name: 'target.created' });
  expect(await t.upgrade({ reservedNames: [] })).not.toEqual([]);
  expect(await t.isUpgraded()).toBe(true);
});

test('the types of the Dakota catalog are the service’s own', async () => {
  await using t = await setup();
  await t.load('dakota', 'daya');
  await t.upgrade();
  expect(await t.isUpgraded()).toBe(true);
});

test('archived types are taken over with the text of the service, and opened; later starts are not refused', async () => {
  await using t = await setup();
  await t.fixtures.eventType({ name: 'target.failing' });
  await t.rows(`update event_types set description = 'Our own.', schema = 'false', example = '{"own": true}'`);
  await expect(t.upgrade()).rejects.toThrow('target.failing');
  await t.archive('target.failing');
  await t.upgrade();
  const entries = loadCatalog(['hookcast']);
  expect(new Set(await t.load('hookcast'))).toEqual(new Set(entries.map(({ name }) => name)));
  const { description, example } = entries.find(({ name }) => name === 'target.failing')!;
  const SHOWN = `select description, schema, example, archived_at from event_types where name = 'target.failing'`;
  expect(await t.rows(SHOWN)).toEqual([{ description, schema: null, example, archived_at: null }]);
  expect(
    await t.rows(`select before ->> 'description' as before from audit_log where before ->> 'archived' = 'true'`),
  ).toEqual([{ before: 'Our own.' }]);
  await t.archive('target.failing');
  expect(await t.load('hookcast')).toEqual([]);
  expect(await t.upgrade()).toEqual([]);
});

test('a database that is empty has no such types', async () => {
  expect(await migrate(await createDatabaseUrl('template0'), OWN_NAMES)).toContain('20261129050000_service_events');
});

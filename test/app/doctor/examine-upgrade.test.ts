/** What `hookcast doctor` says of the next start, beside what that start does: `migrate`, with the same database. */
import { expect, test } from 'vitest';
import { examineUpgrade } from '../../../src/app/doctor/examine-upgrade.ts';
import { createDatabaseConnector, openSingle } from '../../../src/database/connect/database-connection.ts';
import { buildLateIndexes } from '../../../src/database/migrate/late-indexes.ts';
import { migrate } from '../../../src/database/migrate/migrate.ts';
import { SERVICE_EVENT_TYPES } from '../../../src/domain/event-types/service-event-types.ts';
import { createManualClock } from '../../support/clock.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createFixtures } from '../../support/fixtures.ts';
import { connectAdmin } from '../../support/postgres/admin.ts';
import { databaseOf } from '../../support/postgres/database-url.ts';

const UP_TO_DATE = 'database ok it is up to date';
const QUEUE_TO_COME =
  'database warn tables of the queue (pg-boss) are to come: the next start makes them, or hookcast migrate';

async function setup() {
  const database = await createTestDatabase();
  const { databaseUrl } = database;
  async function findings({ serviceEvents = true, url = databaseUrl } = {}): Promise<string[]> {
    const connector = createDatabaseConnector(url);
    const pool = openSingle(connector);
    try {
      const found = await Array.fromAsync(examineUpgrade(pool, connector, { serviceEvents }));
      return found.map(({ check, status, text }) => `${check} ${status} ${text}`);
    } finally {
      await pool.end();
    }
  }
  return {
    findings,
    database,
    change: (sql: string) => database.pool.query(sql),
    start: () => migrate(databaseUrl, { reservedNames: SERVICE_EVENT_TYPES }),
    fixtures: createFixtures({ database, clock: createManualClock() }),
    [Symbol.asyncDispose]: () => database.close(),
  };
}

test.each([
  ['there are none', 'drop schema pgboss cascade'],
  ['an index of ours is missing', 'drop index pgboss.job_common_returned'],
  ['a later index of ours is missing', 'drop index pgboss.job_common_claimed'],
  [
    'jobs refer to their queue, as pg-boss makes them',
    'alter table pgboss.job_common add constraint q_fkey foreign key (name) references pgboss.queue (name) deferrable initially deferred',
  ],
])('tables of the queue are to come when %s, until the next start has made them', async (_, change) => {
  await using t = await setup();
  expect(await t.findings()).toEqual([UP_TO_DATE]);
  await t.change(change);
  expect(await t.findings()).toEqual([QUEUE_TO_COME]);
  expect(await t.findings()).toEqual([QUEUE_TO_COME]); // Nothing was written.
  await t.start();
  expect(await t.findings()).toEqual([UP_TO_DATE]);
});

test('tables of an older pg-boss are to come too', async () => {
  await using t = await setup();
  await t.change('update pgboss.version set version = version - 1');
  expect(await t.findings()).toEqual([QUEUE_TO_COME]);
});

test('tables of a newer pg-boss are left as they are', async () => {
  await using t = await setup();
  await t.change('update pgboss.version set version = version + 1');
  expect(await t.findings()).toEqual([UP_TO_DATE]);
  expect(await t.start()).toEqual([]);
});

test('a role that may not make the tables of the queue is told so', async () => {
  await using t = await setup();
  await using admin = await connectAdmin();
  const role = await admin.createRole();
  const name = databaseOf(t.database.databaseUrl);
  for (const schema of ['public', 'pgboss']) {
    await admin.queryIn(name, `grant usage on schema ${schema} to ${role.name}`);
    await admin.queryIn(name, `grant all on all tables in schema ${schema} to ${role.name}`);
  }
  const url = role.urlOf(name);
  expect(await t.findings({ url })).toEqual([UP_TO_DATE]);
  await t.change('drop index pgboss.job_common_returned');
  const [due, ...rights] = await t.findings({ url });
  expect(due).toBe(QUEUE_TO_COME);
  expect(rights[0]).toMatch(/^rights fail the role may not make what is to come: .*hookcast migrate/);
  await admin.queryIn(name, `drop owned by ${role.name}`);
});

test('event types of the deployment that have names of the service are named, as the start names them', async () => {
  await using t = await setup();
  for (const name of ['target.disabled', 'target.created', 'wallet.created']) await t.fixtures.eventType({ name });
  const refusal = await t.start().catch((error: Error) => error.message);
  expect(refusal).toMatch(/target\.created, target\.disabled .*SERVICE_EVENTS=false/);
  expect(await t.findings()).toEqual([`database fail ${refusal as string}`, UP_TO_DATE]);
  expect(await t.findings({ serviceEvents: false })).toEqual([UP_TO_DATE]);
});

test('indexes that a worker builds beside publishing are named, until they are built', async () => {
  await using t = await setup();
  await t.change('drop index events_of_customer');
  expect(await t.findings()).toEqual([
    expect.stringMatching(/^database warn indexes are to come \(events_of_customer\): a worker builds them/),
  ]);
  await buildLateIndexes(createDatabaseConnector(t.database.databaseUrl));
  expect(await t.findings()).toEqual([UP_TO_DATE]);
});

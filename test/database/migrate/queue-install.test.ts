/** What Hookcast changes about the tables that pg-boss makes. */
import { expect, test } from 'vitest';
import { migrate } from '../../../src/database/migrate/migrate.ts';
import { createTestDatabase } from '../../support/database.ts';

const REFERENCE = `alter table pgboss.job_common add constraint q_fkey foreign key (name)
  references pgboss.queue (name) on delete restrict deferrable initially deferred`;
const REFERENCES = `select conname from pg_constraint where conrelid = 'pgboss.job_common'::regclass and contype = 'f'`;

async function setup() {
  const database = await createTestDatabase();
  const busy: true[] = [];
  return {
    ...database,
    busy,
    references: async () => (await database.pool.query(REFERENCES)).rows,
    start: (mostTries: number) => migrate(database.databaseUrl, { onBusy: () => void busy.push(true), mostTries }),
    [Symbol.asyncDispose]: () => database.close(),
  };
}

test('a job does not look for the row of its queue', async () => {
  await using t = await setup();
  expect(await t.references()).toEqual([]);
});

test('the references of a queue of an earlier release are removed, once nobody uses its jobs', async () => {
  await using t = await setup();
  await t.pool.query(REFERENCE);
  const user = await t.pool.connect();
  await user.query('begin; select from pgboss.job_common');
  await expect(t.start(1)).rejects.toThrow('a migration waits for a table that is in use');
  expect(await t.references()).toEqual([{ conname: 'q_fkey' }]);
  const starting = t.start(10);
  await expect.poll(() => t.busy.length, { timeout: 20_000 }).toBe(1);
  await user.query('commit');
  user.release();
  await starting;
  expect(await t.references()).toEqual([]);
});
